-- Visits of a period, planned and unplanned, and how each went (domain.md §5.7). `planned` leaves out those we withdrew.
select v.visit_id, v.account_id, a.account_name, v.rep_id, m.rep_name, v.plan_date, cast(v.visit_at as date) as visit_on, v.status, v.purpose,
       v.plan_date is not null and v.status is distinct from '取消(我方)' as planned,
       v.visit_at is not null and coalesce(v.status, '完成') = '完成' as done,
       length(trim(coalesce(v.result, ''))) >= 10 as has_result,
       f.visit_id is not null or s.inline as has_form, coalesce(f.class, v.customer_class) is not null as has_class,
       coalesce(nullif(trim(f.track_plan), ''), nullif(trim(v.next_step), '')) is not null as has_next,
       coalesce(f.discussed_with_supervisor, false) or v.supervisor_at is not null or coalesce(trim(v.supervisor_comment), '') <> '' as has_supervisor,
       s.inline or f.filled_at <= v.visit_at + interval 48 hour as in_time
from visit v
left join lateral (select coalesce(trim(v.customer_reaction), '') <> '' and v.customer_class is not null
                          and not exists (from feedback_form) as inline) s on true
left join (
    select visit_id, min(filled_at) as filled_at, arg_min(class, filled_at) as class, arg_min(track_plan, filled_at) as track_plan,
           bool_or(discussed_with_supervisor) as discussed_with_supervisor
    from feedback_form
    group by visit_id
) f on f.visit_id = v.visit_id
left join account a on a.account_id = v.account_id
left join member m on m.rep_id = v.rep_id
where coalesce(v.plan_date, cast(v.visit_at as date)) >= $start and coalesce(v.plan_date, cast(v.visit_at as date)) < $end
  and (cast($rep as varchar) is null or v.rep_id = $rep) and (cast($dept as varchar) is null or coalesce(m.dept, v.dept) = $dept)
order by coalesce(v.plan_date, cast(v.visit_at as date)) desc, v.visit_id
