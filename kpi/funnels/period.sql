-- 本期离开 | Period: who left a stage in the period, and how.
select e.account_id, e.deal, e.cycle_no, e.stage_no, e.pass, e.left_on as day, e.rep_id, e.dept, e.amount, false as skipped,
       e.left_on as until, e.fate, e.reason
from stay e
cross join asked a
where e.left_on >= a.start_on and e.left_on < a.end_on and e.fate <> 'open'
qualify row_number() over (partition by e.unit_no, e.stage_no, case when e.episode then e.pass end
                           order by e.position desc, e.pass desc) = 1
