-- Cycles of development: each ends with a termination or churn and may begin again (domain.md §2.2).
create or replace temp table deal_span as
select account_id, deal, min(least(day, coalesce(opened_on, day))) as opened_on, max(ended_on) filter (where ended is not null) as ended_on
from declared
where deal is not null
group by account_id, deal;

-- rule: what the end needs. 'before_win' ends a development only, 'after_win' a customer only.
create or replace temp table end_said as
select 'A' as kind, d.account_id as subject, d.ended_on as day, case when d.deal is null then 'any' else 'before_win' end as rule,
       coalesce(nullif(trim(d.loss_reason), ''), 'declared') as reason, '声明' as source, 'stage_history' as source_entity, d.source_key
from declared d
where d.ended = 'lost' and d.account_id is not null
  and not exists (from deal_span o where o.account_id = d.account_id and o.deal <> d.deal and o.opened_on <= d.ended_on
                  and (o.ended_on is null or o.ended_on > d.ended_on))
union all
select 'D', deal, ended_on, 'any', coalesce(nullif(trim(loss_reason), ''), 'declared'), '声明', 'stage_history', source_key
from declared
where ended = 'lost' and apart
union all
select 'A', s.account_id, coalesce(s.terminated_at, s.known_on), 'any', coalesce(nullif(trim(a.terminate_reason), ''), 'declared'), '声明', 'account', a._key
from (select *, lag(coalesce(status, '')) over (partition by account_id order by from_date) as before_status from core.account_state) s
join core.account a on a.account_id = s.account_id
where s.status in ('终止', '流失') and coalesce(s.before_status, '') <> s.status
union all
select 'A', account_id, cast(coalesce(terminated_at, cast(updated_at as date), cast(created_at as date)) as date), 'before_win',
       coalesce(nullif(trim(terminate_reason), ''), 'no_opportunity'), '推断', 'account', _key
from core.account
where opportunity_exists = false
union all
select 'A', account_id, active_to, 'after_win', case when declared_on = active_to then 'declared' else 'silent' end,
       case when declared_on = active_to then '声明' else '推断' end, 'orders', source_key
from core.spell
where active_to < coalesce(next_day, date '9999-12-31');

-- A file that numbers its cycles ends the one before, where nothing else did.
create or replace temp table given_start as
select account_id, given_cycle, min(day) as day, arg_min(source_key, (day, source_key)) as source_key,
       lag(min(day)) over (partition by account_id order by given_cycle) as day_before
from declared
where given_cycle is not null and account_id is not null and not apart
group by account_id, given_cycle;

insert into end_said
select 'A', g.account_id, cast(g.day - 1 as date), 'any', 'next_cycle', '声明', 'stage_history', g.source_key
from given_start g
where g.day_before < g.day
  and not exists (from end_said e where e.kind = 'A' and e.subject = g.account_id and e.day >= g.day_before and e.day < g.day);

create or replace temp table subject_start as
select kind, subject, min(day) as first_day from evidence group by all;

create or replace temp table end_known as
select e.*, s.first_day,
       case when s.first_day is null then 'no_start' when e.day is null then 'undated' when e.day > c.data_date then 'future' when e.day < s.first_day then 'exit_before_entry' end as problem
from end_said e
left join subject_start s on s.kind = e.kind and s.subject = e.subject
cross join core.clock c;

insert into core.stage_problem by name
select case when kind = 'A' then subject end as account_id, case when kind = 'D' then subject end as deal, problem as reason,
       e.reason as said, e.first_day as day, e.day as exited_on, c.data_date, source_entity, source_key
from end_known e
cross join core.clock c
where problem in ('exit_before_entry', 'no_start') or (problem = 'undated' and source_entity <> 'orders');

create or replace temp table ending as
select kind, subject, day, rule, arg_min({'reason': reason, 'source': source, 'entity': source_entity, 'key': source_key},
                                         (source_entity <> 'stage_history', source, source_key)) as said
from end_known
where problem is null
group by kind, subject, day, rule;

create or replace temp table reopening as
select e.kind, e.subject, e.day, bool_or(e.milestone in ('M12', 'M13')) as ordered, bool_or(e.milestone = 'M13') as won
from evidence e
join core.milestone_kind k on k.milestone = e.milestone and k.opens
where (e.kind, e.subject) in (select (kind, subject) from ending)
group by e.kind, e.subject, e.day;

create or replace temp table cycle_start as
with recursive begun as (
    select kind, subject, 1 as cycle_no, first_day as started_on, false as won_back
    from subject_start
    where (kind, subject) in (select (kind, subject) from ending)
    union all
    select over.kind, over.subject, over.cycle_no + 1, min(r.day), over.won_on <= over.ended_on
    from (
        select b.kind, b.subject, b.cycle_no, coalesce(b.won_on, date '9999-12-31') as won_on, min(e.day) as ended_on
        from (
            select b.kind, b.subject, b.cycle_no, b.started_on, min(w.day) as won_on
            from begun b
            left join reopening w on w.kind = b.kind and w.subject = b.subject and w.won and w.day >= b.started_on
            group by b.kind, b.subject, b.cycle_no, b.started_on
        ) b
        join ending e on e.kind = b.kind and e.subject = b.subject and e.day >= b.started_on
            and (e.rule = 'any' or (e.rule = 'before_win' and (b.won_on is null or b.won_on > e.day))
                 or (e.rule = 'after_win' and b.won_on <= e.day))
        group by b.kind, b.subject, b.cycle_no, b.won_on
    ) over
    join reopening r on r.kind = over.kind and r.subject = over.subject and r.day > over.ended_on
        and (r.ordered or over.won_on > over.ended_on)
    group by over.kind, over.subject, over.cycle_no, over.won_on, over.ended_on
)
select * from begun
union all
select kind, subject, 1, first_day, false from subject_start
where (kind, subject) not in (select (kind, subject) from ending);

create or replace temp table unit as
with won as (
    select s.*, (select min(w.day) from reopening w
                 where w.kind = s.kind and w.subject = s.subject and w.won and w.day >= s.started_on) as won_on,
           lead(started_on) over (partition by kind, subject order by cycle_no) as next_start
    from cycle_start s
),
ended as (
    select w.kind, w.subject, w.cycle_no, min(e.day) as ended_on, arg_min(e.said, (e.day, e.rule <> 'any')) as said
    from won w
    join ending e on e.kind = w.kind and e.subject = w.subject and e.day >= w.started_on
        and (w.next_start is null or e.day < w.next_start)
        and (e.rule = 'any' or (e.rule = 'before_win' and (w.won_on is null or w.won_on > e.day))
             or (e.rule = 'after_win' and w.won_on <= e.day))
    group by w.kind, w.subject, w.cycle_no
)
select row_number() over (order by w.kind, w.subject, w.cycle_no) as unit_no, w.kind, w.subject, w.cycle_no, w.started_on, e.ended_on, w.won_back,
       case when e.ended_on is null then null when w.won_on <= e.ended_on then 'LX' else 'TX' end as end_kind, e.said
from won w
left join ended e on e.kind = w.kind and e.subject = w.subject and e.cycle_no = w.cycle_no;

create or replace table core.cycle as
select subject as account_id, cycle_no, started_on, ended_on, end_kind, said.reason as end_reason, won_back,
       said.source as end_source, said.entity as source_entity, said.key as source_key
from unit
where kind = 'A'
order by account_id, cycle_no;
