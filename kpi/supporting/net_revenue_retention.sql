-- title: 净收入留存率 | Net revenue retention
-- question: 一年前的老客户，今年还买多少？ | How much do the customers of a year ago buy now?
-- formula: 老客户近12个月收入 ÷ 其此前12个月收入 | Revenue of the last 12 months ÷ that of the 12 months before, same accounts
-- unit: percent
-- better: higher
-- rollup: ratio
-- grain: stock
-- interval: none
-- no_base: 无基数
-- parts: 近12个月(元),此前12个月(元) | Last 12 months (CNY),12 months before (CNY)
-- kind: supporting
with held as (
    select t.account_id, t.rep_id, t.dept, p.quarter, p.period_start, p.period_end, p.as_of,
           cast(p.as_of - interval 12 month as date) as year_ago, cast(p.as_of - interval 24 month as date) as two_years_ago
    from core.period p
    join core.tenure t on t.dept = p.dept and t.from_date <= p.as_of and p.as_of < t.to_date
),
earned as (
    select h.account_id, h.rep_id, h.dept, h.quarter, h.period_start, h.period_end, h.as_of,
           sum(case when s.day > h.year_ago then s.amount else 0 end) as now_amount,
           sum(case when s.day <= h.year_ago then s.amount else 0 end) as then_amount, max(s.sale_key) as source_key
    from held h
    join core.sale s on s.account_id = h.account_id and s.counts and s.day > h.two_years_ago and s.day <= h.as_of
    group by h.account_id, h.rep_id, h.dept, h.quarter, h.period_start, h.period_end, h.as_of
)
select account_id, rep_id, dept, cast(null as varchar) as plan_id, quarter, period_start, period_end, as_of as day,
       cast(case when then_amount > 0 then now_amount else 0 end as decimal(18, 4)) as numerator,
       cast(case when then_amount > 0 then then_amount else 0 end as decimal(18, 4)) as denominator,
       case when then_amount > 0 then 'old_customer' else 'no_sales_before' end as reason,
       as_of as reason_date, 'orders' as source_entity, source_key
from earned
