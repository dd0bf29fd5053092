-- Returns of the quarter with the order that they take back; both dates, so that a return of an earlier quarter's order shows.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
placed as (
    select order_no, account_id, min(day) as day, sum(amount) as amount from sale where amount > 0 group by order_no, account_id
)
select s.account_id, a.account_name, s.rep_id, m.rep_name, s.order_no, s.day, s.amount, s.orig_order_no, p.day as ordered_on, p.amount as ordered,
       f.name as file, t.sheet, o._row as source_row
from sale s
join asked q on q.period_start <= s.day and s.day < q.period_end
left join placed p on p.order_no = s.orig_order_no and p.account_id = s.account_id
left join member m on m.rep_id = s.rep_id
left join account a on a.account_id = s.account_id
left join orders o on o._key = s.sale_key
left join source_sheet t on t.sheet_id = o._sheet
left join source_file f on f.file_id = t.file_id
where s.counts and s.amount < 0
  and (q.dept is null or coalesce(s.dept, '未归属') = q.dept) and (q.rep_id is null or coalesce(s.rep_id, '未归属') = q.rep_id)
order by s.amount, s.order_no
