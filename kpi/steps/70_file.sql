-- When each account's file was known, created and became a customer's, and when each stage's fields fall due (domain.md §8a.5).
create or replace table core.first_export as
select min(d.known_on) as first_export
from core.delivery d
join meta.sheet s on s.sheet_id = d.sheet_id and s.entity = 'account';

create or replace table core.file as
with seen as (
    select k.account_id, min(d.known_on) as known_on
    from delivered.account a
    join core._account_key k on k._key = a._key
    join core.delivery d on d.sheet_id = a.sheet_id
    group by k.account_id
),
customer as (
    select account_id, min(day) as customer_from from core.sale where counts and amount > 0 and order_type = '正式' group by account_id
)
select s.account_id, s.known_on, cast(a.created_at as date) as created_on, c.customer_from
from seen s
join core.account a on a.account_id = s.account_id
left join customer c on c.account_id = s.account_id;

create or replace table core.file_due as
with setting as (
    select cast(value as int) as due_days from core.parameter where name = 'field_due_days'
),
entry as (
    select account_id,
           min(entered_on) filter (where stage_no >= 2) as second,
           min(entered_on) filter (where stage_no >= 3) as third,
           min(entered_on) filter (where stage_no >= 4) as fourth
    from core.stage_entry
    where model = 'a'
    group by account_id
),
due as (
    select f.account_id,
           least(e.second, coalesce(cast(f.created_on + s.due_days as date), f.known_on), f.customer_from) as a1,
           least(e.third, cast(e.second + s.due_days as date), f.customer_from) as a2,
           least(e.fourth, cast(e.third + s.due_days as date), f.customer_from) as a3
    from core.file f
    cross join setting s
    left join entry e on e.account_id = f.account_id
)
select account_id, 'A1' as stage, a1 as due_on from due where a1 is not null
union all
select account_id, 'A2', a2 from due where a2 is not null
union all
select account_id, 'A3', a3 from due where a3 is not null;

-- When each account's file says it was last updated, by the day on which it said so.
create or replace table core.file_touched as
select k.account_id, d.known_on, max(cast(a.updated_at as date)) as touched_on
from delivered.account a
join core._account_key k on k._key = a._key
join core.delivery d on d.sheet_id = a.sheet_id
where a.updated_at is not null
group by k.account_id, d.known_on;
