-- Fields due and not filled at the end of the data of the quarter, by account: what they are worth and since when they are due.
-- The same rules as the metric file_completeness: one row per field that costs the account points.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
judged as (
    select c.account_id, c.rep_id, c.day as as_of, c.denominator as due_weight, f.customer_from
    from contribution_file_completeness c
    join asked q on q.quarter = c.quarter
    left join file f on f.account_id = c.account_id
    where c.denominator > 0 and (q.dept is null or c.dept = q.dept) and (q.rep_id is null or c.rep_id = q.rep_id)
)
select j.account_id, a.account_name, j.rep_id, m.rep_name, r.entity, r.field, r.weight, r.stage, d.due_on, j.due_weight, f.reason
from judged j
cross join file_rule r
join file_due d on d.account_id = j.account_id and d.stage = r.stage and d.due_on <= j.as_of
left join file_field f on f.account_id = j.account_id and f.field = r.field and f.entity = r.entity
    and f.from_date <= j.as_of and j.as_of < f.to_date
left join account a on a.account_id = j.account_id
left join member m on m.rep_id = j.rep_id
where not coalesce(f.filled, false)
  and not (r.entity = 'value_assessment' and j.customer_from is not null and j.customer_from <= j.as_of)
order by j.account_id, r.weight desc, r.entity, r.field
