-- title: 订单间隔 | Gap between orders
-- question: 客户隔多少天下一次单？（供设定流失判定天数） | How many days between an account's orders? (to choose the churn window)
-- formula: 客户相邻下单日之间天数的中位数，附 P75、P90 | Median days between an account's order days, with P75 and P90
-- unit: days
-- better: lower
-- rollup: median
-- grain: stock
-- interval: none
-- no_base: 无基数
-- parts: 间隔(天),次数 | Gap (days),Gaps
-- kind: supporting
select s.account_id, t.rep_id, coalesce(t.dept, '未归属') as dept, cast(null as varchar) as plan_id, q.quarter, q.period_start, q.period_end, s.day,
       cast(s.gap as decimal(18, 4)) as numerator, cast(1 as decimal(18, 4)) as denominator,
       'gap' as reason, s.day as reason_date, 'orders' as source_entity, s.source_key
from core.spell s
join core.quarter q on q.period_start <= s.day and s.day < q.period_end
left join core.tenure t on t.account_id = s.account_id and t.from_date <= s.day and s.day < t.to_date
where s.gap is not null
