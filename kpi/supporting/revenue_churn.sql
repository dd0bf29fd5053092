-- title: 收入流失率 | Revenue churn
-- question: 期初客户的年收入，有多少随流失的客户走了？ | How much of the opening customers' yearly revenue went with those lost?
-- formula: 流失客户近四季收入 ÷ 期初客户近四季收入 | Last-four-quarter revenue of lost accounts ÷ of the opening base
-- unit: percent
-- better: lower
-- rollup: ratio
-- grain: stock
-- interval: none
-- no_base: 无基数
-- parts: 流失客户收入(元),期初客户收入(元) | Lost revenue (CNY),Opening revenue (CNY)
-- kind: supporting
with opening as (
    select a.account_id, q.quarter, q.period_start, q.period_end, t.rep_id, coalesce(t.dept, '未归属') as dept
    from core.account a
    cross join core.quarter q
    join core.spell s on s.account_id = a.account_id and s.day < q.period_start and s.active_to >= q.period_start
    join core.account_state k
        on k.account_id = a.account_id and k.is_key
        and k.from_date <= cast(q.period_start - interval 1 day as date) and cast(q.period_start - interval 1 day as date) < k.to_date
    left join core.tenure t on t.account_id = a.account_id and t.from_date <= q.period_start and q.period_start < t.to_date
),
ended as (
    select o.account_id, o.quarter, o.period_start, o.period_end, o.rep_id, o.dept, p.as_of, max(s.day) as last_day
    from opening o
    join core.period p on p.quarter = o.quarter and p.dept = o.dept
    join core.spell s on s.account_id = o.account_id and s.day <= p.as_of
    group by o.account_id, o.quarter, o.period_start, o.period_end, o.rep_id, o.dept, p.as_of
),
earned as (
    select e.account_id, e.quarter, sum(s.amount) as revenue
    from ended e
    join core.sale s on s.account_id = e.account_id and s.counts
        and s.day >= cast(e.period_start - interval 12 month as date) and s.day < e.period_start
    group by e.account_id, e.quarter
)
select e.account_id, e.rep_id, e.dept, cast(null as varchar) as plan_id, e.quarter, e.period_start, e.period_end, e.last_day as day,
       cast(case when s.active_to <= e.as_of then r.revenue else 0 end as decimal(18, 4)) as numerator,
       cast(r.revenue as decimal(18, 4)) as denominator,
       case when s.active_to <= e.as_of then 'revenue_lost' else 'revenue_kept' end as reason,
       s.active_to as reason_date, 'orders' as source_entity, s.source_key
from ended e
join core.spell s on s.account_id = e.account_id and s.day = e.last_day
join earned r on r.account_id = e.account_id and r.quarter = e.quarter
