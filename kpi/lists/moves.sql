-- How each account of the base moved in the quarter: one row per account in the opening or the closing base, with its step.
-- The opening base is that of churn; whoever is in it or in the closing base has exactly one step, so the steps add up.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
place as (
    select a.account_id, t.rep_id, coalesce(t.dept, '未归属') as dept, p.as_of
    from (select distinct account_id from spell) a
    cross join asked q
    join period p on p.quarter = q.quarter
    left join tenure t on t.account_id = a.account_id and t.from_date <= p.as_of and p.as_of < t.to_date
    where p.dept = coalesce(t.dept, '未归属')
),
active as (
    select p.account_id, p.rep_id, p.dept
    from place p
    join spell s on s.account_id = p.account_id and s.day <= p.as_of and s.active_to > p.as_of
    join account_state k on k.account_id = p.account_id and k.is_key and k.from_date <= p.as_of and p.as_of < k.to_date
),
opening as (
    select c.account_id, c.rep_id, c.dept, starts_with(c.reason, 'lost_') as lost
    from contribution_churn c
    join asked q on q.quarter = c.quarter
    where c.denominator > 0 and c.reason not in ('closing', 'new') and (q.dept is null or c.dept = q.dept) and (q.rep_id is null or c.rep_id = q.rep_id)
),
closing as (
    select a.account_id, a.rep_id, a.dept
    from active a
    cross join asked q
    where (q.dept is null or a.dept = q.dept) and (q.rep_id is null or a.rep_id = q.rep_id)
      and a.account_id not in (select account_id from opening where lost)
),
past as (
    select s.account_id, bool_or(s.active_to >= q.period_start) as was_active,
           bool_or(k.is_key) as was_key
    from asked q
    join spell s on s.day < q.period_start
    left join account_state k on k.account_id = s.account_id and k.from_date < q.period_start and q.period_start <= k.to_date
    group by s.account_id
),
fresh as (
    select distinct n.account_id
    from contribution_new_development n
    join asked q on q.quarter = n.quarter
    where n.numerator = 1
),
moved as (
    select coalesce(o.account_id, c.account_id) as account_id, coalesce(c.rep_id, o.rep_id) as rep_id,
           o.account_id is not null as at_start, c.account_id is not null as at_end,
           case when o.lost then 'lost'
                when o.account_id is not null and c.account_id is not null then 'kept'
                when o.account_id is not null and o.account_id in (select account_id from active) then 'transfer_out'
                when o.account_id is not null then 'status_out'
                when p.was_active and p.was_key then 'transfer_in'
                when c.account_id in (select account_id from fresh) then 'new'
                when p.was_active then 'status_in'
                when p.account_id is not null then 'won_back'
                else 'other_in' end as step
    from opening o
    full join closing c on c.account_id = o.account_id
    left join past p on p.account_id = coalesce(o.account_id, c.account_id)
)
select m.account_id, a.account_name, m.rep_id, r.rep_name, m.at_start, m.at_end, m.step
from moved m
left join account a on a.account_id = m.account_id
left join member r on r.rep_id = m.rep_id
order by m.step, m.account_id
