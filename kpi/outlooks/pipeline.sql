-- Open developments and deals with what they are expected to bring: amount × likelihood (domain.md §5.8, value assessment).
select f.account_id, c.account_name, f.deal, f.rep_id, f.stage_no as stage, g.name_zh, g.name_en, f.day as since,
       coalesce(s.closes_on, v.closes_on) as closes_on, case when f.deal is null then v.amount else f.amount end as amount,
       case when f.deal is null then v.likelihood else cast(s.likelihood as varchar) end as likelihood_said,
       v.obstacles, v.assessed_at
from fate f
join stage g on g.model = $model and g.stage_no = f.stage_no
left join account c on c.account_id = f.account_id
left join (
    select account_id, arg_max(expected_amount, (coalesce(assessed_at, date '1900-01-01'), _row)) as amount,
           arg_max(deal_likelihood, (coalesce(assessed_at, date '1900-01-01'), _row)) as likelihood,
           arg_max(expected_close, (coalesce(assessed_at, date '1900-01-01'), _row)) as closes_on,
           arg_max(obstacles, (coalesce(assessed_at, date '1900-01-01'), _row)) as obstacles,
           max(assessed_at) as assessed_at
    from value_assessment
    group by account_id
) v on v.account_id = f.account_id and f.deal is null
left join (
    select coalesce(deal_id, account_id || '·' || deal_name, deal_name) as deal,
           arg_max(probability, coalesce(entered_at, recorded_at, cast(opened_at as timestamp))) as likelihood,
           arg_max(closed_at, coalesce(entered_at, recorded_at, cast(opened_at as timestamp))) as closes_on
    from stage_history
    where coalesce(deal_id, deal_name) is not null
    group by coalesce(deal_id, account_id || '·' || deal_name, deal_name)
) s on s.deal = f.deal
where not g.final
