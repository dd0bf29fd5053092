-- Open developments without the milestone of their model's gate: still before it, or already past it.
select e.account_id, e.deal, e.rep_id, e.dept, e.stage_no, e.entered_on as day, e.stage_no > g.stage_no as passed
from stay e
join stage g on g.model = $model and g.gate_milestone is not null and e.stage_no >= g.stage_no
left join milestone m on m.account_id = e.account_id and m.cycle_no = e.cycle_no and m.milestone = g.gate_milestone
left join account a on a.account_id = e.account_id
where e.fate = 'open' and not e.episode and e.deal is null and m.day is null and a.opportunity_exists is distinct from true
