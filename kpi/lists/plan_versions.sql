-- Versions of the plan lines that touch the quarter: which one the quarter is judged by, and what each changed (domain.md §8a.6).
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
judged as (
    select distinct m.plan_id, m.source_key
    from plan_month m
    join asked q on q.period_start <= m.month_start and m.month_start < q.period_end
)
select v.plan_id, v.rep_id, m.rep_name, coalesce(m.dept, v.dept) as dept, v.account_id, a.account_name, v.period_start, v.period_end, v.place,
       v.version, v.stated_on, v.plan_value, v.plan_value - lag(v.plan_value) over (partition by v.plan_id order by v.place) as moved,
       j.source_key is not null as counts, count(*) over (partition by v.plan_id) as versions
from plan_version v
cross join asked q
left join judged j on j.plan_id = v.plan_id and j.source_key = v.source_key
left join member m on m.rep_id = v.rep_id
left join account a on a.account_id = v.account_id
where v.period_start < q.period_end and v.period_end > q.period_start
  and (q.dept is null or coalesce(m.dept, v.dept, q.dept) = q.dept) and (q.rep_id is null or v.rep_id = q.rep_id)
order by v.rep_id nulls first, v.period_start, v.plan_id, v.place
