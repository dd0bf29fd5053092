-- Money spent on developments that were closed in the period, and on those still open at its end: visits, samples, requisitions
-- between the start of a cycle and its win or end (domain.md §8a.14: 减少无效投入). Accounts only: a deal has no visits of its own.
with closing as (
    select y.account_id, y.cycle_no, y.started_on, w.day as won_on, y.end_kind, y.ended_on, y.end_reason,
           least(coalesce(w.day, y.ended_on, a.data_date), coalesce(y.ended_on, w.day, a.data_date), a.data_date) as until,
           case when w.day is not null then 'won' when y.end_kind = 'TX' then 'terminated' else 'open' end as outcome
    from cycle y
    cross join asked a
    left join milestone w on w.account_id = y.account_id and w.cycle_no = y.cycle_no and w.milestone = 'M13'
),
chosen as (
    select c.*
    from closing c
    cross join asked a
    where case when c.outcome = 'open' then c.started_on < a.end_on
               else c.until >= a.start_on and c.until < a.end_on end
),
stood as (
    select c.account_id, c.cycle_no, arg_max(e.stage_no, e.position) as stage_no, arg_max(e.rep_id, e.position) as rep_id,
           arg_max(e.dept, e.position) as dept
    from chosen c
    join stay e on e.account_id = c.account_id and e.deal is null and e.cycle_no = c.cycle_no and not e.episode and e.entered_on <= c.until
    group by c.account_id, c.cycle_no
),
cost as (
    select account_id, cast(visit_at as date) as day, 'visits' as kind, cost as amount
    from visit
    where visit_at is not null and cost is not null
    union all
    select account_id, coalesce(sent_at, requested_at, received_at), 'samples', coalesce(qty, 1) * unit_cost
    from sample
    where unit_cost is not null
    union all
    select account_id, issued_at, 'expenses', coalesce(qty, 1) * unit_price
    from requisition
    where unit_price is not null
)
select c.account_id, cast(null as varchar) as deal, c.cycle_no, s.stage_no, s.rep_id, s.dept, c.outcome, c.until as day, c.end_reason as reason,
       coalesce(sum(k.amount) filter (where k.kind = 'visits'), 0) as visits,
       coalesce(sum(k.amount) filter (where k.kind = 'samples'), 0) as samples,
       coalesce(sum(k.amount) filter (where k.kind = 'expenses'), 0) as expenses
from chosen c
left join stood s on s.account_id = c.account_id and s.cycle_no = c.cycle_no
left join cost k on k.account_id = c.account_id and k.day >= c.started_on and k.day <= c.until
group by all
