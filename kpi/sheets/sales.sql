-- Sales that count in the last four quarters, the newest first.
select q.quarter, coalesce(sum(s.amount), 0) as amount, count(distinct s.day) filter (where s.amount > 0) as orders
from (select quarter, period_start, period_end from quarter cross join clock where period_start <= data_date
      order by period_start desc limit 4) q
left join sale s on s.account_id = $account and s.counts and s.day >= q.period_start and s.day < q.period_end
group by q.quarter
order by q.quarter desc
