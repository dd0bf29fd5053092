-- The first day of each milestone in each cycle (domain.md §2.1, docs/architecture.md).
create or replace temp table evidence_in_cycle as
select e.*, u.cycle_no
from evidence e
asof join unit u on u.kind = e.kind and u.subject = e.subject and e.day >= u.started_on
where u.ended_on is null or e.day <= u.ended_on;

create or replace temp table contact_in_cycle as
select d.*, u.cycle_no
from (select * from contact_day d cross join core.clock c where d.day <= c.data_date) d
asof join (from unit where kind = 'A') u on u.subject = d.account_id and d.day >= u.started_on
where u.ended_on is null or d.day <= u.ended_on;

create or replace temp table first_order as
select kind, subject, cycle_no, min(day) as day, min(day) filter (where milestone = 'M13') as won_on
from evidence_in_cycle
where milestone in ('M12', 'M13')
group by all;

-- Complaints after an order are crises; one that the customer did not accept stays open.
create or replace table core.crisis as
with said as (
    select account_id, cast(opened_at as date) as opened_on,
           case when closed_at <= c.data_date and customer_accepted is distinct from false then cast(closed_at as date) end as closed_on,
           'complaint' as source_entity, _key as source_key
    from core.complaint
    cross join core.clock c
    where account_id is not null and cast(opened_at as date) <= c.data_date
    union all
    select d.account_id, d.day, coalesce(d.exited_on, d.next_on), 'stage_history', d.source_key
    from (select *, lead(day) over (partition by account_id, model order by day, stage_no, source_key) as next_on from declared
          where model is not null and account_id is not null and not apart) d
    join core.stage s on s.model = d.model and s.stage_no = d.stage_no and s.conditional
)
select s.account_id, u.cycle_no, s.opened_on, case when s.closed_on >= s.opened_on then s.closed_on end as closed_on, s.source_entity, s.source_key
from said s
asof join (from unit where kind = 'A') u on u.subject = s.account_id and s.opened_on >= u.started_on
left join first_order o on o.kind = 'A' and o.subject = s.account_id and o.cycle_no = u.cycle_no
where (u.ended_on is null or s.opened_on <= u.ended_on) and (o.day <= s.opened_on or s.source_entity = 'stage_history');

create or replace temp table derived as
with met as (
    select account_id, cycle_no, day, source_key, row_number() over (partition by account_id, cycle_no order by day) as meeting
    from (select account_id, cycle_no, day, min(source_key) as source_key from contact_in_cycle where meeting group by all)
),
kdm as (
    select account_id, max(relationship_level) as level, max(relationship_level) filter (where is_kdm) as kdm_level
    from core.kdm
    group by account_id
),
visited as (
    select subject as account_id, cycle_no, min(day) as day from evidence_in_cycle where kind = 'A' and milestone = 'M04' group by all
),
later as (
    select c.account_id, c.cycle_no, c.day, c.source_entity, c.source_key,
           row_number() over (partition by c.account_id, c.cycle_no order by c.day, c.source_key) as contact
    from contact_in_cycle c
    join visited v on v.account_id = c.account_id and v.cycle_no = c.cycle_no and c.day > v.day
),
month as (
    select coalesce(max(try_cast(value as int)) filter (where name = 'fiscal_year_start_month'), 1) as first_month from core.parameter
),
repeated as (
    select e.subject as account_id, e.cycle_no, e.day, min(e.source_key) as source_key,
           (cast(year(e.day) as int) * 12 + cast(month(e.day) as int) - m.first_month) // 3 as quarter_no
    from evidence_in_cycle e
    join first_order o on o.kind = e.kind and o.subject = e.subject and o.cycle_no = e.cycle_no and e.day > o.won_on
    cross join month m
    where e.kind = 'A' and e.milestone in ('M12', 'M13') and e.source = '推断'
    group by all
),
steady as (
    select r.account_id, r.cycle_no, r.day, r.source_key
    from repeated r
    semi join repeated b on b.account_id = r.account_id and b.cycle_no = r.cycle_no and b.quarter_no = r.quarter_no - 1
    anti join core.crisis c on c.account_id = r.account_id and c.cycle_no = r.cycle_no and c.opened_on <= r.day
        and (c.closed_on is null or c.closed_on > r.day)
)
select m.account_id, m.cycle_no, 'M10' as milestone, m.day, 'kdm_meetings' as evidence, 'visit' as source_entity, m.source_key
from met m
join kdm k on k.account_id = m.account_id and k.kdm_level >= 3
where m.meeting = 2
union all
select l.account_id, l.cycle_no, 'M10a', l.day, case when l.contact = 3 then 'three_contacts' else 'relationship' end, l.source_entity, l.source_key
from later l
left join kdm k on k.account_id = l.account_id
where l.contact = 3 or (l.contact = 1 and k.level >= 2)
union all
select account_id, cycle_no, 'M14', opened_on, 'complaint', source_entity, source_key from core.crisis
union all
select account_id, cycle_no, 'M15', day, 'repeat_orders', 'orders', source_key from steady;

create or replace temp table reached as
with said as (
    select kind, subject, cycle_no, milestone, day, evidence, source, source_entity, source_key from evidence_in_cycle
    union all
    select 'A', account_id, cycle_no, milestone, day, evidence, '推断', source_entity, source_key from derived
)
select * from said
qualify row_number() over (partition by kind, subject, cycle_no, milestone order by day, source desc, source_entity, source_key) = 1;

create or replace table core.milestone as
select subject as account_id, cycle_no, milestone, day, evidence, source, source_entity, source_key from reached where kind = 'A'
union all
select account_id, cycle_no, end_kind, ended_on, end_reason, end_source, source_entity, source_key from core.cycle where end_kind is not null
order by account_id, cycle_no, day, milestone;
