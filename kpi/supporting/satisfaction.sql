-- title: 平均满意度 | Mean satisfaction
-- question: 客户打了多少分？ | How do customers rate us?
-- formula: 各次(得分 ÷ 满分)的平均 | Mean of score ÷ full marks
-- unit: percent
-- better: higher
-- rollup: mean
-- grain: flow
-- interval: none
-- no_base: 无基数
-- parts: 得分,满分 | Score,Full marks
-- kind: supporting
select s.account_id, t.rep_id, t.dept, cast(null as varchar) as plan_id, q.quarter, q.period_start, q.period_end, cast(s.surveyed_at as date) as day,
       cast(s.score as decimal(18, 4)) as numerator, cast(s.scale as decimal(18, 4)) as denominator,
       'survey' as reason, cast(s.surveyed_at as date) as reason_date, 'survey' as source_entity, s._key as source_key
from core.survey s
left join core.tenure t
    on t.account_id = s.account_id and t.from_date <= cast(s.surveyed_at as date) and cast(s.surveyed_at as date) < t.to_date
cross join core.clock k
join core.quarter q on q.period_start <= cast(s.surveyed_at as date) and cast(s.surveyed_at as date) < q.period_end
where s.score is not null and s.scale is not null and s.scale > 0 and cast(s.surveyed_at as date) <= k.data_date
