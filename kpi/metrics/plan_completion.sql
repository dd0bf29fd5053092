-- title: 销售计划完成率 | Plan completion
-- question: 这段时间的计划完成了多少？ | How much of the plan for this time was met?
-- formula: 有效订单金额(正式+试单−退货) ÷ 生效计划 | Valid orders (formal + trial − returns) ÷ plan in force
-- unit: percent
-- better: higher
-- rollup: ratio
-- grain: flow
-- interval: none
-- target: 1
-- no_base: 无计划
-- parts: 实际(元),计划(元) | Actual (CNY),Plan (CNY)
with line as (
    select plan_id, rep_id, period_start, period_end from core.plan_line where not calendar and rep_id is not null and account_id is null
),
divided as (
    select plan_id, rep_id, account_id, month_start from core.plan_share where reason not in ('plan_undivided', 'to_divide', 'plan_within_own')
),
undivided as (
    select plan_id, dept, month_start from core.plan_share where reason = 'plan_undivided'
),
sale_line as (
    select s.source_entity, s.source_key, s.account_id, s.rep_id, s.dept, s.day, s.amount, s.counts, s.reason, q.quarter, l.plan_id as own_plan_id,
           coalesce(m.plan_id, a.plan_id, d.plan_id, w.plan_id) as month_plan_id,
           coalesce(l.period_start, q.period_start) as period_start, coalesce(l.period_end, q.period_end) as period_end,
           row_number() over (partition by s.source_entity, s.source_key, s.rep_id order by l.period_start, l.plan_id, a.plan_id, d.plan_id, w.plan_id) as choice
    from core.plan_actual s
    left join core.quarter q on q.period_start <= s.day and s.day < q.period_end
    left join line l on l.rep_id = s.rep_id and l.period_start <= s.day and s.day < l.period_end
    left join divided m
        on m.rep_id = s.rep_id and m.account_id is null and m.month_start = cast(date_trunc('month', s.day) as date)
    left join divided a
        on a.account_id = s.account_id and coalesce(a.rep_id, '') = coalesce(s.rep_id, '') and a.month_start = cast(date_trunc('month', s.day) as date)
    left join undivided d on d.dept = s.dept and d.month_start = cast(date_trunc('month', s.day) as date)
    left join undivided w on w.dept is null and w.month_start = cast(date_trunc('month', s.day) as date)
)
select account_id, rep_id, dept, coalesce(own_plan_id, month_plan_id) as plan_id, quarter, period_start, period_end, day,
       case when counts then amount else cast(0 as decimal(18, 4)) end as numerator,
       cast(0 as decimal(18, 4)) as denominator,
       reason, day as reason_date, source_entity, source_key
from sale_line
where choice = 1
union all
select account_id, rep_id, dept, plan_id, quarter, period_start, period_end, month_start as day,
       cast(0 as decimal(18, 4)) as numerator, value as denominator,
       reason, month_start as reason_date, 'sales_plan' as source_entity, source_key
from core.plan_share
union all
select l.account_id, l.rep_id, l.dept, l.plan_id, cast(null as varchar) as quarter, l.period_start, l.period_end, l.period_start as day,
       cast(0 as decimal(18, 4)) as numerator, l.plan_value as denominator,
       'plan' as reason, l.period_start as reason_date, 'sales_plan' as source_entity, l.source_key
from core.plan_line l
where not l.calendar and l.rep_id is not null and l.account_id is null
