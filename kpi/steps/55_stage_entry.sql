-- Stays in the stages of every model, and when each stage was reached (domain.md §2.1, §2.2, §5).
create or replace temp table stage_event as
with move as (
    select case when d.apart then 'D' else 'A' end as kind, case when d.apart then d.deal else d.account_id end as subject,
           d.model, d.stage_no, d.day, d.source_key
    from declared d
    join core.stage s on s.model = d.model and s.stage_no = d.stage_no and s.enabled and not s.conditional
),
moved as (
    select m.*, u.cycle_no, lag(m.stage_no) over (partition by m.kind, m.subject, u.cycle_no, m.model
                                                  order by m.day, m.stage_no, m.source_key) as stage_before
    from move m
    asof join unit u on u.kind = m.kind and u.subject = m.subject and m.day >= u.started_on
    where u.ended_on is null or m.day <= u.ended_on
)
select r.kind, r.subject, r.cycle_no, e.model, e.stage_no, r.day, false as back, r.source, r.source_entity, r.source_key
from reached r
join core.stage_entered_by e on e.milestone = r.milestone
join core.stage s on s.model = e.model and s.stage_no = e.stage_no and not s.conditional
union all
select kind, subject, cycle_no, model, stage_no, day, coalesce(stage_no < stage_before, false), '声明', 'stage_history', source_key
from moved;

create or replace temp table win as
select r.kind, r.subject, r.cycle_no, m.model, r.day as won_on
from reached r
join core.model m on m.won = r.milestone;

-- The deal's own rep; an account's owner on the day.
create or replace temp table deal_rep as
select deal, arg_max(rep_id, (day, source_key)) as rep_id, arg_max(amount, (day, source_key)) as amount from declared where deal is not null group by deal;

create or replace temp table stay as
with placed as (
    select e.*, sum(cast(back as int)) over seq as segment
    from stage_event e
    left join win w on w.kind = e.kind and w.subject = e.subject and w.cycle_no = e.cycle_no and w.model = e.model
    where w.won_on is null or e.day <= w.won_on
    window seq as (partition by e.kind, e.subject, e.cycle_no, e.model order by e.day, e.stage_no, not e.back, e.source_key
                   rows unbounded preceding)
),
stood as (
    select *, max(stage_no) over (partition by kind, subject, cycle_no, model, segment order by day, stage_no, not back, source_key
                                  rows unbounded preceding) as current_no
    from placed
),
changed as (
    select *, current_no is distinct from lag(current_no) over (
        partition by kind, subject, cycle_no, model order by segment, day, stage_no, not back, source_key) as is_change
    from stood
),
numbered as (
    select kind, subject, cycle_no, model, current_no as stage_no, day as entered_on, source, source_entity, source_key,
           row_number() over seq as position, lead(day) over seq as next_on, lead(current_no) over seq as next_no
    from changed
    where is_change
    window seq as (partition by kind, subject, cycle_no, model order by segment, day, stage_no, not back, source_key)
)
select n.kind, n.subject, n.cycle_no, n.model, n.stage_no, n.position, n.entered_on,
       coalesce(n.next_on, w.won_on, u.ended_on) as left_on, n.next_no,
       case when n.next_no > n.stage_no then '推进' when n.next_no < n.stage_no then '回退' when w.won_on is not null then '成交'
            when u.end_kind = 'TX' then '终止' when u.end_kind = 'LX' then '流失' else '进行中' end as outcome,
       row_number() over (partition by n.kind, n.subject, n.cycle_no, n.model, n.stage_no order by n.position) as pass,
       false as episode, n.source, n.source_entity, n.source_key
from numbered n
join unit u on u.kind = n.kind and u.subject = n.subject and u.cycle_no = n.cycle_no
left join win w on w.kind = n.kind and w.subject = n.subject and w.cycle_no = n.cycle_no and w.model = n.model;

-- A crisis runs beside the stage; overlapping complaints are one episode.
create or replace temp table episode as
with flagged as (
    select c.*, u.ended_on, u.end_kind,
           coalesce(c.opened_on <= max(coalesce(c.closed_on, date '9999-12-31')) over (
               partition by c.account_id, c.cycle_no order by c.opened_on, c.source_key
               rows between unbounded preceding and 1 preceding), false) as joined
    from core.crisis c
    join unit u on u.kind = 'A' and u.subject = c.account_id and u.cycle_no = c.cycle_no
),
island as (
    select *, sum(cast(not joined as int)) over (partition by account_id, cycle_no order by opened_on, source_key
                                                rows unbounded preceding) as pass
    from flagged
),
merged as (
    select account_id, cycle_no, pass, min(opened_on) as entered_on,
           case when count(*) = count(closed_on) then max(closed_on) end as closed_on,
           arg_min(source_entity, (opened_on, source_key)) as source_entity, arg_min(source_key, (opened_on, source_key)) as source_key,
           min(ended_on) as ended_on, min(end_kind) as end_kind
    from island
    group by account_id, cycle_no, pass
)
select m.account_id, m.cycle_no, s.model, s.stage_no, m.pass, m.entered_on, least(m.closed_on, m.ended_on) as left_on,
       case when m.closed_on <= coalesce(m.ended_on, m.closed_on) then '推进' when m.end_kind = 'TX' then '终止'
            when m.end_kind = 'LX' then '流失' else '进行中' end as outcome,
       m.source_entity, m.source_key
