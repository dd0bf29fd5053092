-- title: 续命订单 | Keep-alive orders
-- question: 有没有恰在流失判定线前下的、小得反常的订单？ | Are there oddly small orders placed just before the churn line?
-- line: 金额不超过平常（此前各下单日的中位数）的 {percent}%，且下在判定期最后九分之一（90 天口径即第 80–90 天） | No more than {percent} % of the usual amount (median of the order days before), in the last ninth of the window (day 80–90 of 90)
-- unit: 元 | CNY
-- with: percent=1
-- order: 4
with order_day as (
    select account_id, day, sum(amount) as amount, min(sale_key) as source_key,
           arg_max_null(rep_id, amount) as rep_id
    from core.sale
    where counts and amount > 0 and order_type in ('正式', '试单')
    group by account_id, day
),
usual as (
    select *, median(amount) over (partition by account_id order by day rows between unbounded preceding and 1 preceding) as usual
    from order_day
)
select u.account_id, u.rep_id, u.day, 'keep_alive' as reason, u.amount as number, u.usual as base,
       null as other_id, null as detail, 'orders' as source_entity, u.source_key
from usual u
join core.spell s on s.account_id = u.account_id and s.next_day = u.day
where u.amount * 100 <= u.usual * $percent
  and (u.day - s.day) * 9 >= s.window_days * 8 and u.day - s.day <= s.window_days
