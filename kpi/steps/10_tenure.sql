-- Who held which account when (docs/definitions.md "Owner on a date").
create or replace table core.member as
select rep_id, coalesce(rep_name, rep_id) as rep_name, coalesce(nullif(dept, ''), '未分部门') as dept, role, hired_at, left_at
from core.rep;

create or replace table core.tenure as
with change as (
    select account_id, rep_id, previous_rep, from_date, to_date,
           row_number() over (partition by account_id, from_date order by _sheet desc, _row desc) as latest
    from core.rep_assignment
    where account_id is not null and from_date is not null
),
-- An end on the eve of the next holder's first day is the last day held: the day between is not nobody's.
history as (
    select account_id, rep_id, previous_rep, from_date,
           case when next_from = to_date + 1 then next_from
                else least(coalesce(to_date, date '9999-12-31'), coalesce(next_from, date '9999-12-31')) end as to_date,
           row_number() over (partition by account_id order by from_date) as position
    from (select *, lead(from_date) over (partition by account_id order by from_date) as next_from from change where latest = 1)
),
before as (
    select account_id, coalesce(previous_rep, rep_id) as rep_id, date '1900-01-01' as from_date, from_date as to_date
    from history
    where position = 1
),
spans as (
    select account_id, rep_id, from_date, to_date, 'history' as basis from history where from_date < to_date
    union all
    select account_id, rep_id, from_date, to_date, 'history' from before
    union all
    select account_id, rep_id, date '1900-01-01', date '9999-12-31', 'current' from core.account
    where account_id not in (select account_id from change)
)
select s.account_id, s.rep_id, m.dept, s.from_date, s.to_date, s.basis
from spans s
join core.member m on m.rep_id = s.rep_id
order by s.account_id, s.from_date;
