-- Stays in the five-stage model still open at the end of the data of the quarter, longest first; `days` in the stage.
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
select h.account_id, a.account_name, h.rep_id, h.rep_name, e.stage_no as stage, g.name_zh, g.name_en, e.entered_on, h.as_of - e.entered_on as days
from held h
join stage_entry e on e.account_id = h.account_id and e.model = 'a' and not e.episode
    and e.entered_on <= h.as_of and (e.left_on is null or e.left_on > h.as_of)
join stage g on g.model = e.model and g.stage_no = e.stage_no
left join account a on a.account_id = h.account_id
order by days desc, h.account_id
