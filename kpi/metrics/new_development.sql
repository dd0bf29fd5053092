-- title: 大客户新开发率 | New key-account rate
-- question: 相对期初的大客户数，本期新开发了多少户？ | How many new key accounts, against those at the start?
-- formula: 新开发户数 ÷ 期初在购大客户数 | New key accounts ÷ active key accounts at the start
-- unit: percent
-- better: higher
-- rollup: ratio
-- grain: stock
-- interval: wilson
-- target: 0.05
-- no_base: 无基数
-- interval_if: new_variant=C none
-- parts: 新开发(户),期初(户) | New (accounts),Opening (accounts)
with variant as (
    select value as variant from core.parameter where name = 'new_variant'
),
base as (
    select j.account_id, t.rep_id, coalesce(t.dept, '未归属') as dept, j.quarter, j.period_start, j.period_end, j.last_day, j.source_key
    from (
        select a.account_id, q.quarter, q.period_start, q.period_end, s.day as last_day, s.source_key
        from core.account a
        cross join core.quarter q
        join core.spell s on s.account_id = a.account_id and s.day < q.period_start and s.active_to >= q.period_start
        join core.account_state k
            on k.account_id = a.account_id and k.is_key
            and k.from_date <= cast(q.period_start - interval 1 day as date) and cast(q.period_start - interval 1 day as date) < k.to_date
    ) j
    left join core.tenure t on t.account_id = j.account_id and t.from_date <= j.period_start and j.period_start < t.to_date
),
credited as (
    select n.account_id, n.rep_id, n.new_date, n.is_new, n.reason, n.source_entity, n.source_key,
           coalesce(d.dept, '未归属') as dept, q.quarter, q.period_start, q.period_end, p.as_of
    from core.new_account n
    left join core.member d on d.rep_id = n.rep_id
    join core.quarter q on q.period_start <= n.new_date and n.new_date < q.period_end
    join core.period p on p.quarter = q.quarter and p.dept = coalesce(d.dept, '未归属')
)
select b.account_id, b.rep_id, b.dept, cast(null as varchar) as plan_id, b.quarter, b.period_start, b.period_end, b.last_day as day,
       cast(0 as decimal(18, 4)) as numerator, cast(1 as decimal(18, 4)) as denominator,
       'opening' as reason, b.period_start as reason_date, 'orders' as source_entity, b.source_key
from base b
join core.period p on p.quarter = b.quarter and p.dept = b.dept
join variant v on v.variant = 'B'
union all
select c.account_id, c.rep_id, c.dept, cast(null as varchar) as plan_id, c.quarter, c.period_start, c.period_end, c.last_day as day,
       cast(0 as decimal(18, 4)) as numerator, cast(1 as decimal(18, 4)) as denominator,
       'closing' as reason, c.active_to as reason_date, 'orders' as source_entity, c.source_key
from core.closing c
join variant v on v.variant = 'A'
union all
select cast(null as varchar) as account_id, n.rep_id, n.dept, n.plan_id, q.quarter, q.period_start, q.period_end, n.month_start as day,
       cast(0 as decimal(18, 4)) as numerator, n.value as denominator,
       'new_plan' as reason, n.month_start as reason_date, 'sales_plan' as source_entity, n.source_key
from core.new_plan_month n
join variant v on v.variant = 'C'
join core.quarter q on q.period_start <= n.month_start and n.month_start < q.period_end
join core.period p on p.quarter = q.quarter and p.dept = coalesce(n.dept, '未归属')
union all
select account_id, rep_id, dept, cast(null as varchar) as plan_id, quarter, period_start, period_end, new_date as day,
       cast(case when is_new and new_date <= as_of then 1 else 0 end as decimal(18, 4)) as numerator,
       cast(0 as decimal(18, 4)) as denominator, reason, new_date as reason_date, source_entity, source_key
from credited
where new_date <= as_of
