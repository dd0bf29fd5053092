-- title: 大客户档案完整率 | File completeness
-- question: 到期应填的档案字段，填好了多少？ | How much of what is due in the account files is filled in?
-- formula: 各户(已填权重 ÷ 应填权重)的平均 | Mean over accounts of filled weight ÷ due weight
-- unit: percent
-- better: higher
-- rollup: mean
-- grain: stock
-- interval: none
-- target: 0.95
-- no_base: 无基数
-- rollup_if: completeness_variant=A2 ratio
-- interval_if: completeness_variant=B wilson
-- parts: 已填(分),应填(分) | Filled (points),Due (points)
with setting as (
    select cast(value as int) as grace_days from core.parameter where name = 'file_grace_days'
),
stale as (
    select cast(value as int) as stale_days from core.parameter where name = 'stale_days'
),
whole as (
    select cast(value as decimal(18, 4)) as complete_from from core.parameter where name = 'complete_from'
),
variant as (
    select max(value) filter (where name = 'completeness_variant') as variant,
           max(value) filter (where name = 'stale_discount') as stale_discount
    from core.parameter
),
owned as (
    select t.account_id, t.rep_id, t.dept, p.quarter, p.period_start, p.period_end, p.as_of
    from core.snapshot p
    join core.tenure t on t.dept = p.dept and t.from_date <= p.as_of and p.as_of < t.to_date
),
known as (
    select o.account_id, o.rep_id, o.dept, o.quarter, o.period_start, o.period_end, o.as_of,
           f.known_on, f.created_on, f.customer_from, k.is_key, k.status, e.first_export
    from owned o
    cross join core.first_export e
    left join core.file f on f.account_id = o.account_id and f.known_on <= o.as_of
    left join core.account_state k on k.account_id = o.account_id and k.from_date <= o.as_of and o.as_of < k.to_date
),
judged as (
    select k.account_id, k.rep_id, k.dept, k.quarter, k.period_start, k.period_end, k.as_of, k.known_on, k.customer_from,
           case when k.first_export is null or k.first_export > k.as_of then 'no_data'
                when k.known_on is null then 'not_known'
                when k.status = '终止' then 'terminated'
                when k.status = '作废' then 'account_voided'
                when coalesce(k.created_on, k.known_on) > cast(k.as_of - s.grace_days as date) and k.created_on is not null then 'too_new'
                when not k.is_key and k.customer_from <= k.as_of then 'not_key' end as left_out
    from known k
    cross join setting s
),
field as (
    select j.account_id, j.as_of, r.weight, coalesce(f.filled, false) as filled,
           r.entity = 'account' and r.field in ('account_name', 'main_products', 'client_head_name', 'potential_need') as required
    from judged j
    cross join core.file_rule r
    join core.file_due d on d.account_id = j.account_id and d.stage = r.stage and d.due_on <= j.as_of
    left join core.file_field f
        on f.account_id = j.account_id and f.field = r.field and f.entity = r.entity and f.from_date <= j.as_of and j.as_of < f.to_date
    where j.left_out is null
      and not (r.entity = 'value_assessment' and j.customer_from is not null and j.customer_from <= j.as_of)
),
scored as (
    select account_id, as_of, sum(case when filled then weight else 0 end) as filled_weight, sum(weight) as due_weight,
           sum(case when required and not filled then 1 else 0 end) as lacking
    from field
    group by account_id, as_of
),
touched as (
    select j.account_id, j.as_of, max(t.touched_on) as touched_on
    from judged j
    join core.file_touched t on t.account_id = j.account_id and t.known_on <= j.as_of and t.touched_on <= j.as_of
    group by j.account_id, j.as_of
),
weighed as (
    select s.account_id, s.as_of, s.due_weight, s.filled_weight, s.lacking, v.variant, w.complete_from,
           v.stale_discount = 'on' and coalesce(t.touched_on < cast(s.as_of - d.stale_days as date), false) as is_stale
    from scored s
    cross join variant v
    cross join stale d
    cross join whole w
    left join touched t on t.account_id = s.account_id and t.as_of = s.as_of
),
counted as (
    select account_id, as_of, due_weight, filled_weight, is_stale, lacking, variant,
           filled_weight * (case when is_stale then 0.5 else 1 end) as points,
           filled_weight * (case when is_stale then 50 else 100 end) >= complete_from * due_weight and lacking = 0 as is_complete
    from weighed
)
select j.account_id, j.rep_id, j.dept, cast(null as varchar) as plan_id, j.quarter, j.period_start, j.period_end, j.as_of as day,
       cast(case when s.variant = 'B' then (case when s.is_complete then 1 else 0 end) else coalesce(s.points, 0) end as decimal(18, 4)) as numerator,
       cast(case when s.variant = 'B' then 1 else coalesce(s.due_weight, 0) end as decimal(18, 4)) as denominator,
       coalesce(j.left_out, case when s.due_weight is null then 'nothing_due'
                                 when s.is_stale then 'stale'
                                 when s.filled_weight = s.due_weight then 'complete' else 'incomplete' end) as reason,
       j.known_on as reason_date, 'account' as source_entity, j.account_id as source_key
from judged j
left join counted s on s.account_id = j.account_id and s.as_of = j.as_of
where coalesce(j.left_out, '') <> 'not_known'
