-- Visits on site of the last thirty days without a feedback form, more than 48 hours ago.
select v.account_id, cast(v.visit_at as date) as day, v.purpose as words, null as amount, $today - cast(v.visit_at as date) as days
from visit v
where v.visit_at is not null and coalesce(v.status, '完成') = '完成' and coalesce(v.visit_type, '上门') = '上门'
  and cast(v.visit_at as date) < $today - 1 and cast(v.visit_at as date) >= $today - 30
  and not exists (from feedback_form f where f.visit_id = v.visit_id)
