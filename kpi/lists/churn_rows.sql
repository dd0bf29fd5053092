-- Every account judged for churn in the quarter, counted or left out: rhythm, line, silence at the end of the data, and its source row.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
)
select c.account_id, a.account_name, c.rep_id, m.rep_name, c.numerator, c.denominator, c.reason, c.reason_date, c.day as last_order,
       p.as_of, p.as_of - c.day as silent_days, s.gaps, s.median_gap, s.window_days, s.window_basis, s.churn_date,
       s.churn_date - p.as_of as days_left, f.name as file, t.sheet, o._row as source_row
from contribution_churn c
join asked q on q.quarter = c.quarter
join period p on p.quarter = c.quarter and p.dept = coalesce(c.dept, '未归属')
left join spell s on s.account_id = c.account_id and s.day = c.day
left join account a on a.account_id = c.account_id
left join member m on m.rep_id = c.rep_id
left join orders o on c.source_entity = 'orders' and o._key = c.source_key
left join source_sheet t on t.sheet_id = o._sheet
left join source_file f on f.file_id = t.file_id
where (q.dept is null or c.dept = q.dept) and (q.rep_id is null or coalesce(c.rep_id, '未归属') = q.rep_id)
order by c.numerator desc, c.denominator desc, days_left, c.account_id
