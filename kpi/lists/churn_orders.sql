-- Order days of the accounts judged for churn in the quarter, over the eight quarters up to its end.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
judged as (
    select distinct c.account_id, q.period_end
    from contribution_churn c
    join asked q on q.quarter = c.quarter
    where (q.dept is null or c.dept = q.dept) and (q.rep_id is null or coalesce(c.rep_id, '未归属') = q.rep_id)
)
select s.account_id, s.day, sum(s.amount) as amount
from sale s
join judged j on j.account_id = s.account_id
where s.counts and s.amount > 0 and s.day < j.period_end and s.day >= cast(j.period_end - interval 2 year as date)
group by s.account_id, s.day
order by s.account_id, s.day