from merged m
join core.stage s on s.conditional and s.enabled;

create or replace temp table every_stay as
select kind, subject, cycle_no, model, stage_no, position, pass, entered_on, left_on, next_no, outcome, episode, source, source_entity, source_key from stay
union all
select 'A', account_id, cycle_no, model, stage_no, null, pass, entered_on, left_on, null, outcome, true, '推断', source_entity, source_key
from episode;

create or replace temp table owned_stay as
select y.*, case when y.kind = 'A' then y.subject else d.account_id end as account_id, case when y.kind = 'D' then y.subject end as deal,
       coalesce(r.rep_id, t.rep_id) as rep_id, u.unit_no, case when y.outcome in ('终止', '流失') then u.said.reason end as end_reason, r.amount
from every_stay y
join unit u on u.kind = y.kind and u.subject = y.subject and u.cycle_no = y.cycle_no
left join deal_apart d on y.kind = 'D' and d.deal = y.subject
left join deal_rep r on y.kind = 'D' and r.deal = y.subject
left join core.tenure t on t.account_id = case when y.kind = 'A' then y.subject else d.account_id end
    and t.from_date <= y.entered_on and y.entered_on < t.to_date;

create or replace table core.stage_entry as
select account_id, cycle_no, model, stage_no, position, pass, entered_on, left_on, next_no, outcome, episode, source, source_entity, source_key,
       o.rep_id, m.dept, unit_no, end_reason
from owned_stay o
left join core.member m on m.rep_id = o.rep_id
where kind = 'A'
order by account_id, cycle_no, model, position;

create or replace table core.deal_entry as
select deal, account_id, cycle_no, model, stage_no, position, pass, entered_on, left_on, next_no, outcome, episode, source, source_entity,
       source_key, o.rep_id, m.dept, amount, unit_no, end_reason
from owned_stay o
left join core.member m on m.rep_id = o.rep_id
where kind = 'D'
order by deal, cycle_no, model, position;

create or replace temp table top as
with seen as (
    select kind, subject, cycle_no, model, max(stage_no) as top_no, arg_max(stage_no, position) as current_no from stay group by all
)
select coalesce(s.kind, w.kind) as kind, coalesce(s.subject, w.subject) as subject, coalesce(s.cycle_no, w.cycle_no) as cycle_no,
       coalesce(s.model, w.model) as model, s.top_no, s.current_no, w.won_on
from seen s
full join win w on w.kind = s.kind and w.subject = s.subject and w.cycle_no = s.cycle_no and w.model = s.model;

create or replace temp table reach as
with pair as (
    select t.*, g.stage_no
    from top t
    join core.stage g on g.model = t.model and g.enabled and not g.conditional and (g.stage_no <= t.top_no or t.won_on is not null)
)
select p.kind, p.subject, p.cycle_no, p.model, p.stage_no, p.current_no, 1 as pass, false as episode,
       min(y.entered_on) filter (where y.stage_no = p.stage_no) as own_on,
       min(y.entered_on) filter (where y.stage_no >= p.stage_no) as stood_on, p.won_on,
       min(y.entered_on) filter (where y.stage_no > p.stage_no) as beyond_on
from pair p
left join stay y on y.kind = p.kind and y.subject = p.subject and y.cycle_no = p.cycle_no and y.model = p.model
group by all;

create or replace table core.stage_reach as
with known as (
    select kind, subject, cycle_no, model, stage_no, current_no, pass, episode, least(stood_on, won_on) as reached_on, own_on, least(beyond_on, won_on) as next_on, won_on
    from reach
    union all
    select 'A', account_id, cycle_no, model, stage_no, null, pass, true, entered_on, entered_on,
           case when outcome = '推进' then left_on end, null
    from episode
)
select case when k.kind = 'A' then k.subject else d.account_id end as account_id, case when k.kind = 'D' then k.subject end as deal,
       k.cycle_no, k.model, k.stage_no, k.pass, k.episode, k.reached_on, k.own_on, k.next_on, k.won_on,
       case when k.won_on is null then u.ended_on end as end_on, case when k.won_on is null then u.end_kind end as end_kind,
       case when k.won_on is null then u.said.reason end as end_reason,
       coalesce(k.next_on is null and k.current_no < k.stage_no, false) as went_back, u.won_back,
       coalesce(r.rep_id, t.rep_id) as rep_id, m.dept, r.amount, u.unit_no
from known k
join unit u on u.kind = k.kind and u.subject = k.subject and u.cycle_no = k.cycle_no
left join deal_apart d on k.kind = 'D' and d.deal = k.subject
left join deal_rep r on k.kind = 'D' and r.deal = k.subject
left join core.tenure t on t.account_id = case when k.kind = 'A' then k.subject else d.account_id end
    and t.from_date <= k.reached_on and k.reached_on < t.to_date
left join core.member m on m.rep_id = coalesce(r.rep_id, t.rep_id)
order by k.model, k.stage_no, k.reached_on;
