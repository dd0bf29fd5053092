-- What the units won in the period were worth: the deal's amount, or the last value assessment before the win.
select count(*) as won, count(coalesce(f.amount, v.amount)) as n, avg(coalesce(f.amount, v.amount)) as mean_value
from fate f
left join lateral (
    select arg_max(a.expected_amount, a.assessed_at) as amount
    from value_assessment a
    where f.deal is null and a.account_id = f.account_id and a.expected_amount is not null
) v on true
