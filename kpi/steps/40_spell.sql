-- Order days with the churn window known on each (docs/definitions.md "K3 churn", domain.md §8a.1).
create or replace table core.spell as
with setting as (
    select max(try_cast(value as int)) filter (where name = 'churn_few_gaps_days') as few_days,
           max(try_cast(value as int)) filter (where name = 'churn_gaps_needed') as gaps_needed,
           max(try_cast(value as int)) filter (where name = 'churn_min_days') as min_days,
           max(try_cast(value as int)) filter (where name = 'churn_max_days') as max_days,
           max(value) filter (where name = 'churn_mode') as mode
    from core.parameter
),
order_day as (
    select account_id, day, arg_min(sale_key, sale_key) as source_key
    from core.sale
    where counts and amount > 0 and order_type in ('正式', '试单')
    group by account_id, day
),
gapped as (
    select *, date_diff('day', lag(day) over seq, day) as gap, lead(day) over seq as next_day
    from order_day
    window seq as (partition by account_id order by day)
),
measured as (
    select *, count(gap) over past as gaps, median(gap) over past as median_gap, max(gap) over recent as longest_gap
    from gapped
    window past as (partition by account_id order by day rows unbounded preceding),
           recent as (partition by account_id order by day rows between 7 preceding and current row)
),
windowed as (
    select m.*,
           case when a.expected_cycle_days > 0 then cast(a.expected_cycle_days * 2 as int)
                when m.gaps >= s.gaps_needed
                then least(s.max_days, greatest(s.min_days, cast(ceil(2 * m.median_gap) as int), cast((m.longest_gap * 12 + 9) // 10 as int)))
                else s.few_days end as window_days,
           case when a.expected_cycle_days > 0 then 'expected_cycle' when m.gaps >= s.gaps_needed then 'own_cycle' else 'few_gaps' end as window_basis,
           s.mode
    from measured m
    cross join setting s
    left join core.account a on a.account_id = m.account_id
),
declared as (
    select account_id, coalesce(terminated_at, known_on) as declared_on
    from (select *, lag(coalesce(status, '')) over (partition by account_id order by from_date) as previous from core.account_state)
    where status in ('流失', '合同终止') and coalesce(previous, '') <> status
),
marked as (
    select w.account_id, w.day, w.next_day, w.gap, w.gaps, w.median_gap, w.window_days, w.window_basis, w.source_key, w.mode,
           cast(w.day + w.window_days as date) as churn_date, min(d.declared_on) as declared_on, max(v.value) as verdict
    from windowed w
    left join core.decision v on v.kind = 'churn' and v.subject = w.account_id || '|' || cast(w.day as varchar)
    left join declared d on d.account_id = w.account_id and d.declared_on >= w.day and (w.next_day is null or d.declared_on < w.next_day)
    group by all
)
select account_id, day, next_day, gap, gaps, median_gap, window_days, window_basis, churn_date, declared_on, source_key, verdict,
       least(case when mode = 'declared_only' or verdict = 'reject' then date '9999-12-31' else churn_date end,
             case when mode = 'inferred_only' then date '9999-12-31' else coalesce(declared_on, date '9999-12-31') end,
             coalesce(next_day, date '9999-12-31')) as active_to
from marked
order by account_id, day;
