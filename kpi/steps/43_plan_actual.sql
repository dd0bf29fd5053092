-- What counts towards a plan, and for whom: the numerator of plan completion (docs/definitions.md "K1", domain.md §3, §3.1).
create or replace temp table actual_setting as
select max(value) filter (where name = 'plan_numerator') as numerator, max(value) filter (where name = 'attribution') as rule,
       max(try_cast(value as int)) filter (where name = 'attribution_share_days') as share_days,
       max(value) filter (where name = 'attribution_splits') as splits,
       max(try_cast(value as int)) filter (where name = 'fiscal_year_start_month') as first_month
from core.parameter;

create or replace temp table actual_event as
select 'orders' as source_entity, s.sale_key as source_key, s.account_id, s.rep_id as document_rep, s.credit_day, s.counts, s.reason, s.day as ordered_on,
       case p.numerator when 'invoiced' then coalesce(s.invoiced_on, case when s.amount < 0 then s.day end)
                        when 'shipped' then coalesce(s.shipped_on, case when s.amount < 0 then s.day end)
                        else s.day end as day,
       case when p.numerator = 'quantity' then coalesce(s.qty, 0) else s.amount end as amount,
       case when p.rule <> 'document' then s.account_id end as ask_owner_of
from core.sale s
cross join actual_setting p
where p.numerator in ('orders', 'invoiced', 'shipped', 'quantity')
union all
select 'payment', p._key, p.account_id, p.rep_id, cast(p.paid_at as date), true, 'payment', cast(p.paid_at as date), cast(p.paid_at as date), p.amount, p.account_id
from core.payment p
cross join actual_setting s
where s.numerator = 'cash' and p.paid_at is not null and p.amount is not null
union all
select 'contract', c._key, c.account_id, c.rep_id, cast(c.signed_at as date), coalesce(c.status, '') not in ('草稿', '作废'),
       case when coalesce(c.status, '') in ('草稿', '作废') then 'contract_not_in_force' else 'contract' end,
       cast(c.signed_at as date), cast(c.signed_at as date), c.amount, c.account_id
from core.contract c
cross join actual_setting s
where s.numerator = 'contract' and c.signed_at is not null and c.amount is not null;

-- The part of the old owner after a hand-over: days [share_from, share_to) and percent.
create or replace temp table old_share as
with handover as (
    select t.account_id, t.from_date, b.rep_id as old_rep
    from core.tenure t
    join core.tenure b on b.account_id = t.account_id and b.to_date = t.from_date and b.rep_id <> t.rep_id
),
step as (
    select unnest(string_split(splits, ',')) as percent, generate_subscripts(string_split(splits, ','), 1) as place from actual_setting
)
select h.account_id, h.from_date, h.old_rep, h.from_date as share_from, cast(h.from_date + s.share_days as date) as share_to, 50 as percent
from handover h
cross join actual_setting s
where s.rule = 'shared'
union all
select h.account_id, h.from_date, h.old_rep, cast(h.from_date + to_months(cast(3 * (p.place - 1) as int)) as date),
       cast(h.from_date + to_months(cast(3 * p.place as int)) as date), cast(p.percent as int)
from handover h
cross join actual_setting s
cross join step p
where s.rule = 'declining';

create or replace table core.plan_actual as
with owned as (
    select e.*, t.rep_id as owner, o.old_rep, coalesce(o.percent, 0) as old_percent
    from actual_event e
    left join core.tenure t on t.account_id = e.ask_owner_of and t.from_date <= e.credit_day and e.credit_day < t.to_date
    left join old_share o on o.account_id = t.account_id and o.from_date = t.from_date and o.share_from <= e.credit_day and e.credit_day < o.share_to
),
at_end as (
    select o.*, z.rep_id as last_owner
    from (
        select o.*, p.rule, p.numerator,
               case when p.rule = 'quarter_end'
                    then least(k.data_date, cast(date_trunc('month', o.credit_day)
                                                 + to_months(cast(3 - (month(o.credit_day) - p.first_month + 12) % 3 as int)) - interval 1 day as date)) end as last_day
        from owned o
        cross join actual_setting p
        cross join core.clock k
    ) o
    left join core.tenure z on z.account_id = o.account_id and z.from_date <= o.last_day and o.last_day < z.to_date
),
part as (
    select source_entity, source_key, account_id, counts, reason, day, ordered_on, numerator, old_percent,
           case when rule = 'document' then coalesce(document_rep, owner) when rule = 'quarter_end' then last_owner else owner end as rep_id,
           amount - cast(amount * old_percent / 100 as decimal(18, 4)) as part, 'share_new_owner' as share
    from at_end
    union all
    select source_entity, source_key, account_id, counts, reason, day, ordered_on, numerator, old_percent, old_rep,
           cast(amount * old_percent / 100 as decimal(18, 4)), 'share_old_owner'
    from at_end
    where old_percent > 0
)
select p.source_entity, p.source_key, p.account_id, p.rep_id, m.dept, coalesce(p.day, p.ordered_on) as day, cast(p.part as decimal(18, 4)) as amount,
       p.counts and p.day is not null and p.day <= coalesce(d.data_date, k.data_date) as counts,
       case when not p.counts then p.reason
            when p.day is null then case when p.numerator = 'invoiced' then 'not_invoiced' else 'not_shipped' end
            when p.day > coalesce(d.data_date, k.data_date) then 'future'
            when p.old_percent > 0 then p.share
            else p.reason end as reason
from part p
cross join core.clock k
left join core.member m on m.rep_id = p.rep_id
left join core.dept_clock d on d.dept = m.dept;
