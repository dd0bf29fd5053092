-- Order lines with their credit, sign and whether they count (docs/definitions.md "Order lines", "Credit").
create or replace temp table sale_credit as
with line as (
    select _key as sale_key, order_no, account_id, rep_id, orig_order_no, cast(order_date as date) as day,
           coalesce(order_type, '正式') as order_type, status,
           case when order_type = '退货' then -abs(amount) else amount end as amount, _sheet
    from core.orders
    where amount is not null and order_date is not null
),
origin as (
    select order_no, min(rep_id) as rep_id from line where amount > 0 and rep_id is not null group by order_no
),
credit as (
    select l.*, coalesce(case when l.amount < 0 then o.rep_id end, l.rep_id, t.rep_id) as credited,
           case when l.amount < 0 and o.rep_id is not null then 'orig_order'
                when l.rep_id is not null then 'document'
                when t.rep_id is not null then t.basis
                else 'none' end as credit
    from line l
    left join origin o on o.order_no = l.orig_order_no
    left join core.tenure t on t.account_id = l.account_id and t.from_date <= l.day and l.day < t.to_date
)
select c.sale_key, c.order_no, c.orig_order_no, c.account_id, c.credited as rep_id, m.dept, c.day, c.amount, c.order_type, c.credit, c._sheet,
       case when c.status = '取消' then 'cancelled' when c.order_type = '赠送' then 'gift' end as left_out
from credit c
left join core.member m on m.rep_id = c.credited;

-- The clock: how far the orders of each department are known.
create or replace table core.dept_clock as
with seen as (
    select s.dept, l.load_id, l.exported_on, max(s.day) filter (where s.day <= l.loaded_at::date) as newest
    from sale_credit s
    join meta.load_sheet ls on ls.sheet_id = s._sheet
    join meta.load l on l.load_id = ls.load_id and l.in_force and l.complete
    group by all
)
select dept, max(coalesce(exported_on, newest)) as data_date from seen where dept is not null group by dept;

create or replace table core.clock as
select coalesce((select max(data_date) from core.dept_clock),
                (select max(l.exported_on) from meta.load l where l.in_force),
                (select max(s.day) from sale_credit s),
                (select max(l.loaded_at::date) from meta.load l where l.in_force)) as data_date;

create or replace table core.sale as
select s.sale_key, s.order_no, s.orig_order_no, s.account_id, s.rep_id, s.dept, s.day, s.amount, s.order_type, s.credit,
       s.left_out is null and s.day <= c.data_date as counts,
       coalesce(s.left_out, case when s.day > c.data_date then 'future'
                                 when s.amount < 0 then 'return'
                                 when s.order_type = '试单' then 'trial'
                                 else 'order' end) as reason
from sale_credit s
cross join core.clock k
left join core.dept_clock d on d.dept = s.dept
cross join lateral (select coalesce(d.data_date, k.data_date) as data_date) c;
