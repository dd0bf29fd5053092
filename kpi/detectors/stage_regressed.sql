-- title: 季后退阶段 | Stages taken back after the quarter
-- question: 有没有季末刚推进、季度结束后又退回去的阶段？ | Were stages claimed late in a quarter taken back once it was over?
-- line: 季度最后 {last_days} 天内进入的阶段，在季末后 {days} 天内退回 | A stage entered in the last {last_days} days of a quarter and taken back within {days} days after it
-- unit: 天 | days
-- with: last_days=30 days=60
-- order: 14
with gone_back as (
    select e.account_id, e.rep_id, e.model, e.stage_no, e.next_no, e.entered_on, e.left_on, e.source_entity, e.source_key, q.period_end
    from core.stage_entry e
    join core.quarter q on q.period_start <= e.entered_on and e.entered_on < q.period_end
    where e.outcome = '回退' and not e.episode
      and e.entered_on >= q.period_end - cast($last_days as int)
      and e.left_on >= q.period_end and e.left_on < q.period_end + cast($days as int)
)
-- A step counted in several processes is asked about once.
select account_id, rep_id, left_on as day, 'stage_taken_back' as reason, left_on - period_end + 1 as number, left_on - entered_on as base,
       null as other_id, null as detail, source_entity, source_key
from gone_back
qualify row_number() over (partition by account_id, entered_on, left_on order by model, stage_no) = 1
