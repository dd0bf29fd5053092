-- Fields that fall due between the end of the data and the quarter's end, a row a field; of the accounts in the completeness base, and of
-- those that enter it by then because their first fields fall due.
-- The same rules as the metric file_completeness; `filled` as the file stands at the end of the data.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
judged as (
    select c.account_id, c.rep_id, c.day as as_of, q.period_end, f.customer_from
    from contribution_file_completeness c
    join asked q on q.quarter = c.quarter
    left join file f on f.account_id = c.account_id
    where (c.denominator > 0 or c.reason in ('nothing_due', 'too_new')) and (q.dept is null or c.dept = q.dept) and (q.rep_id is null or c.rep_id = q.rep_id)
)
select j.account_id, r.entity, r.field, r.weight, d.due_on, coalesce(f.filled, false) as filled
from judged j
cross join file_rule r
join file_due d on d.account_id = j.account_id and d.stage = r.stage and d.due_on > j.as_of and d.due_on < j.period_end
left join file_field f on f.account_id = j.account_id and f.field = r.field and f.entity = r.entity
    and f.from_date <= j.as_of and j.as_of < f.to_date
where not (r.entity = 'value_assessment' and j.customer_from is not null and j.customer_from <= j.as_of)
order by j.account_id, r.entity, r.field
