-- When each account became a new key account, or why it did not (docs/definitions.md "K4", domain.md §3.4, §8a.3–4).
create or replace temp table new_setting as
select max(try_cast(value as int)) filter (where name = 'return_days') as return_days,
       max(try_cast(value as int)) filter (where name = 'upgrade_days') as upgrade_days,
       max(try_cast(value as int)) filter (where name = 'winback_as_new_after') as winback_days,
       max(value) filter (where name = 'new_event') as event, max(value) filter (where name = 'new_unit') as unit
from core.parameter;

-- What may make an account new: orders that were not returned in full, else contracts signed or payments received.
create or replace temp table new_event as
with formal as (
    select account_id, order_no, day, sum(amount) as amount, min(sale_key) as source_key,
           min(account_id) over same_no = max(account_id) over same_no as sole,
           arg_min_null(case when credit = 'document' then rep_id end, sale_key) as rep_id
    from core.sale
    cross join new_setting s
    where counts and amount > 0 and (order_type = '正式' or (s.event = 'trial' and order_type = '试单'))
    group by account_id, order_no, day
    window same_no as (partition by order_no)
),
-- A return that names no order takes back the account's latest formal order before it; accounts may share a number.
back as (
    select s.sale_key, s.account_id, s.day, s.amount, coalesce(s.orig_order_no, arg_max(f.order_no, (f.day, f.order_no))) as order_no
    from core.sale s
    left join formal f on s.orig_order_no is null and f.account_id = s.account_id and f.day <= s.day
    where s.counts and s.amount < 0
    group by s.sale_key, s.account_id, s.day, s.amount, s.orig_order_no
),
returned as (
    select f.account_id, f.order_no, f.day, -sum(b.amount) as amount
    from formal f
    cross join new_setting s
    join back b on b.order_no = f.order_no and (f.sole or b.account_id = f.account_id) and b.day >= f.day and b.day <= f.day + s.return_days
    group by f.account_id, f.order_no, f.day
)
select f.account_id, f.day, 'orders' as source_entity, f.source_key, f.rep_id
from formal f
left join returned r using (account_id, order_no, day)
cross join new_setting s
where coalesce(r.amount, 0) < f.amount and s.event in ('formal', 'trial')
union all
select c.account_id, cast(c.signed_at as date), 'contract', c._key, c.rep_id
from core.contract c
cross join new_setting s
cross join core.clock k
where s.event = 'contract' and c.account_id is not null and cast(c.signed_at as date) <= k.data_date and coalesce(c.status, '') not in ('草稿', '作废')
union all
select p.account_id, cast(p.paid_at as date), 'payment', p._key, p.rep_id
from core.payment p
cross join new_setting s
cross join core.clock k
where s.event = 'payment' and p.account_id is not null and p.amount > 0 and cast(p.paid_at as date) <= k.data_date;

create or replace temp table first_event as
with first as (
    select account_id, min(day) as first_day, arg_min(source_entity, (day, source_key)) as source_entity, min_by(source_key, (day, source_key)) as source_key,
           arg_min_null(rep_id, (day, source_key)) as rep_id
    from new_event
    group by account_id
),
-- An account's group: the account that its parent names, else the parent's name, else itself.
grouped as (
    select a.account_id, coalesce(p.account_id, nullif(a.parent_account, ''), a.account_id) as group_id
    from core.account a
    left join (select account_id, account_id as called from core.account
               union
               select min(account_id), account_name from core.account where account_name is not null group by account_name) p
        on p.called = a.parent_account
    qualify row_number() over (partition by a.account_id order by p.account_id) = 1
)
select f.*, case when s.unit = 'parent' then row_number() over (partition by g.group_id order by f.first_day, f.account_id) else 1 end as place_in_group
from first f
join grouped g on g.account_id = f.account_id
cross join new_setting s;

create or replace table core.new_account as
with keyed as (
    select f.account_id, min(greatest(k.from_date, f.first_day)) as key_day
    from first_event f
    join core.account_state k on k.account_id = f.account_id and k.is_key and k.to_date > f.first_day
    group by f.account_id
),
dated as (
    select f.account_id, f.source_entity, f.source_key, f.rep_id, f.first_day,
           case when date_diff('day', f.first_day, k.key_day) <= s.upgrade_days then k.key_day else f.first_day end as new_date,
           case when k.key_day is null then 'not_key'
                when f.place_in_group > 1 then 'group_known'
                when k.key_day = f.first_day then 'new'
                when date_diff('day', f.first_day, k.key_day) <= s.upgrade_days then 'upgraded'
                else 'upgraded_late' end as reason
    from first_event f
    cross join new_setting s
    left join keyed k on k.account_id = f.account_id
),
-- Where the setting says so, an order after long silence makes an account new again.
again as (
    select e.account_id, e.source_entity, min(e.source_key) as source_key, arg_min_null(e.rep_id, e.source_key) as rep_id, e.day
    from (select *, max(day) over (partition by account_id order by day range between unbounded preceding and interval 1 day preceding) as previous from new_event) e
    cross join new_setting s
    join dated d on d.account_id = e.account_id
    join core.account_state k on k.account_id = e.account_id and k.is_key and k.from_date <= e.day and e.day < k.to_date
    where s.winback_days > 0 and date_diff('day', e.previous, e.day) >= s.winback_days
      and (d.reason not in ('new', 'upgraded') or date_diff('day', d.new_date, e.day) >= s.winback_days)
    group by e.account_id, e.source_entity, e.day
),
claimed as (
    select account_id, source_entity, source_key, rep_id, first_day, new_date, reason from dated
    union all
    select account_id, source_entity, source_key, rep_id, day, day, 'new_again' from again
)
select c.account_id, coalesce(case when c.reason <> 'new_again' then a.developed_by end, c.rep_id, t.rep_id) as rep_id, c.new_date, c.first_day,
       c.reason in ('new', 'upgraded', 'new_again') as is_new, c.reason, c.source_key, c.source_entity
from claimed c
join core.account a on a.account_id = c.account_id
left join core.tenure t on t.account_id = c.account_id and t.from_date <= c.new_date and c.new_date < t.to_date;
