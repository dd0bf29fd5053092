-- First stays in the stages of the five-stage model up to the end of the data of the quarter: days, way of leaving, how many.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
last as (
    select max(p.as_of) as as_of
    from period p
    join asked q on q.quarter = p.quarter
)
select e.stage_no as stage, least(coalesce(e.left_on, l.as_of), l.as_of) - e.entered_on as days,
       case when e.left_on is null or e.left_on > l.as_of then '' else e.outcome end as cause, count(*) as stays
from stage_entry e
cross join last l
cross join asked q
where e.model = 'a' and not e.episode and e.pass = 1 and e.entered_on <= l.as_of and (q.dept is null or e.dept = q.dept)
group by all
order by all
