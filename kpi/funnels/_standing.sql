-- Where each account stands in every model, in its latest cycle (domain.md §2.1). An open crisis stands before the stage beside it.
with latest as (
    select account_id, cycle_no, started_on, ended_on, end_kind, end_reason, won_back
    from cycle
    where $account is null or account_id = $account
    qualify row_number() over (partition by account_id order by cycle_no desc) = 1
),
model as (
    select distinct model, won from stage
),
stood as (
    select account_id, cycle_no, model, stage_no, entered_on, source, source_entity, source_key
    from stage_entry
    where not episode or outcome = '进行中'
    qualify row_number() over (partition by account_id, cycle_no, model order by episode desc, position desc, pass desc) = 1
),
passed as (
    select account_id, cycle_no, model, list(stage_no order by stage_no) filter (where own_on is null and not episode) as skipped
    from stage_reach
    where deal is null
    group by account_id, cycle_no, model
)
select l.account_id, m.model, s.stage_no as stage, g.name_zh, g.name_en,
       case when w.day is not null and coalesce(l.end_kind, '') <> 'LX' then '成交'
            when l.end_kind = 'LX' then '流失'
            when l.end_kind = 'TX' then '终止'
            when s.stage_no is null then '未进入' else '在途' end as state,
       s.entered_on as since, w.day as won_on, l.ended_on, l.end_reason, c.data_date - s.entered_on as days,
       coalesce(p.skipped, []) as skipped, l.cycle_no, l.won_back, s.source, s.source_entity, s.source_key
from latest l
cross join model m
cross join clock c
left join stood s on s.account_id = l.account_id and s.cycle_no = l.cycle_no and s.model = m.model
left join stage g on g.model = m.model and g.stage_no = s.stage_no
left join milestone w on w.account_id = l.account_id and w.cycle_no = l.cycle_no and w.milestone = m.won
left join passed p on p.account_id = l.account_id and p.cycle_no = l.cycle_no and p.model = m.model
order by l.account_id, m.model
