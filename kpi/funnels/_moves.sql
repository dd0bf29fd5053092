-- Each stay and where it led: to another stage, won, terminated, churned, or still open. `period` takes the stays left in the
-- period, any other view those begun in it. Episodes (b6) stand beside the stages and lead nowhere.
select e.account_id, e.deal, e.rep_id, e.dept, e.stage_no as source_no, e.next_no as target_no,
       case when a.view_name = 'period' then e.left_on else e.entered_on end as day,
       case when e.next_no > e.stage_no then 'forward' when e.next_no < e.stage_no then 'back' when e.outcome = '成交' then 'won'
            when e.outcome = '终止' then 'terminated' when e.outcome = '流失' then 'churned' else 'open' end as kind
from stay e
cross join asked a
where not e.episode
  and case when a.view_name = 'period' then e.left_on >= a.start_on and e.left_on < a.end_on
           else e.entered_on >= a.start_on and e.entered_on < a.end_on end
