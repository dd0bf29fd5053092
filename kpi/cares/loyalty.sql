-- Customers in force today: in how many of the last eight full or running quarters they ordered, the unbroken run of them up to the
-- last, and whether they stand in the last stage of the seven-stage process (稳定与发展).
with recent as (
    select q.quarter, q.period_start, q.period_end, row_number() over (order by q.period_start desc) as back
    from quarter q
    cross join clock k
    where q.period_start <= k.data_date
    qualify back <= 8
),
customer as (
    select y.account_id, min(w.day) as won_on
    from cycle y
    join milestone w on w.account_id = y.account_id and w.cycle_no = y.cycle_no and w.milestone = 'M13'
    where y.ended_on is null
    group by y.account_id
),
bought as (
    select distinct s.account_id, r.back
    from sale s
    join recent r on s.day >= r.period_start and s.day < r.period_end
    where s.counts and s.amount > 0 and s.order_type in ('正式', '试单')
),
-- A quarter that is still running breaks no run by lacking an order yet.
counted as (
    select account_id, count(*) as quarters, count(*) filter (where run = 0 or (run = 1 and newest = 2 and l.running)) as running
    from (select account_id, back, back - row_number() over (partition by account_id order by back) as run,
                 min(back) over (partition by account_id) as newest
          from bought)
    cross join (select max(r.period_end) > max(k.data_date) + 1 as running from recent r cross join clock k) l
    group by account_id
),
stood as (
    select e.account_id, bool_or(e.stage_no = g.stage_no and e.left_on is null and not e.episode) as stable,
           bool_or(e.episode and e.left_on is null) as in_crisis
    from stage_entry e
    join (select model, max(stage_no) as stage_no from stage where model_name = 'seven_stage' and enabled group by model) g on g.model = e.model
    group by e.account_id
)
select c.account_id, a.account_name, t.rep_id, m.rep_name, c.won_on, coalesce(n.quarters, 0) as quarters, coalesce(n.running, 0) as running,
       (select count(*) from recent r where r.period_end > c.won_on) as possible, coalesce(s.stable, false) as stable, coalesce(s.in_crisis, false) as in_crisis
from customer c
cross join clock k
left join counted n on n.account_id = c.account_id
left join stood s on s.account_id = c.account_id
left join account a on a.account_id = c.account_id
left join tenure t on t.account_id = c.account_id and t.from_date <= k.data_date and k.data_date < t.to_date
left join member m on m.rep_id = t.rep_id
where (cast($rep as varchar) is null or t.rep_id = $rep) and (cast($dept as varchar) is null or t.dept = $dept)
order by running desc, quarters desc, c.account_id
