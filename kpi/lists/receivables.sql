-- Instalments due and not fully paid at the end of the data of the quarter, by account; the largest first.
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
),
owed as (
    select h.account_id, h.rep_id, h.rep_name, p.due_at, h.as_of,
           p.due_amount - case when p.paid_at <= h.as_of then coalesce(p.amount, 0) else 0 end as open_amount
    from held h
    join payment p on p.account_id = h.account_id and p.due_at < h.as_of
    where p.due_amount is not null
)
select o.account_id, a.account_name, o.rep_id, o.rep_name, count(*) as instalments, min(o.due_at) as oldest_due,
       max(o.as_of - o.due_at) as days_overdue, sum(o.open_amount) as amount
from owed o
left join account a on a.account_id = o.account_id
where o.open_amount > 0
group by o.account_id, a.account_name, o.rep_id, o.rep_name
order by amount desc, o.account_id
