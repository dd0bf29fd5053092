-- 同批跟踪 | Cohort: who entered a stage in the period, and where they are now (or `within` days later).
-- domain.md §5.1: with `within`, only units that entered that long ago count.
select r.account_id, r.deal, r.cycle_no, r.stage_no, r.pass, r.reached_on as day, r.rep_id, r.dept, r.amount, r.own_on is null as skipped,
       case when r.next_on <= k.cut then r.next_on when r.end_on <= k.cut then r.end_on end as until,
       case when r.next_on <= k.cut then 'advanced' when r.end_on <= k.cut then 'terminated'
            when a.within_days is null and r.went_back then 'back'
            when s.stood < r.stage_no then 'back' else 'open' end as fate,
       r.end_reason as reason
from stage_reach r
join asked a on a.model = r.model
cross join lateral (select cast(case when a.within_days is null then a.data_date else r.reached_on + a.within_days end as date) as cut) k
left join lateral (
    select arg_max(e.stage_no, e.position) as stood
    from stay e
    where a.within_days is not null and not r.episode and e.unit_no = r.unit_no and e.entered_on <= k.cut and not e.episode
) s on true
where r.reached_on >= a.start_on and r.reached_on < a.end_on and (a.within_days is null or k.cut <= a.data_date)
