-- title: 订货与回款 | Orders against cash
-- question: 卖出去的货，同期收回了多少钱？ | How much cash came in for the orders of the same time?
-- formula: 回款 ÷ 有效订单金额 | Payments ÷ valid orders
-- unit: percent
-- better: higher
-- rollup: ratio
-- grain: flow
-- interval: none
-- no_base: 无基数
-- parts: 回款(元),订单(元) | Received (CNY),Orders (CNY)
-- kind: supporting
with paid as (
    select p._key as source_key, p.account_id, coalesce(p.rep_id, t.rep_id) as rep_id, cast(p.paid_at as date) as day, p.amount
    from core.payment p
    left join core.tenure t
        on t.account_id = p.account_id and t.from_date <= cast(p.paid_at as date) and cast(p.paid_at as date) < t.to_date
    where p.paid_at is not null and p.amount is not null
)
select p.account_id, p.rep_id, m.dept, cast(null as varchar) as plan_id, q.quarter, q.period_start, q.period_end, p.day,
       cast(p.amount as decimal(18, 4)) as numerator, cast(0 as decimal(18, 4)) as denominator,
       'payment' as reason, p.day as reason_date, 'payment' as source_entity, p.source_key
from paid p
left join core.member m on m.rep_id = p.rep_id
cross join core.clock k
join core.quarter q on q.period_start <= p.day and p.day < q.period_end
where p.day <= k.data_date
union all
select s.account_id, s.rep_id, s.dept, cast(null as varchar) as plan_id, q.quarter, q.period_start, q.period_end, s.day,
       cast(0 as decimal(18, 4)) as numerator, s.amount as denominator, s.reason, s.day as reason_date, 'orders' as source_entity, s.sale_key as source_key
from core.sale s
join core.quarter q on q.period_start <= s.day and s.day < q.period_end
where s.counts
