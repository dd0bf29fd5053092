-- Complaints open at the end of the data of the quarter, the oldest first.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
held as (
    select t.account_id, t.rep_id, m.rep_name, coalesce(t.dept, '未归属') as dept, p.as_of, q.period_start
    from asked q
    join period p on p.quarter = q.quarter
    join tenure t on coalesce(t.dept, '未归属') = p.dept and t.from_date <= p.as_of and p.as_of < t.to_date
    left join member m on m.rep_id = t.rep_id
    where (q.dept is null or t.dept = q.dept) and (q.rep_id is null or t.rep_id = q.rep_id)
)
select h.account_id, a.account_name, h.rep_id, h.rep_name, c.complaint_no, cast(c.opened_at as date) as opened_on, c.type, c.severity,
       h.as_of - cast(c.opened_at as date) as days_open, c.first_response_at is null or cast(c.first_response_at as date) > h.as_of as unanswered
from held h
join complaint c on c.account_id = h.account_id and cast(c.opened_at as date) <= h.as_of
    and (c.closed_at is null or cast(c.closed_at as date) > h.as_of)
left join account a on a.account_id = h.account_id
order by days_open desc, c.complaint_no
