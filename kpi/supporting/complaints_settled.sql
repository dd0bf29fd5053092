-- title: 投诉解决满意率 | Complaints settled to satisfaction
-- question: 处理完的投诉，客户满意的有多少？ | How many closed complaints satisfied the customer?
-- formula: 客户满意的投诉 ÷ 有客户意见的已关闭投诉 | Complaints the customer accepted ÷ closed ones with the customer's word
-- unit: percent
-- better: higher
-- rollup: ratio
-- grain: flow
-- interval: wilson
-- no_base: 无基数
-- parts: 满意(件),有意见(件) | Accepted,Answered
-- kind: supporting
select c.account_id, coalesce(c.rep_id, t.rep_id) as rep_id, m.dept, cast(null as varchar) as plan_id, q.quarter, q.period_start, q.period_end,
       cast(c.closed_at as date) as day,
       cast(case when c.customer_accepted then 1 else 0 end as decimal(18, 4)) as numerator,
       cast(case when c.customer_accepted is null then 0 else 1 end as decimal(18, 4)) as denominator,
       case when c.customer_accepted is null then 'no_answer' when c.customer_accepted then 'accepted' else 'not_accepted' end as reason,
       cast(c.closed_at as date) as reason_date, 'complaint' as source_entity, c._key as source_key
from core.complaint c
left join core.tenure t
    on t.account_id = c.account_id and t.from_date <= cast(c.closed_at as date) and cast(c.closed_at as date) < t.to_date
left join core.member m on m.rep_id = coalesce(c.rep_id, t.rep_id)
cross join core.clock k
join core.quarter q on q.period_start <= cast(c.closed_at as date) and cast(c.closed_at as date) < q.period_end
where c.closed_at is not null and cast(c.closed_at as date) <= k.data_date
