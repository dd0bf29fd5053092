-- title: 挪单拆单 | Orders pulled forward, split or parked
-- question: 有没有季末冲量、季后退货、拆单或压单？ | Are orders rushed into a quarter's end, returned after it, split, or held back?
-- line: 最后 {days} 天占本季金额超过 {percent}%；季末后 {return_days} 天内退货；同户同日 {equal} 张等额订单；上季超过 {cap}% 后本季头 {days} 天超过 {percent}% | Over {percent} % of the quarter's amount in its last {days} days; returned within {return_days} days after the quarter; {equal} equal orders of an account on a day; over {percent} % in the first {days} days after a quarter above {cap} %
-- unit: 元 | CNY
-- with: days=5 percent=40 return_days=30 equal=3 cap=120 orders=5
-- order: 9
with sale as (
    select s.sale_key, s.order_no, s.orig_order_no, s.account_id, s.rep_id, s.day, s.amount, s.order_type, q.period_start, q.period_end
    from core.sale s
    join core.quarter q on q.period_start <= s.day and s.day < q.period_end
    where s.counts
),
share as (
    select rep_id, period_start, period_end, sum(amount) as total, count(distinct order_no) as orders,
           coalesce(sum(amount) filter (where day >= period_end - cast($days as int)), 0) as at_end,
           coalesce(sum(amount) filter (where day < period_start + cast($days as int)), 0) as at_start
    from sale
    where amount > 0
    group by rep_id, period_start, period_end
),
completed as (
    select rep_id, period_end, sum(numerator) as actual, sum(denominator) as plan
    from mart.contribution_plan_completion
    where quarter is not null
    group by rep_id, period_end
),
placed as (
    select order_no, account_id, rep_id, day, period_end, sum(amount) as amount, min(sale_key) as sale_key
    from sale
    where amount > 0
    group by order_no, account_id, rep_id, day, period_end
),
back as (
    select b.account_id, b.order_no, b.amount, b.day, coalesce(b.orig_order_no, arg_max(p.order_no, (p.day, p.order_no))) as of_order
    from sale b
    left join placed p on b.orig_order_no is null and p.account_id = b.account_id and p.day <= b.day
    where b.amount < 0
    group by b.account_id, b.order_no, b.amount, b.day, b.orig_order_no, b.sale_key
)
select null as account_id, rep_id, period_end - 1 as day, 'orders_at_end' as reason, at_end as number, total as base,
       null as other_id, null as detail, null as source_entity, null as source_key
from share
where orders >= $orders and at_end * 100 > total * $percent
union all
select p.account_id, p.rep_id, p.day, 'returned_after', -sum(b.amount), p.amount, null, null, 'orders', p.sale_key
from placed p
join back b on b.of_order = p.order_no and b.account_id = p.account_id
    and b.day >= p.period_end and b.day < p.period_end + cast($return_days as int)
group by p.account_id, p.rep_id, p.day, p.amount, p.sale_key
union all
select account_id, arg_min_null(rep_id, sale_key), day, 'equal_orders', count(*) * amount, count(*), null, null, 'orders', min(sale_key)
from placed
group by account_id, day, amount
having count(*) >= $equal
union all
select null, s.rep_id, s.period_start, 'orders_parked', s.at_start, s.total, null, null, null, null
from share s
join completed c on c.rep_id = s.rep_id and c.period_end = s.period_start and c.plan > 0 and c.actual * 100 > c.plan * $cap
where s.orders >= $orders and s.at_start * 100 > s.total * $percent
