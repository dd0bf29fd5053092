-- How developments end: one row per unit, from its first day in the model to its win or its end.
-- `period` takes what was closed in the period, any other view what began in it.
select r.account_id, r.deal, r.cycle_no, r.rep_id, r.dept, r.amount, r.reached_on,
       case when a.view_name = 'period' then least(r.won_on, r.end_on) else r.reached_on end as day,
       case when r.won_on is not null then 'won' when r.end_on is not null then 'lost' else 'open' end as fate,
       least(r.won_on, r.end_on) - r.reached_on as days
from stage_reach r
join asked a on a.model = r.model
where r.stage_no = (select min(stage_no) from stage where model = $model and enabled)
  and case when a.view_name = 'period' then least(r.won_on, r.end_on) >= a.start_on and least(r.won_on, r.end_on) < a.end_on
           else r.reached_on >= a.start_on and r.reached_on < a.end_on end
