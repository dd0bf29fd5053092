-- Instalments not fully paid that are overdue or fall due within a week, by account.
select account_id, min(due_at) as day, null as words, sum(due_amount - case when paid_at <= $today then coalesce(amount, 0) else 0 end) as amount,
       $today - min(due_at) as days
from payment
where due_amount is not null and due_at <= $today + 7
  and due_amount - case when paid_at <= $today then coalesce(amount, 0) else 0 end > 0
group by account_id
