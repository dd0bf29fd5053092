-- 在场 | At risk: who stood in a stage at any time in the period, and whether they left it before its end.
select e.account_id, e.deal, e.cycle_no, e.stage_no, e.pass, greatest(e.entered_on, a.start_on) as day, e.rep_id, e.dept, e.amount,
       false as skipped, case when e.left_on < a.end_on then e.left_on end as until,
       case when e.left_on < a.end_on then e.fate else 'open' end as fate, e.reason
from stay e
cross join asked a
where e.entered_on < a.end_on and (e.left_on is null or e.left_on >= a.start_on)
qualify row_number() over (partition by e.unit_no, e.stage_no, case when e.episode then e.pass end
                           order by e.position desc, e.pass desc) = 1
