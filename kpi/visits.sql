-- Planned visits of a period and how they went; unplanned ones stand beside them (domain.md §5.7).
select count(*) filter (where planned) as planned,
       count(*) filter (where planned and done and abs(cast(visit_at as date) - plan_date) <= 3) as on_time,
       count(*) filter (where planned and done) as done,
       count(*) filter (where planned and status = '取消(客户)') as cancelled_by_customer,
       count(*) filter (where not planned and done) as unplanned
from (
    select *, plan_date is not null and status is distinct from '取消(我方)' as planned,
           visit_at is not null and coalesce(status, '完成') = '完成' as done
    from visit
    where coalesce(plan_date, cast(visit_at as date)) >= $start and coalesce(plan_date, cast(visit_at as date)) < $end
      and (cast($rep as varchar) is null or rep_id = $rep)
)
