-- title: 拜访计划完成率 | Planned visits done
-- question: 计划的拜访做了多少？ | How many planned visits were done?
-- formula: 已完成的计划拜访 ÷ 计划拜访（客户取消的不计） | Planned visits done ÷ planned (without those the customer cancelled)
-- unit: percent
-- better: higher
-- rollup: ratio
-- grain: flow
-- interval: wilson
-- no_base: 无基数
-- parts: 完成(次),计划(次) | Done,Planned
-- kind: supporting
select v.account_id, v.rep_id, m.dept, cast(null as varchar) as plan_id, q.quarter, q.period_start, q.period_end, cast(v.plan_date as date) as day,
       cast(case when coalesce(v.status, '') <> '取消(客户)' and v.visit_at is not null and coalesce(v.status, '完成') = '完成' then 1 else 0 end as decimal(18, 4)) as numerator,
       cast(case when coalesce(v.status, '') = '取消(客户)' then 0 else 1 end as decimal(18, 4)) as denominator,
       case when coalesce(v.status, '') = '取消(客户)' then 'visit_cancelled'
            when v.visit_at is not null and coalesce(v.status, '完成') = '完成' then 'visit_done' else 'visit_not_done' end as reason,
       cast(v.visit_at as date) as reason_date, 'visit' as source_entity, v._key as source_key
from core.visit v
left join core.member m on m.rep_id = v.rep_id
cross join core.clock k
join core.quarter q on q.period_start <= cast(v.plan_date as date) and cast(v.plan_date as date) < q.period_end
where v.plan_date is not null and cast(v.plan_date as date) <= k.data_date
