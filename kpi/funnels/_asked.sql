-- What every view reads: the question as one row, and the stays of the model asked for.
with asked as (
    select cast($model as varchar) as model, coalesce(cast($start as date), date '0001-01-01') as start_on,
           least(coalesce(cast($end as date), date '9999-12-31'), data_date + 1) as end_on,
           cast($within as int) as within_days, cast($view as varchar) as view_name, data_date
    from clock
),
said as (
    select account_id, null as deal, cycle_no, stage_no, position, pass, entered_on, left_on, outcome,
           next_no, episode, rep_id, dept, null as amount, unit_no, end_reason as reason
    from stage_entry
    where model = $model
    union all
    select account_id, deal, cycle_no, stage_no, position, pass, entered_on, left_on, outcome,
           next_no, episode, rep_id, dept, amount, unit_no, end_reason
    from deal_entry
    where model = $model
),
stay as (
    select *, case outcome when '推进' then 'advanced' when '成交' then 'advanced' when '回退' then 'back'
                           when '进行中' then 'open' else 'terminated' end as fate
    from said
),
covered as (
    select distinct account_id from deal_entry where account_id is not null
)
