-- title: 疑似假新客 | New accounts that may be old
-- question: 计为新开发的客户，是不是老客户换了名字、分了户，或由试单改来？ | Is a new account an old customer under another name, a split, or a relabelled trial?
-- line: 与更早下单的客户代码、电话、地址、名称、上级或负责人（且同行业）相同；试单改为正式；先下单后升为大客户 | Same code, phone, address, name, parent or head (and industry) as a customer that ordered before; a trial relabelled formal; called key only after ordering
-- unit: 天 | days
-- order: 6
with trait as (
    select a.account_id, parent_account, industry, nullif(trim(upper(uscc)), '') as code, nullif(trim(client_head_name), '') as head,
           -- A filler number shared by many accounts is asked about as filler.
           case when f.filled then regexp_replace(a.client_head_contact, '\D', '', 'g') end as phone,
           regexp_replace(coalesce(address, ''), '[\s\p{P}]', '', 'g') as address,
           regexp_replace(regexp_replace(coalesce(account_name, ''), '[\s\p{P}]', '', 'g'), '(集团|股份)?(有限)?(责任)?(公司)?$', '') as name,
           account_name
    from core.account a
    left join core.file_field f on f.account_id = a.account_id and f.field = 'client_head_contact' and f.to_date = date '9999-12-31'
),
first_order as (
    select account_id, min(day) as first_day from core.spell group by account_id
),
old as (
    select t.*, f.first_day from trait t join first_order f on f.account_id = t.account_id
),
fresh as (
    select n.rep_id, n.new_date, n.first_day as ordered_on, n.reason as new_reason, n.source_key, t.*
    from core.new_account n
    join trait t on t.account_id = n.account_id
    where n.is_new
),
resembles as (
    select n.account_id, n.rep_id, n.new_date, n.source_key, n.ordered_on, o.account_id as other_id, o.first_day, 'same_code' as reason
    from fresh n join old o on o.code = n.code
    union all
    select n.account_id, n.rep_id, n.new_date, n.source_key, n.ordered_on, o.account_id, o.first_day, 'same_phone'
    from fresh n join old o on o.phone = n.phone and length(n.phone) >= 7
    union all
    select n.account_id, n.rep_id, n.new_date, n.source_key, n.ordered_on, o.account_id, o.first_day, 'same_address'
    from fresh n join old o on o.address = n.address and length(n.address) >= 6
    union all
    select n.account_id, n.rep_id, n.new_date, n.source_key, n.ordered_on, o.account_id, o.first_day, 'same_name'
    from fresh n join old o on o.name = n.name and length(n.name) >= 2
    union all
    select n.account_id, n.rep_id, n.new_date, n.source_key, n.ordered_on, o.account_id, o.first_day, 'same_head'
    from fresh n join old o on o.head = n.head and o.industry = n.industry
    union all
    select n.account_id, n.rep_id, n.new_date, n.source_key, n.ordered_on, o.account_id, o.first_day, 'same_parent'
    from fresh n
    join old o on n.parent_account in (o.account_id, o.account_name) or (n.parent_account <> '' and n.parent_account = o.parent_account)
),
nearest as (
    select *
    from resembles
    where other_id <> account_id and first_day < ordered_on
    qualify row_number() over (partition by account_id, reason order by first_day desc, other_id) = 1
),
relabelled as (
    select s.account_id, s.sale_key, s.day
    from delivered.orders d
    join core.sale s on s.sale_key = d._key and s.order_type = '正式' and s.counts
    where d.order_type = '试单'
    group by all
)
select account_id, rep_id, new_date as day, reason, ordered_on - first_day as number, null as base, other_id, null as detail,
       'orders' as source_entity, source_key
from nearest
union all
select n.account_id, n.rep_id, n.new_date, 'trial_relabelled', null, null, null, null, 'orders', min(r.sale_key)
from fresh n
join relabelled r on r.account_id = n.account_id and r.day <= n.new_date
group by n.account_id, n.rep_id, n.new_date
union all
select account_id, rep_id, new_date, 'key_after_order', new_date - ordered_on, null, null, null, 'orders', source_key
from fresh
where new_reason = 'upgraded'
