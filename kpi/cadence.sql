-- Accounts to keep in touch with: from the first visit on site until the end of the cycle or class D (domain.md §5.5, §8a.10).
with latest as (
    select account_id, cycle_no
    from cycle
    qualify row_number() over (partition by account_id order by cycle_no desc) = 1
),
live as (
    select y.account_id, y.cycle_no, min(m.day) filter (where m.milestone = 'M04') as first_visit
    from latest y
    join milestone m on m.account_id = y.account_id and m.cycle_no = y.cycle_no
    group by y.account_id, y.cycle_no
    having bool_or(m.milestone = 'M04') and not bool_or(m.milestone in ('TX', 'LX'))
),
contact as (
    select account_id, cast(visit_at as date) as day, next_date as promised
    from visit
    where visit_at is not null and coalesce(status, '完成') = '完成'
      and (visit_type is distinct from '微信' or coalesce(trim(result), '') <> '')
    union all
    select account_id, cast(call_at as date), cast(next_contact_at as date)
    from call
    where call_at is not null and coalesce(connected, coalesce(duration_s, 1) > 0)
),
touched as (
    select l.account_id, l.first_visit, list_sort(list_distinct(list(c.day))) as days,
           arg_max(c.promised, c.day) filter (where c.promised is not null) as promised
    from live l
    join contact c on c.account_id = l.account_id and c.day >= l.first_visit
    where c.day <= $today
    group by l.account_id, l.first_visit
)
select t.account_id, a.account_name, a.account_class as tier, o.rep_id, t.first_visit, t.days,
       greatest(t.promised, cast(a.next_contact_at as date)) as promised
from touched t
join account a on a.account_id = t.account_id
left join tenure o on o.account_id = t.account_id and o.from_date <= $today and $today < o.to_date
where a.account_class is distinct from 'D' and (cast($rep as varchar) is null or o.rep_id = $rep)
  and (cast($dept as varchar) is null or o.dept = $dept)
order by t.account_id
