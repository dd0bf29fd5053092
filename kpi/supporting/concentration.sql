-- title: 前五大客户占比 | Share of the top five accounts
-- question: 销售额有多少集中在前五大客户？ | How much of the sales sits with five accounts?
-- formula: 部门前五大客户销售额 ÷ 全部客户销售额 | Sales of the department's five largest accounts ÷ of all
-- unit: percent
-- better: lower
-- rollup: ratio
-- grain: stock
-- interval: none
-- no_base: 无基数
-- parts: 前五大(元),全部(元) | Top five (CNY),All (CNY)
-- kind: supporting
with sold as (
    select s.account_id, s.rep_id, coalesce(s.dept, '未归属') as dept, q.quarter, q.period_start, q.period_end,
           sum(s.amount) as amount, max(s.day) as day, max(s.sale_key) as source_key
    from core.sale s
    join core.quarter q on q.period_start <= s.day and s.day < q.period_end
    where s.counts and s.account_id is not null
    group by s.account_id, s.rep_id, coalesce(s.dept, '未归属'), q.quarter, q.period_start, q.period_end
),
summed as (
    select account_id, dept, quarter, sum(amount) as amount from sold group by account_id, dept, quarter
),
ranked as (
    select account_id, dept, quarter, row_number() over (partition by dept, quarter order by amount desc, account_id) as place from summed
)
select s.account_id, s.rep_id, s.dept, cast(null as varchar) as plan_id, s.quarter, s.period_start, s.period_end, s.day,
       cast(case when r.place <= 5 then s.amount else 0 end as decimal(18, 4)) as numerator, cast(s.amount as decimal(18, 4)) as denominator,
       case when r.place <= 5 then 'top_five' else 'below_five' end as reason, s.day as reason_date, 'orders' as source_entity, s.source_key
from sold s
join ranked r on r.account_id = s.account_id and r.dept = s.dept and r.quarter = s.quarter
