-- Key accounts active at the end of each quarter's data, with their owner then (variants of "K3" and "K4").
create or replace table core.closing as
with owned as (
    select q.quarter, q.period_start, q.period_end, a.account_id, t.rep_id, coalesce(t.dept, '未归属') as dept
    from (select distinct account_id from core.spell) a
    cross join core.quarter q
    cross join core.clock k
    left join core.tenure t on t.account_id = a.account_id
        and t.from_date <= least(q.period_end - 1, k.data_date) and least(q.period_end - 1, k.data_date) < t.to_date
    where (select count(*) from core.parameter
           where (name = 'churn_base' and value = 'average') or (name = 'new_variant' and value = 'A')) > 0
)
select o.account_id, o.rep_id, o.dept, o.quarter, o.period_start, o.period_end, p.as_of, s.day as last_day, s.active_to, s.source_key
from owned o
join core.period p on p.quarter = o.quarter and p.dept = o.dept
join core.spell s on s.account_id = o.account_id and s.day <= p.as_of and p.as_of < s.active_to
join core.account_state k on k.account_id = o.account_id and k.is_key and k.from_date <= p.as_of and p.as_of < k.to_date;
