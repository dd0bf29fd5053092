-- title: 刚好过线 | Just over a line
-- question: 有没有金额刚好踩过计划、封顶线或大客户门槛的？ | Do amounts end just over the plan, the cap or the key-account threshold?
-- line: 封顶线 {cap}% 以上不到 {margin} 个百分点；靠最后 {days} 天才达到 100%，且超出不到 {margin} 个百分点；近12个月销售额超出大客户门槛不到 {margin}%（按销售额认定时） | Less than {margin} points above the cap of {cap} %; 100 % reached only in the last {days} days and passed by less than {margin} points; 12-month sales less than {margin} % above the key-account threshold (where sales decide)
-- unit: 元 | CNY
-- with: cap=120 margin=1 days=5
-- order: 13
with completed as (
    select rep_id, period_start, period_end, sum(numerator) as actual, sum(denominator) as plan,
           sum(case when day < period_end - cast($days as int) then numerator else 0 end) as before
    from mart.contribution_plan_completion
    where quarter is not null and rep_id is not null
    group by rep_id, period_start, period_end
),
-- A quarter in progress has not ended just over anything.
ended as (
    select c.rep_id, c.period_end, c.actual, c.plan, c.before
    from completed c
    left join core.member m on m.rep_id = c.rep_id
    join core.period p on p.period_start = c.period_start and p.dept = coalesce(m.dept, '未归属') and p.as_of >= c.period_end - 1
    where c.plan > 0
),
threshold as (
    select try_cast(value as decimal(18, 4)) as least
    from core.parameter
    where name = 'key_sales' and (select rule from core.key_basis) = 'sales'
),
looked as (
    select dept, max(as_of) as as_of from core.period group by dept
),
yearly as (
    select t.account_id, t.rep_id, l.as_of, sum(s.amount) as sales, max(s.sale_key) as source_key
    from core.tenure t
    join looked l on l.dept = coalesce(t.dept, '未归属') and t.from_date <= l.as_of and l.as_of < t.to_date
    join core.sale s on s.account_id = t.account_id and s.counts and s.day > l.as_of - interval 12 month and s.day <= l.as_of
    group by t.account_id, t.rep_id, l.as_of
)
select null as account_id, rep_id, period_end - 1 as day, 'over_the_cap' as reason, actual as number, plan as base,
       null as other_id, null as detail, null as source_entity, null as source_key
from ended
where actual * 100 >= plan * $cap and actual * 100 < plan * ($cap + $margin)
union all
select null, rep_id, period_end - 1, 'over_the_plan', actual, plan, null, null, null, null
from ended
where before < plan and actual >= plan and actual * 100 < plan * (100 + $margin)
union all
select y.account_id, y.rep_id, y.as_of, 'over_the_threshold', y.sales, t.least, null, null, 'orders', y.source_key
from yearly y
join threshold t on y.sales >= t.least and y.sales * 100 < t.least * (100 + $margin)
