-- The last three contacts.
select cast(visit_at as date) as day, coalesce(visit_type, '上门') as kind, coalesce(nullif(trim(result), ''), purpose) as words, customer_reaction as reaction
from visit
where account_id = $account and visit_at is not null and coalesce(status, '完成') = '完成'
union all
select cast(call_at as date), '电话', coalesce(nullif(trim(content), ''), purpose), null
from call
where account_id = $account and call_at is not null and coalesce(connected, coalesce(duration_s, 1) > 0)
order by day desc
limit 3
