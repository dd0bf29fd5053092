-- title: 客户回访率 | Customers visited
-- question: 大客户中，本季有多少被拜访或通话过？ | How many key accounts were visited or called this quarter?
-- formula: 有拜访或接通电话的大客户 ÷ 大客户总数 | Key accounts with a visit or an answered call ÷ key accounts
-- unit: percent
-- better: higher
-- rollup: ratio
-- grain: stock
-- interval: wilson
-- no_base: 无基数
-- parts: 已回访(户),大客户(户) | Visited (accounts),Key accounts
-- kind: supporting
with held as (
    select t.account_id, t.rep_id, t.dept, p.quarter, p.period_start, p.period_end, p.as_of
    from core.period p
    join core.tenure t on t.dept = p.dept and t.from_date <= p.as_of and p.as_of < t.to_date
    join core.account_state k on k.account_id = t.account_id and k.is_key and k.from_date <= p.as_of and p.as_of < k.to_date
),
contact as (
    select account_id, cast(visit_at as date) as day from core.visit where visit_at is not null and coalesce(status, '完成') = '完成'
    union all
    select account_id, cast(call_at as date) from core.call where call_at is not null and coalesce(connected, true)
),
seen as (
    select h.account_id, h.quarter, max(c.day) as day
    from held h
    join contact c on c.account_id = h.account_id and c.day >= h.period_start and c.day <= h.as_of
    group by h.account_id, h.quarter
)
select h.account_id, h.rep_id, h.dept, cast(null as varchar) as plan_id, h.quarter, h.period_start, h.period_end, h.as_of as day,
       cast(case when s.day is null then 0 else 1 end as decimal(18, 4)) as numerator, cast(1 as decimal(18, 4)) as denominator,
       case when s.day is null then 'not_visited' else 'visited' end as reason, s.day as reason_date, 'account' as source_entity, h.account_id as source_key
from held h
left join seen s on s.account_id = h.account_id and s.quarter = h.quarter
