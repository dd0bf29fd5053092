-- Who held each account judged for churn while it was silent: days from the last order to the line or the end of the data.
with asked as (
    select q.quarter, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
silent as (
    select distinct c.account_id, c.day as last_order, least(p.as_of, c.reason_date) as until
    from contribution_churn c
    join asked q on q.quarter = c.quarter
    join period p on p.quarter = c.quarter and p.dept = coalesce(c.dept, '未归属')
    where (q.dept is null or c.dept = q.dept) and (q.rep_id is null or coalesce(c.rep_id, '未归属') = q.rep_id)
)
select s.account_id, t.rep_id, coalesce(m.rep_name, t.rep_id) as rep_name,
       sum(date_diff('day', greatest(t.from_date, s.last_order), least(t.to_date, s.until))) as days
from silent s
join tenure t on t.account_id = s.account_id and t.from_date < s.until and t.to_date > s.last_order
left join member m on m.rep_id = t.rep_id
where s.last_order < s.until
group by s.account_id, t.rep_id, m.rep_name
order by s.account_id, days desc, t.rep_id
