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
    select plan_id, rep_id, period_start, period_end from core.plan_line where not calendar and rep_id is not null
),
sale_line as (
    select s.sale_key, s.account_id, s.rep_id, s.dept, s.day, s.amount, s.counts, s.reason, q.quarter,
           l.plan_id as own_plan_id, m.plan_id as month_plan_id,
           coalesce(l.period_start, q.period_start) as period_start, coalesce(l.period_end, q.period_end) as period_end,
           row_number() over (partition by s.sale_key order by l.period_start, l.plan_id) as choice
    from core.sale s
    left join core.quarter q on q.period_start <= s.day and s.day < q.period_end
    left join line l on l.rep_id = s.rep_id and l.period_start <= s.day and s.day < l.period_end
    left join core.plan_month m
        on m.rep_id = s.rep_id and m.account_id is null and m.month_start = cast(date_trunc('month', s.day) as date)
)
select account_id, rep_id, dept, coalesce(own_plan_id, month_plan_id) as plan_id, quarter, period_start, period_end, day,
       case when counts then amount else cast(0 as decimal(18, 4)) end as numerator,
       cast(0 as decimal(18, 4)) as denominator,
       reason, day as reason_date, 'orders' as source_entity, sale_key as source_key
from sale_line
where choice = 1
union all
select p.account_id, p.rep_id, p.dept, p.plan_id, q.quarter, q.period_start, q.period_end, p.month_start as day,
       cast(0 as decimal(18, 4)) as numerator, p.value as denominator,
       p.reason, p.month_start as reason_date, 'sales_plan' as source_entity, p.source_key
from core.plan_month p
join core.quarter q on q.period_start <= p.month_start and p.month_start < q.period_end
join core.period d on d.quarter = q.quarter and d.dept = p.dept
where p.rep_id is not null and p.account_id is null
union all
select l.account_id, l.rep_id, l.dept, l.plan_id, cast(null as varchar) as quarter, l.period_start, l.period_end, l.period_start as day,
       cast(0 as decimal(18, 4)) as numerator, l.plan_value as denominator,
       'plan' as reason, l.period_start as reason_date, 'sales_plan' as source_entity, l.source_key
from core.plan_line l
where not l.calendar and l.rep_id is not null
