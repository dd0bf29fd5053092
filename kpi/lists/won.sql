-- New key accounts of the quarter: credited rep, source, first order, sales of the quarter.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
won as (
    select c.account_id, c.rep_id, c.day, c.reason, c.reason_date, q.period_start, q.period_end
    from contribution_new_development c
    join asked q on q.quarter = c.quarter
    where c.numerator = 1 and (q.dept is null or c.dept = q.dept) and (q.rep_id is null or c.rep_id = q.rep_id)
)
select w.account_id, a.account_name, w.rep_id, m.rep_name, a.source, min(s.day) as first_order, max(s.day) as last_order,
       w.reason, w.reason_date,
       coalesce(sum(s.amount) filter (where s.day >= w.period_start and s.day < w.period_end), 0) as sales
from won w
left join account a on a.account_id = w.account_id
left join member m on m.rep_id = w.rep_id
left join sale s on s.account_id = w.account_id and s.counts and s.day < w.period_end
group by w.account_id, a.account_name, w.rep_id, m.rep_name, a.source, w.reason, w.reason_date
order by sales desc, w.account_id
