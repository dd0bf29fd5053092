-- The newest complaints and whether they are over.
select cast(opened_at as date) as day, type, severity, content, closed_at is null or cast(closed_at as date) > k.data_date as open, customer_accepted
from complaint
cross join clock k
where account_id = $account and cast(opened_at as date) <= k.data_date
order by opened_at desc
limit 3
