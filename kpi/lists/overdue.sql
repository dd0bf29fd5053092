-- Instalments due and not fully paid at the end of the data of the quarter, one a row, the longest overdue first.
with asked as (
    select q.quarter, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id,
           (select max(p.as_of) from period p where p.quarter = q.quarter) as as_of
    from quarter q
    where q.quarter = $quarter
),
owed as (
    select p.payment_no, p.order_no, p.account_id, coalesce(t.rep_id, p.rep_id) as rep_id, p.due_at, q.as_of - p.due_at as days_overdue,
           p.due_amount - case when p.paid_at <= q.as_of then coalesce(p.amount, 0) else 0 end as open_amount, p.due_amount, p._sheet, p._row
    from payment p
    cross join asked q
    left join tenure t on t.account_id = p.account_id and t.from_date <= q.as_of and q.as_of < t.to_date
    where p.due_amount is not null and p.due_at < q.as_of
)
select o.account_id, a.account_name, o.rep_id, m.rep_name, o.payment_no, o.order_no, o.due_at, o.days_overdue, o.due_amount, o.open_amount,
       f.name as file, s.sheet, o._row as source_row
from owed o
cross join asked q
left join member m on m.rep_id = o.rep_id
left join account a on a.account_id = o.account_id
left join source_sheet s on s.sheet_id = o._sheet
left join source_file f on f.file_id = s.file_id
where o.open_amount > 0
  and (q.dept is null or coalesce(m.dept, '未归属') = q.dept) and (q.rep_id is null or coalesce(o.rep_id, '未归属') = q.rep_id)
order by o.days_overdue desc, o.open_amount desc, o.payment_no
