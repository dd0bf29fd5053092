-- When each account became a new key account, or why it did not (docs/definitions.md "K4", domain.md §8a.3–4).
create or replace table core.new_account as
with setting as (
    select max(try_cast(value as int)) filter (where name = 'return_days') as return_days,
           max(try_cast(value as int)) filter (where name = 'upgrade_days') as upgrade_days
    from core.parameter
),
formal as (
    select account_id, order_no, day, sum(amount) as amount, min(sale_key) as source_key,
           min(account_id) over same_no = max(account_id) over same_no as sole,
           arg_min_null(case when credit = 'document' then rep_id end, sale_key) as rep_id
    from core.sale
    where counts and amount > 0 and order_type = '正式'
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
    cross join setting
    join back b on b.order_no = f.order_no and (f.sole or b.account_id = f.account_id) and b.day >= f.day and b.day <= f.day + setting.return_days
    group by f.account_id, f.order_no, f.day
),
standing as (
    select f.*, coalesce(r.amount, 0) >= f.amount as undone
    from formal f
    left join returned r using (account_id, order_no, day)
),
first_order as (
    select account_id,
           min(day) filter (where not undone) as first_day,
           arg_min(source_key, (day, source_key)) filter (where not undone) as source_key,
           arg_min_null(rep_id, (day, source_key)) filter (where not undone) as rep_id
    from standing
    group by account_id
),
keyed as (
    select f.account_id, min(greatest(k.from_date, f.first_day)) as key_day
    from first_order f
    join core.account_state k on k.account_id = f.account_id and k.is_key and k.to_date > f.first_day
    group by f.account_id
),
dated as (
    select f.account_id, f.source_key, f.rep_id, f.first_day,
           case when date_diff('day', f.first_day, k.key_day) <= s.upgrade_days then k.key_day else f.first_day end as new_date,
           case when k.key_day is null then 'not_key'
                when k.key_day = f.first_day then 'new'
                when date_diff('day', f.first_day, k.key_day) <= s.upgrade_days then 'upgraded'
                else 'upgraded_late' end as reason
    from first_order f
    cross join setting s
    left join keyed k on k.account_id = f.account_id
    where f.first_day is not null
)
select c.account_id, coalesce(a.developed_by, c.rep_id, t.rep_id) as rep_id, c.new_date, c.first_day,
       c.reason in ('new', 'upgraded') as is_new, c.reason, c.source_key
from dated c
join core.account a on a.account_id = c.account_id
left join core.tenure t on t.account_id = c.account_id and t.from_date <= c.new_date and c.new_date < t.to_date;
