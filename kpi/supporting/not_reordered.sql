-- title: 上季买过、本季没买 | Bought last quarter, not in this one
-- question: 上一季下过单的客户，本季有多少没有再下单？ | How many who ordered in the quarter before did not in this one?
-- formula: 本季没有下单的客户 ÷ 上季下过单的客户 | Accounts without an order this quarter ÷ accounts with one in the quarter before
-- unit: percent
-- better: lower
-- rollup: ratio
-- grain: stock
-- interval: wilson
-- no_base: 无基数
-- parts: 本季没买(户),上季买过(户) | Not this quarter (accounts),Last quarter (accounts)
-- kind: supporting
with bought as (
    select q.quarter, q.period_start, q.period_end, s.account_id, max(s.day) as day, max(s.sale_key) as source_key
    from core.quarter q
    join core.quarter b on b.period_end = q.period_start
    join core.sale s on s.counts and s.amount > 0 and s.day >= b.period_start and s.day < b.period_end
    where s.account_id is not null
    group by q.quarter, q.period_start, q.period_end, s.account_id
),
held as (
    select b.quarter, b.period_start, b.period_end, b.account_id, b.day, b.source_key, t.rep_id, coalesce(t.dept, '未归属') as dept
    from bought b
    left join core.tenure t on t.account_id = b.account_id and t.from_date <= b.period_start and b.period_start < t.to_date
),
again as (
    select h.quarter, h.account_id, min(s.day) as day
    from held h
    join core.sale s on s.account_id = h.account_id and s.counts and s.amount > 0 and s.day >= h.period_start and s.day < h.period_end
    group by h.quarter, h.account_id
)
select h.account_id, h.rep_id, h.dept, cast(null as varchar) as plan_id, h.quarter, h.period_start, h.period_end, h.day,
       cast(case when a.day is null then 1 else 0 end as decimal(18, 4)) as numerator, cast(1 as decimal(18, 4)) as denominator,
       case when a.day is null then 'not_again' else 'again' end as reason,
       coalesce(a.day, h.day) as reason_date, 'orders' as source_entity, h.source_key
from held h
join core.period p on p.quarter = h.quarter and p.dept = h.dept
left join again a on a.quarter = h.quarter and a.account_id = h.account_id
