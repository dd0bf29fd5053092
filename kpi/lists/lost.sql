-- Accounts lost in the quarter: who answers for them, first and last order, sales of the four quarters up to its end.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
lost as (
    select c.account_id, c.rep_id, c.day, c.reason, c.reason_date, q.period_end
    from contribution_churn c
    join asked q on q.quarter = c.quarter
    where c.numerator = 1 and (q.dept is null or c.dept = q.dept) and (q.rep_id is null or c.rep_id = q.rep_id)
)
select l.account_id, a.account_name, l.rep_id, m.rep_name, min(s.day) as first_order, l.day as last_order, l.reason, l.reason_date,
       coalesce(sum(s.amount) filter (where s.day >= cast(l.period_end - interval 1 year as date) and s.day < l.period_end), 0) as sales
from lost l
left join account a on a.account_id = l.account_id
left join member m on m.rep_id = l.rep_id
left join sale s on s.account_id = l.account_id and s.counts
group by l.account_id, a.account_name, l.rep_id, m.rep_name, l.day, l.reason, l.reason_date
order by sales desc, l.account_id
