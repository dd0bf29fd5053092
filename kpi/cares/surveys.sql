-- Satisfaction by quarter: the mean of score ÷ scale, over surveys that name both.
select q.quarter, count(*) as n, sum(s.score / s.scale) as total
from survey s
join quarter q on s.surveyed_at >= q.period_start and s.surveyed_at < q.period_end
left join tenure t on t.account_id = s.account_id and t.from_date <= s.surveyed_at and s.surveyed_at < t.to_date
where s.score is not null and s.scale > 0 and s.score <= s.scale
  and (cast($rep as varchar) is null or t.rep_id = $rep) and (cast($dept as varchar) is null or t.dept = $dept)
  and (cast($start as date) is null or s.surveyed_at >= $start) and (cast($end as date) is null or s.surveyed_at < $end)
group by q.quarter
order by q.quarter
