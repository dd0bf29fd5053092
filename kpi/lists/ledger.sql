-- Plan, orders, cash, invoices and receivables of the quarter side by side: one row per rep and account; plans have no account.
-- Orders, invoices and returns: lines that count. Receivables: instalments as they stood at the end of the data of the quarter.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id,
           (select max(p.as_of) from period p where p.quarter = q.quarter) as as_of
    from quarter q
    where q.quarter = $quarter
),
planned as (
    select c.rep_id, c.account_id, sum(c.denominator) as plan
    from contribution_plan_completion c
    join asked q on q.quarter = c.quarter
    where c.denominator <> 0
    group by c.rep_id, c.account_id
),
ordered as (
    select s.rep_id, s.account_id, sum(s.amount) as orders, sum(case when s.amount < 0 then s.amount else 0 end) as returns
    from sale s
    join asked q on q.period_start <= s.day and s.day < q.period_end
    where s.counts
    group by s.rep_id, s.account_id
),
invoiced as (
    select s.rep_id, s.account_id, sum(s.amount) as invoiced
    from sale s
    join orders o on o._key = s.sale_key
    join asked q on q.period_start <= cast(coalesce(o.invoiced_at, case when s.amount < 0 then s.day end) as date)
        and cast(coalesce(o.invoiced_at, case when s.amount < 0 then s.day end) as date) <= q.as_of
    where s.counts
    group by s.rep_id, s.account_id
),
paid as (
    select coalesce(p.rep_id, t.rep_id) as rep_id, p.account_id, sum(p.amount) as cash
    from payment p
    join asked q on q.period_start <= p.paid_at and p.paid_at <= q.as_of
    left join tenure t on t.account_id = p.account_id and t.from_date <= p.paid_at and p.paid_at < t.to_date
    where p.amount is not null
    group by coalesce(p.rep_id, t.rep_id), p.account_id
),
sale_day as (
    select order_no, account_id, min(day) as day from sale where amount > 0 group by order_no, account_id
),
-- What is open is owed to whoever holds the account at the end of the data.
owed as (
    select coalesce(t.rep_id, p.rep_id) as rep_id, p.account_id, q.as_of - p.due_at as late,
           p.due_amount - case when p.paid_at <= q.as_of then coalesce(p.amount, 0) else 0 end as open_amount
    from payment p
    cross join asked q
    left join sale_day s on s.order_no = p.order_no and s.account_id = p.account_id
    left join tenure t on t.account_id = p.account_id and t.from_date <= q.as_of and q.as_of < t.to_date
    where p.due_amount is not null and p.due_at is not null and coalesce(s.day, p.due_at) <= q.as_of
),
receivable as (
    select rep_id, account_id, sum(open_amount) as receivable,
           coalesce(sum(open_amount) filter (where late > 0), 0) as overdue,
           coalesce(sum(open_amount) filter (where late between 1 and 30), 0) as late_30,
           coalesce(sum(open_amount) filter (where late between 31 and 60), 0) as late_60,
           coalesce(sum(open_amount) filter (where late between 61 and 90), 0) as late_90,
           coalesce(sum(open_amount) filter (where late > 90), 0) as late_more
    from owed
    where open_amount > 0
    group by rep_id, account_id
),
part as (
    select rep_id, account_id, plan, null as orders, null as returns, null as invoiced, null as cash, null as receivable,
           null as overdue, null as late_30, null as late_60, null as late_90, null as late_more
    from planned
    union all by name select rep_id, account_id, orders, returns from ordered
    union all by name select rep_id, account_id, invoiced from invoiced
    union all by name select rep_id, account_id, cash from paid
    union all by name select * from receivable
),
gathered as (
    select rep_id, account_id, coalesce(sum(plan), 0) as plan, coalesce(sum(orders), 0) as orders, coalesce(sum(returns), 0) as returns,
           coalesce(sum(invoiced), 0) as invoiced, coalesce(sum(cash), 0) as cash, coalesce(sum(receivable), 0) as receivable,
           coalesce(sum(overdue), 0) as overdue, coalesce(sum(late_30), 0) as late_30, coalesce(sum(late_60), 0) as late_60,
           coalesce(sum(late_90), 0) as late_90, coalesce(sum(late_more), 0) as late_more
    from part
    group by rep_id, account_id
)
select coalesce(g.rep_id, '未归属') as rep_id, coalesce(m.rep_name, g.rep_id) as rep_name, coalesce(m.dept, '未归属') as dept,
       g.account_id, a.account_name, g.* exclude (rep_id, account_id)
from gathered g
cross join asked q
left join member m on m.rep_id = g.rep_id
left join account a on a.account_id = g.account_id
where (q.dept is null or coalesce(m.dept, '未归属') = q.dept) and (q.rep_id is null or coalesce(g.rep_id, '未归属') = q.rep_id)
order by rep_id, g.orders desc, g.account_id
