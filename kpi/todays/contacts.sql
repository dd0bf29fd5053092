-- Days of contact since a day: a note of a contact is merged with what an export says of it.
select account_id, cast(visit_at as date) as day
from visit
where visit_at is not null and coalesce(status, '完成') = '完成' and cast(visit_at as date) between $since and $today
union
select account_id, cast(call_at as date)
from call
where call_at is not null and coalesce(connected, coalesce(duration_s, 1) > 0) and cast(call_at as date) between $since and $today
