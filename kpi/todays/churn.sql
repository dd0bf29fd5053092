-- Key accounts past two thirds of their churn window and not yet lost (domain.md §8a.1).
select s.account_id, s.churn_date as day, null as words, null as amount, s.churn_date - $today as days
from spell s
join account_state k on k.account_id = s.account_id and k.is_key and k.from_date <= $today and $today < k.to_date
where s.day <= $today and s.active_to > $today and ($today - s.day) * 3 >= s.window_days * 2 and s.churn_date > $today
