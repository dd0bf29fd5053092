-- title: 回款率 | Collection rate
-- question: 到期该收的款，收回了多少？ | How much of what fell due was paid?
-- formula: 回款 ÷ 计划回款（到期应收） | Payments received ÷ payments due
-- unit: percent
-- better: higher
-- rollup: ratio
-- grain: flow
-- interval: none
-- no_base: 无基数
-- parts: 回款(元),到期应收(元) | Received (CNY),Due (CNY)
-- kind: supporting
with moment as (
    select p._key as source_key, p.account_id, p.rep_id, cast(p.paid_at as date) as day, p.amount as paid, cast(0 as decimal(18, 4)) as due
    from core.payment p
    where p.paid_at is not null and p.amount is not null
    union all
    select p._key, p.account_id, p.rep_id, cast(p.due_at as date), cast(0 as decimal(18, 4)), p.due_amount
    from core.payment p
    where p.due_at is not null and p.due_amount is not null
),
owned as (
    select m.source_key, m.account_id, coalesce(m.rep_id, t.rep_id) as rep_id, m.day, m.paid, m.due
    from moment m
    left join core.tenure t on t.account_id = m.account_id and t.from_date <= m.day and m.day < t.to_date
)
select o.account_id, o.rep_id, r.dept, cast(null as varchar) as plan_id, q.quarter, q.period_start, q.period_end, o.day,
       cast(o.paid as decimal(18, 4)) as numerator, cast(o.due as decimal(18, 4)) as denominator,
       case when o.due <> 0 then 'due' else 'payment' end as reason, o.day as reason_date, 'payment' as source_entity, o.source_key
from owned o
left join core.member r on r.rep_id = o.rep_id
cross join core.clock k
join core.quarter q on q.period_start <= o.day and o.day < q.period_end
where o.day <= k.data_date
