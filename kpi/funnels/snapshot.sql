-- 今日快照 | Snapshot: where each one stands on the last day of the period. An open crisis stands before the stage beside it.
select e.account_id, e.deal, e.cycle_no, e.stage_no, e.pass, e.entered_on as day, e.rep_id, e.dept,
       coalesce(e.amount, v.expected_amount) as amount, false as skipped, cast(null as date) as until, 'open' as fate,
       cast(null as varchar) as reason
from stay e
cross join asked a
left join (
    select account_id, arg_max(expected_amount, (coalesce(assessed_at, date '1900-01-01'), _row)) as expected_amount
    from value_assessment
    where expected_amount is not null
    group by account_id
) v on v.account_id = e.account_id and e.deal is null
where e.entered_on < a.end_on and (e.left_on is null or e.left_on >= a.end_on)
qualify row_number() over (partition by e.unit_no order by e.episode desc, e.position desc, e.pass desc) = 1
