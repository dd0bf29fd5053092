-- Visits planned for the coming week and those of the last three days that nobody has done or moved yet.
select account_id, plan_date as day, purpose as words, null as amount, plan_date - $today as days
from visit
where visit_at is null and plan_date >= $today - 3 and plan_date <= $today + 7 and coalesce(status, '计划') in ('计划', '未执行')
