-- Order lines with their credit, sign and whether they count (docs/definitions.md "Order lines", "Credit").
create or replace temp table sale_credit as
with line as (
    select _key as sale_key, order_no, account_id, rep_id, orig_order_no, cast(order_date as date) as day,
           case when order_type in ('试单', '退货', '赠送') then order_type else '正式' end as order_type, status,
           case when order_type = '退货' then -abs(amount) else amount end as amount, region, _sheet,
           case when order_type = '退货' then -abs(qty) else qty end as qty,
           cast(shipped_at as date) as shipped_on, cast(invoiced_at as date) as invoiced_on
    from core.orders
    where amount is not null and order_date is not null
),
owned as (
    select l.*, coalesce(l.rep_id, t.rep_id) as own_rep_id,
           case when l.rep_id is not null then 'document' when t.rep_id is not null then t.basis else 'none' end as own_credit
    from line l
    left join core.tenure t on t.account_id = l.account_id and t.from_date <= l.day and l.day < t.to_date
),
-- Accounts may share an order number: a return belongs to its own account's order.
origin as (
    select order_no, account_id, arg_min_null(own_rep_id, sale_key) as rep_id,
           arg_min_null(rep_id, sale_key) as named_rep_id, arg_min(day, sale_key) as day, count(*) over (partition by order_no) as accounts
    from owned
    where amount > 0 and order_no in (select orig_order_no from line where orig_order_no is not null)
    group by order_no, account_id
),
credit as (
    select o.*, case when o.amount < 0 and g.order_no is not null then g.rep_id else o.own_rep_id end as credited,
           case when o.amount < 0 and g.order_no is not null then 'orig_order' else o.own_credit end as credit,
           case when o.amount < 0 and g.order_no is not null then g.named_rep_id else o.rep_id end as named_rep_id,
           case when o.amount < 0 and g.order_no is not null then g.day else o.day end as credit_day
    from owned o
    left join origin g on g.order_no = o.orig_order_no and (g.accounts = 1 or g.account_id = o.account_id)
)
select c.sale_key, c.order_no, c.orig_order_no, c.account_id, c.credited as rep_id, m.dept, c.day, c.amount, c.order_type, c.credit, c.region, c._sheet,
       c.named_rep_id, c.credit_day, c.qty, c.shipped_on, c.invoiced_on,
       case when c.status = '取消' then 'cancelled' when c.order_type = '赠送' then 'gift' end as left_out
from credit c
left join core.member m on m.rep_id = c.credited;

-- The clock: how far the orders of each department are known.
create or replace temp table load_clock as
select ls.load_id, l.exported_on, coalesce(l.exported_on, max(o.order_date) filter (where o.order_date <= l.loaded_at::date)) as data_date
from meta.load l
join meta.load_sheet ls on ls.load_id = l.load_id
join delivered.orders o on o.sheet_id = ls.sheet_id
where l.in_force and l.complete
group by ls.load_id, l.exported_on;

create or replace table core.dept_clock as
with held as (
    select distinct s.dept, o.sheet_id
    from delivered.orders o
    join sale_credit s on s.sale_key = o._key
    where s.dept is not null
)
select h.dept, max(c.data_date) as data_date
from held h
join meta.load_sheet ls on ls.sheet_id = h.sheet_id
join load_clock c on c.load_id = ls.load_id
where c.data_date is not null
group by h.dept;

create or replace table core.clock as
select coalesce((select max(data_date) from load_clock),
                (select max(l.exported_on) from meta.load l where l.in_force),
                (select max(l.loaded_at::date) from meta.load l where l.in_force)) as data_date;

-- Orders gone from a later export that its loader called complete for their dates (domain.md 8a.8). Each load speaks
-- for the departments whose orders it holds. An order that a still later load delivers again is not gone.
create or replace table core.vanished_order as
with loads as (
    select load_id, complete_from, complete_to,
           row_number() over (order by coalesce(exported_on, loaded_at::date), load_id) as place
    from meta.load
    where in_force and exists (select 1 from meta.load where in_force and complete_from is not null)
),
delivery as (
    select distinct o._key as sale_key, l.load_id, l.place, l.complete_from, l.complete_to
    from delivered.orders o
    join meta.load_sheet ls on ls.sheet_id = o.sheet_id
    join loads l on l.load_id = ls.load_id
),
spoken_for as (
    select distinct d.load_id, d.place, d.complete_from, d.complete_to, s.dept
    from delivery d
    join sale_credit s on s.sale_key = d.sale_key
    where d.complete_from is not null
),
last_said as (
    select sale_key, max(place) as place from delivery group by sale_key
),
gone as (
    select s.sale_key, max(c.load_id) as load_id
    from sale_credit s
    join last_said a on a.sale_key = s.sale_key
    join spoken_for c on c.place > a.place and s.day between c.complete_from and c.complete_to and (c.dept = s.dept or s.dept is null)
    group by s.sale_key
)
select s.sale_key, s.order_no, s.account_id, s.rep_id, s.dept, s.day, s.amount, g.load_id, d.value as decided, d.reason, d.decided_by, d.decided_at
from gone g
join sale_credit s on s.sale_key = g.sale_key
left join core.decision d on d.kind = 'order_vanished' and d.subject = s.order_no;

create or replace table core.sale as
select s.sale_key, s.order_no, s.orig_order_no, s.account_id, s.rep_id, s.dept, s.day, s.amount, s.order_type, s.credit, s.region,
       v.sale_key is null and s.left_out is null and s.day <= c.data_date as counts,
       coalesce(s.left_out, case when v.sale_key is not null then 'voided'
                                 when s.day > c.data_date then 'future'
                                 when s.amount < 0 then 'return'
                                 when s.order_type = '试单' then 'trial'
                                 else 'order' end) as reason,
       s.named_rep_id, s.credit_day, s.qty, s.shipped_on, s.invoiced_on
from sale_credit s
cross join core.clock k
left join core.dept_clock d on d.dept = s.dept
cross join lateral (select coalesce(d.data_date, k.data_date) as data_date) c
left join core.vanished_order v on v.sale_key = s.sale_key and v.decided = '作废';
