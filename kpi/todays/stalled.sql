-- Developments still open in the five-stage process: how long in the stage, against four of five stays in it (domain.md §5.6).
select e.account_id, e.entered_on as day, g.name_zh, g.name_en, e.stage_no, $today - e.entered_on as days, d.p80_days
from stage_entry e
join stage g on g.model = e.model and g.stage_no = e.stage_no
join cycle y on y.account_id = e.account_id and y.cycle_no = e.cycle_no and y.ended_on is null
left join stage_days d on d.model = e.model and d.stage_no = e.stage_no
where e.model = 'a' and not e.episode and e.left_on is null
