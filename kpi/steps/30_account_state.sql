-- What each account was on each date: class, key account or not, status (docs/definitions.md "大客户").
create or replace table core.delivery as
select ls.sheet_id, l.load_id, coalesce(l.exported_on, k.data_date) as known_on, coalesce(l.blank_erases, false) as erases,
       row_number() over (order by coalesce(l.exported_on, l.loaded_at::date), l.load_id, ls.sheet_id) as ord
from meta.load_sheet ls
join meta.load l on l.load_id = ls.load_id and l.in_force
cross join core.clock k;

-- Accounts gone from a later load that was said to hold them all. A load speaks for the departments of its accounts'
-- owners. An account that a still later load delivers again is not gone.
create or replace table core.vanished_account as
with loads as (
    select load_id, coalesce(all_accounts, false) as all_accounts,
           row_number() over (order by coalesce(exported_on, loaded_at::date), load_id) as place
    from meta.load
    where in_force and exists (select 1 from meta.load where in_force and all_accounts)
),
delivery as (
    select distinct k.account_id, l.load_id, l.place, l.all_accounts
    from delivered.account a
    join core._account_key k on k._key = a._key
    join meta.load_sheet ls on ls.sheet_id = a.sheet_id
    join loads l on l.load_id = ls.load_id
),
owner as (
    select account_id, dept from core.tenure where to_date = date '9999-12-31'
),
spoken_for as (
    select distinct d.load_id, d.place, o.dept
    from delivery d
    left join owner o on o.account_id = d.account_id
    where d.all_accounts
),
last_said as (
    select account_id, max(place) as place from delivery group by account_id
),
gone as (
    select s.account_id, min(c.load_id) as load_id
    from last_said s
    left join owner o on o.account_id = s.account_id
    join spoken_for c on c.place > s.place and (c.dept = o.dept or o.dept is null)
    group by s.account_id
)
select g.account_id, o.dept, g.load_id, d.value as decided, d.reason, d.decided_by, d.decided_at
from gone g
left join owner o on o.account_id = g.account_id
left join core.decision d on d.kind = 'account_vanished' and d.subject = g.account_id;

create or replace temp table account_seen as
select k.account_id, d.known_on, d.ord, a.row_no,
       list_contains(s.fields, 'account_class') and (a.account_class is not null or d.erases) as has_class, a.account_class,
       list_contains(s.fields, 'is_key_account') and (a.is_key_account is not null or d.erases) as has_flag, a.is_key_account,
       list_contains(s.fields, 'status') and (a.status is not null or d.erases) as has_status, a.status,
       cast(a.terminated_at as date) as terminated_at
from delivered.account a
join core._account_key k on k._key = a._key
join meta.sheet s on s.sheet_id = a.sheet_id
join core.delivery d on d.sheet_id = a.sheet_id
union all
select v.account_id, d.known_on, d.ord, 0, false, null, false, null, true, '作废', null
from core.vanished_account v
join (select load_id, known_on, max(ord) as ord from core.delivery group by load_id, known_on) d on d.load_id = v.load_id
where v.decided = '作废';

-- Where a store never says what the rule asks for, every account counts.
create or replace table core.key_basis as
select r.value as rule,
       case r.value when 'sales' then false
                    when 'class' then count(account_class) = 0
                    when 'flag' then count(is_key_account) = 0
                    else count(account_class) + count(is_key_account) = 0 end as every_account
from (select value from core.parameter where name = 'key_rule') r
left join core.account on true
group by r.value;

create or replace temp table account_said as
with day_state as (
    select account_id, known_on,
           arg_max_null(account_class, ord * 4294967296 + row_no) filter (where has_class) as account_class,
           bool_or(has_class) as has_class,
           arg_max_null(is_key_account, ord * 4294967296 + row_no) filter (where has_flag) as is_key_account,
           bool_or(has_flag) as has_flag,
           arg_max_null(status, ord * 4294967296 + row_no) filter (where has_status) as status,
           bool_or(has_status) as has_status,
           max(terminated_at) as terminated_at
    from account_seen
    group by account_id, known_on
),
carried as (
    select account_id, known_on, terminated_at,
           last_value(case when has_class then coalesce(account_class, '') end ignore nulls) over past as account_class,
           last_value(case when has_flag then coalesce(cast(is_key_account as varchar), '') end ignore nulls) over past as flag,
           last_value(case when has_status then coalesce(status, '') end ignore nulls) over past as status,
           row_number() over (partition by account_id order by known_on) as position,
           lead(known_on) over (partition by account_id order by known_on) as next_known
    from day_state
    window past as (partition by account_id order by known_on rows unbounded preceding)
),
opening as (
    select *,
           first_value(nullif(account_class, '') ignore nulls) over whole as first_class,
           first_value(nullif(flag, '') ignore nulls) over whole as first_flag,
           min(case when nullif(account_class, '') is not null then known_on end) over whole as class_from,
           min(case when nullif(flag, '') is not null then known_on end) over whole as flag_from
    from carried
    window whole as (partition by account_id order by known_on rows between unbounded preceding and unbounded following)
),
resolved as (
    select account_id, known_on, terminated_at, position,
           case when known_on < class_from then first_class else nullif(account_class, '') end as account_class,
           case when known_on < flag_from then first_flag else nullif(flag, '') end as flag,
           nullif(status, '') as status, next_known
    from opening
),
key_class as (
    select trim(unnest(string_split(value, ','))) as account_class from core.parameter where name = 'key_classes'
)
select r.account_id,
       case when position = 1 then date '1900-01-01' else known_on end as from_date,
       coalesce(next_known, date '9999-12-31') as to_date,
       r.account_class,
       b.every_account or (b.rule in ('class', 'class_or_flag') and coalesce(k.account_class is not null, false))
       or (b.rule in ('flag', 'class_or_flag') and coalesce(flag = 'true', false)) as is_key,
       r.status, known_on, r.terminated_at
from resolved r
cross join core.key_basis b
left join key_class k on k.account_class = r.account_class
union all
select a.account_id, date '1900-01-01', date '9999-12-31', null, b.every_account, null, null, null
from core.account a
cross join core.key_basis b
where a.account_id not in (select account_id from account_seen);

-- Key by sales: spans during which the sales of the twelve months up to the day reach the threshold.
create or replace temp table big_span as
with setting as (
    select cast(value as decimal(18, 4)) as threshold
    from core.parameter
    where name = 'key_sales' and (select rule from core.key_basis) = 'sales'
),
turn as (
    select account_id, day, amount from core.sale cross join setting where counts and account_id is not null
    union all
    select account_id, cast(day + interval 12 month as date), -amount from core.sale cross join setting where counts and account_id is not null
),
level as (
    select account_id, day, sum(sum(amount)) over (partition by account_id order by day) as sales
    from turn
    group by account_id, day
)
select l.account_id, l.day as from_date, coalesce(lead(l.day) over (partition by l.account_id order by l.day), date '9999-12-31') as to_date,
       l.sales >= s.threshold as is_key
from level l
cross join setting s
union all
select account_id, date '1900-01-01', min(day), false from level group by account_id;

create or replace table core.account_state as
select a.account_id, greatest(a.from_date, coalesce(b.from_date, a.from_date)) as from_date,
       least(a.to_date, coalesce(b.to_date, a.to_date)) as to_date, a.account_class, coalesce(b.is_key, a.is_key) as is_key,
       a.status, a.known_on, a.terminated_at
from account_said a
left join big_span b on b.account_id = a.account_id and b.from_date < a.to_date and b.to_date > a.from_date;
