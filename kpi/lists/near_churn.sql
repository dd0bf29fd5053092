-- Key accounts past two thirds of their churn window and not yet lost (domain.md §8a.1), the nearest to their line first.
with asked as (
    select q.quarter, q.period_start, q.period_end, cast($dept as varchar) as dept, cast($rep as varchar) as rep_id
    from quarter q
    where q.quarter = $quarter
),
held as (
    select t.account_id, t.rep_id, m.rep_name, coalesce(t.dept, '未归属') as dept, p.as_of, q.period_start
    from asked q
    join period p on p.quarter = q.quarter
    join tenure t on coalesce(t.dept, '未归属') = p.dept and t.from_date <= p.as_of and p.as_of < t.to_date
    left join member m on m.rep_id = t.rep_id
    where (q.dept is null or t.dept = q.dept) and (q.rep_id is null or t.rep_id = q.rep_id)
)
select h.account_id, a.account_name, h.rep_id, h.rep_name, s.day as last_order, h.as_of - s.day as silent_days,
       s.median_gap, s.window_days, s.churn_date, s.churn_date - h.as_of as days_left
from held h
join spell s on s.account_id = h.account_id and s.day <= h.as_of and s.active_to > h.as_of
join account_state k on k.account_id = h.account_id and k.is_key and k.from_date <= h.as_of and h.as_of < k.to_date
left join account a on a.account_id = h.account_id
where (h.as_of - s.day) * 3 >= s.window_days * 2 and s.churn_date > h.as_of
order by days_left, h.account_id
