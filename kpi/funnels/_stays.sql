-- First stays in each stage with their days; those still in run to the data date (domain.md §5.4).
select e.*, e.entered_on as day, coalesce(e.left_on, a.data_date) - e.entered_on as days
from stay e
cross join asked a
where (e.pass = 1 or e.episode) and e.entered_on < a.end_on
  and case a.view_name when 'cohort' then e.entered_on >= a.start_on
                       when 'snapshot' then true
                       else e.left_on is null or e.left_on >= a.start_on end
