-- Complaints that are open today; `late` ones are unanswered or open for more than two weeks.
select account_id, cast(opened_at as date) as day, coalesce(content, type) as words, null as amount, $today - cast(opened_at as date) as days,
       first_response_at is null or cast(first_response_at as date) > $today or $today - cast(opened_at as date) > 14 as late
from complaint
where cast(opened_at as date) <= $today and (closed_at is null or cast(closed_at as date) > $today)
