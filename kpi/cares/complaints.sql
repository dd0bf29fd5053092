-- Complaints opened in the period: how soon answered and closed, whether accepted, and the orders in the 90 days before and after.
-- Orders after count only where those 90 days are over.
with asked as (
    select coalesce(cast($start as date), date '0001-01-01') as start_on,
           least(coalesce(cast($end as date), date '9999-12-31'), data_date + 1) as end_on, data_date
    from clock
)
select c.complaint_no, c.account_id, a.account_name, coalesce(t.rep_id, c.rep_id) as rep_id, m.rep_name, cast(c.opened_at as date) as opened_on, c.type, c.severity,
       c.responsible_dept, c.content, c.solution, c.customer_accepted,
       case when c.first_response_at <= k.data_date + interval 1 day then date_diff('hour', c.opened_at, c.first_response_at) end as response_hours,
       case when cast(c.closed_at as date) <= k.data_date then cast(c.closed_at as date) - cast(c.opened_at as date) end as days_to_close,
       k.data_date - cast(c.opened_at as date) as days_since,
       (select coalesce(sum(s.amount), 0) from sale s where s.counts and s.account_id = c.account_id
        and s.day >= cast(c.opened_at as date) - 90 and s.day < cast(c.opened_at as date)) as sales_before,
       case when cast(c.opened_at as date) + 90 <= k.data_date then
            (select coalesce(sum(s.amount), 0) from sale s where s.counts and s.account_id = c.account_id
             and s.day > cast(c.opened_at as date) and s.day <= cast(c.opened_at as date) + 90) end as sales_after,
       case when cast(c.opened_at as date) + 90 <= k.data_date then
            (select count(distinct s.day) from sale s where s.counts and s.amount > 0 and s.account_id = c.account_id
             and s.day > cast(c.opened_at as date) and s.day <= cast(c.opened_at as date) + 90) end as orders_after
from complaint c
cross join asked k
left join tenure t on t.account_id = c.account_id and t.from_date <= cast(c.opened_at as date) and cast(c.opened_at as date) < t.to_date
left join member m on m.rep_id = coalesce(t.rep_id, c.rep_id)
left join account a on a.account_id = c.account_id
where cast(c.opened_at as date) >= k.start_on and cast(c.opened_at as date) < k.end_on
  and (cast($rep as varchar) is null or coalesce(t.rep_id, c.rep_id) = $rep) and (cast($dept as varchar) is null or coalesce(t.dept, m.dept) = $dept)
order by c.opened_at desc, c.complaint_no
