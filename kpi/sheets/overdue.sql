-- Instalments overdue on the data date.
select due_at as day, k.data_date - due_at as days, due_amount - case when paid_at <= k.data_date then coalesce(amount, 0) else 0 end as amount
from payment
cross join clock k
where account_id = $account and due_amount is not null and due_at < k.data_date
  and due_amount - case when paid_at <= k.data_date then coalesce(amount, 0) else 0 end > 0
order by due_at
