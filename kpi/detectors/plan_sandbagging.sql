-- title: 计划压低 | Plans set low
-- question: 计划是不是定得太低，或开季之后又往下改？ | Are plans set low, or lowered after the quarter began?
-- line: 连续两季完成率超过 {high}%；计划低于去年同期实际的 {low}%；开季后下调 | Over {high} % in two quarters running; a plan below {low} % of last year's actual; lowered after the quarter began
-- unit: 元 | CNY
-- with: high=130 low=80
-- order: 8
with quarterly as (
    select c.rep_id, q.quarter, q.period_start, q.period_end, sum(c.numerator) as actual, sum(c.denominator) as plan
    from mart.contribution_plan_completion c
    join core.quarter q on q.quarter = c.quarter
    where c.rep_id is not null
    group by c.rep_id, q.quarter, q.period_start, q.period_end
),
beside as (
    select n.rep_id, n.period_start, n.period_end, n.actual, n.plan, p.actual as previous_actual, p.plan as previous_plan, y.actual as last_year
    from quarterly n
    left join quarterly p on p.rep_id = n.rep_id and p.period_end = n.period_start
    left join quarterly y on y.rep_id = n.rep_id and y.period_start = n.period_start - interval 1 year
)
select null as account_id, rep_id, period_start as day, 'attainment_high' as reason, actual as number, plan as base,
       null as other_id, null as detail, null as source_entity, null as source_key
from beside
where plan > 0 and previous_plan > 0 and actual * 100 > plan * $high and previous_actual * 100 > previous_plan * $high
union all
select null, rep_id, period_start, 'plan_low', plan, last_year, null, null, null, null
from beside
where plan > 0 and last_year > 0 and plan * 100 < last_year * $low
union all
select account_id, rep_id, stated_on, 'plan_lowered', plan_value, first_value, null, null, 'sales_plan', source_key
from core.plan_version
where stated_on > period_start and place > 1 and plan_value < first_value
