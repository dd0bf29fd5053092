-- Order days with the churn window known on each (docs/definitions.md "K3 churn", domain.md §8a.1).
create or replace table core.spell as
with setting as (
    select max(try_cast(value as int)) filter (where name = 'churn_few_gaps_days') as few_days,
           max(try_cast(value as int)) filter (where name = 'churn_gaps_needed') as gaps_needed,
           max(try_cast(value as int)) filter (where name = 'churn_min_days') as min_days,
           max(try_cast(value as int)) filter (where name = 'churn_max_days') as max_days,
           max(try_cast(value as int)) filter (where name = 'churn_flat_days') as flat_days,
           max(value) filter (where name = 'churn_window') as window_rule,
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
-- What the head decided: a cycle for an account; a suspected loss confirmed or rejected (subject: account, or account|last order day).
cycle as (
    select subject as account_id, try_cast(value as int) as days from core.decision where kind = 'account_cycle' and try_cast(value as int) > 0
),
verdict as (
    select case when regexp_matches(subject, '\|\d{4}-\d{2}-\d{2}$') then regexp_extract(subject, '^(.*)\|', 1) else subject end as account_id,
           try_cast(nullif(regexp_extract(subject, '\|(\d{4}-\d{2}-\d{2})$', 1), '') as date) as day,
           cast(decided_at as date) as decided_on, value as verdict
    from core.decision
    where kind = 'churn' and value in ('confirm', 'reject')
),
-- Few accounts have a verdict or declare their end: those are found first, so that no row of the others is compared.
judged as (
    select g.account_id, g.day, v.verdict
    from gapped g
    join verdict v on v.account_id = g.account_id
        and (v.day = g.day or (v.day is null and g.day <= v.decided_on and (g.next_day is null or g.next_day > v.decided_on)))
    qualify row_number() over (partition by g.account_id, g.day order by v.day nulls last) = 1
),
windowed as (
    select m.*, j.verdict,
           case when c.days > 0 then c.days * 2
                when a.expected_cycle_days > 0 then cast(a.expected_cycle_days * 2 as int)
                when s.window_rule = 'flat' then s.flat_days
                when m.gaps >= s.gaps_needed
                then least(s.max_days, greatest(s.min_days, cast(ceil(2 * m.median_gap) as int), cast((m.longest_gap * 12 + 9) // 10 as int)))
                else s.few_days end as window_days,
           case when c.days > 0 then 'decided_cycle' when a.expected_cycle_days > 0 then 'expected_cycle'
                when s.window_rule = 'flat' then 'flat' when m.gaps >= s.gaps_needed then 'own_cycle' else 'few_gaps' end as window_basis,
           s.mode
    from measured m
    cross join setting s
    left join core.account a on a.account_id = m.account_id
    left join cycle c on c.account_id = m.account_id
    left join judged j on j.account_id = m.account_id and j.day = m.day
),
declared as (
    select account_id, coalesce(terminated_at, known_on) as declared_on
    from (select *, lag(coalesce(status, '')) over (partition by account_id order by from_date) as previous from core.account_state)
    where status in ('流失', '合同终止') and coalesce(previous, '') <> status
),
ended as (
    select g.account_id, g.day, min(d.declared_on) as declared_on
    from gapped g
    join declared d on d.account_id = g.account_id and d.declared_on >= g.day and (g.next_day is null or d.declared_on < g.next_day)
    group by g.account_id, g.day
),
marked as (
    select w.*, cast(w.day + w.window_days as date) as churn_date, e.declared_on
    from windowed w
    left join ended e on e.account_id = w.account_id and e.day = w.day
)
select account_id, day, next_day, gap, gaps, median_gap, window_days, window_basis, churn_date, declared_on, source_key, verdict,
       least(case when mode = 'declared_only' or coalesce(verdict, '') = 'reject' then date '9999-12-31' else churn_date end,
             case when mode = 'inferred_only' then date '9999-12-31' else coalesce(declared_on, date '9999-12-31') end,
             coalesce(next_day, date '9999-12-31')) as active_to
from marked
order by account_id, day;
