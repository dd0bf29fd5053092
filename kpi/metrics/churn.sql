-- title: 大客户流失率 | Key-account churn rate
-- question: 期初的大客户中，有多少到今天已经流失？ | Of the key accounts at the start, how many are lost by now?
-- formula: 流失户数 ÷ 期初在购大客户数 | Accounts lost ÷ active key accounts at the start
-- unit: percent
-- better: lower
-- rollup: ratio
-- grain: stock
-- interval: wilson
-- target: 0.05
-- no_base: 无基数
-- parts: 流失(户),期初(户) | Lost (accounts),Opening (accounts)
with setting as (
    select max(value) filter (where name = 'churn_base') as base, max(value) filter (where name = 'churn_owner') as owner_rule,
           max(value) filter (where name = 'churn_unconfirmed') as unconfirmed
    from core.parameter
),
opening_owner as (
    select a.account_id, q.quarter, q.period_start, q.period_end, cast(q.period_start - interval 1 day as date) as eve,
           t.rep_id, coalesce(t.dept, '未归属') as dept
    from core.account a
    cross join core.quarter q
    left join core.tenure t on t.account_id = a.account_id and t.from_date <= q.period_start and q.period_start < t.to_date
),
judged as (
    select o.account_id, o.quarter, o.period_start, o.period_end, o.eve, o.rep_id, o.dept, p.as_of
    from opening_owner o
    join core.period p on p.quarter = o.quarter and p.dept = o.dept
),
opening as (
    select j.account_id, j.quarter, j.period_start, j.period_end, j.as_of, j.rep_id, j.dept,
           s.day as opening_day, s.active_to as opening_to, k.is_key,
           row_number() over (partition by j.account_id, j.quarter order by s.day desc) as choice
    from judged j
    join core.spell s on s.account_id = j.account_id and s.day <= j.as_of
    join core.account_state k on k.account_id = j.account_id and k.from_date <= j.eve and j.eve < k.to_date
    where s.day <= j.eve
),
standing as (
    select o.account_id, o.quarter, o.period_start, o.period_end, o.as_of, o.rep_id, o.dept, o.is_key,
           o.opening_to >= o.period_start as was_active,
           l.day as last_day, l.churn_date, l.declared_on, l.active_to, l.window_days, l.window_basis, l.verdict, l.source_key,
           row_number() over (partition by o.account_id, o.quarter order by l.day desc) as choice
    from opening o
    join core.spell l on l.account_id = o.account_id and l.day <= o.as_of
    where o.choice = 1
),
lost as (
    select s.account_id, s.quarter, s.period_start, s.period_end, s.as_of, s.rep_id, s.dept, s.is_key, s.was_active,
           s.last_day, s.churn_date, s.active_to, s.source_key, s.active_to <= s.as_of as is_lost,
           s.verdict = 'reject' and s.churn_date <= s.as_of as is_kept,
           case when s.declared_on is not null and s.active_to = s.declared_on then 'lost_declared'
                when s.verdict = 'confirm' then 'lost_confirmed'
                when p.unconfirmed = 'waits' then 'lost_waiting'
                else 'lost_inferred' end as lost_reason,
           case when s.was_active and s.is_key then s.active_to <= s.as_of else false end as is_loss,
           p.base, p.owner_rule
    from standing s
    cross join setting p
    where s.choice = 1
),
held as (
    select l.account_id, l.quarter, t.rep_id, t.dept, t.from_date,
           sum(date_diff('day', greatest(t.from_date, l.last_day), least(t.to_date, l.active_to))) as days_held
    from lost l
    join core.tenure t on t.account_id = l.account_id and t.from_date < l.active_to and t.to_date > l.last_day
    where l.is_loss and l.owner_rule = 'most_silent_days' and l.last_day < l.active_to
    group by l.account_id, l.quarter, t.rep_id, t.dept, t.from_date
),
holder as (
    select account_id, quarter, rep_id, dept, sum(days_held) as days_held, min(from_date) as since
    from held
    group by account_id, quarter, rep_id, dept
),
responsible as (
    select account_id, quarter, rep_id, dept,
           row_number() over (partition by account_id, quarter order by days_held desc, since, rep_id) as choice
    from holder
),
-- For another base: new accounts that were not in the opening one.
joined as (
    select n.account_id, n.rep_id, coalesce(m.dept, '未归属') as dept, q.quarter, q.period_start, q.period_end, n.new_date, n.source_entity, n.source_key
    from core.new_account n
    join setting v on v.base = 'opening_and_new'
    left join core.member m on m.rep_id = n.rep_id
    join core.quarter q on q.period_start <= n.new_date and n.new_date < q.period_end
    join core.period p on p.quarter = q.quarter and p.dept = coalesce(m.dept, '未归属') and n.new_date <= p.as_of
    left join lost l on l.account_id = n.account_id and l.quarter = q.quarter and l.was_active and l.is_key
    where n.is_new and l.account_id is null
),
early as (
    select j.account_id, j.quarter, j.period_start, j.period_end, j.as_of, j.rep_id, j.dept, s.day as last_day, s.active_to, s.source_key,
           row_number() over (partition by j.account_id, j.quarter order by s.day desc) as choice
    from judged j
    join core.spell s on s.account_id = j.account_id and s.day >= j.period_start and s.day <= j.as_of
    left join opening o on o.account_id = j.account_id and o.quarter = j.quarter and o.choice = 1
    where o.account_id is null
)
select l.account_id,
       case when l.is_loss then coalesce(r.rep_id, l.rep_id) else l.rep_id end as rep_id,
       case when l.is_loss then coalesce(r.dept, l.dept) else l.dept end as dept,
       cast(null as varchar) as plan_id, l.quarter, l.period_start, l.period_end, l.last_day as day,
       cast(case when l.is_loss and l.lost_reason <> 'lost_waiting' then 1 else 0 end as decimal(18, 4)) as numerator,
       cast(case when not (l.was_active and l.is_key) then 0 when l.base = 'average' then 0.5 else 1 end as decimal(18, 4)) as denominator,
       case when not l.is_key then 'not_key'
            when not l.was_active then case when l.is_lost then 'lost_before' else 'won_back' end
            when l.is_lost then l.lost_reason
            when l.is_kept then 'churn_rejected'
            else 'active' end as reason,
       case when l.is_lost then l.active_to else l.churn_date end as reason_date,
       'orders' as source_entity, l.source_key
from lost l
left join responsible r on r.account_id = l.account_id and r.quarter = l.quarter and r.choice = 1
union all
select account_id, rep_id, dept, cast(null as varchar) as plan_id, quarter, period_start, period_end, last_day as day,
       cast(0 as decimal(18, 4)) as numerator, cast(0 as decimal(18, 4)) as denominator,
       'won_and_lost' as reason, active_to as reason_date, 'orders' as source_entity, source_key
from early
where choice = 1 and active_to <= as_of
union all
select account_id, rep_id, dept, cast(null as varchar) as plan_id, quarter, period_start, period_end, last_day as day,
       cast(0 as decimal(18, 4)) as numerator, cast(0.5 as decimal(18, 4)) as denominator,
       'closing' as reason, active_to as reason_date, 'orders' as source_entity, source_key
from core.closing
where exists (select 1 from setting where base = 'average')
union all
select account_id, rep_id, dept, cast(null as varchar) as plan_id, quarter, period_start, period_end, new_date as day,
       cast(0 as decimal(18, 4)) as numerator, cast(1 as decimal(18, 4)) as denominator,
       'new' as reason, new_date as reason_date, source_entity, source_key
from joined
