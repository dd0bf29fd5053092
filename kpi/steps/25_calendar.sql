-- Fiscal quarters with data, and how far each department's quarter is known.
create or replace table core.quarter as
with setting as (
    select (select cast(value as int) from core.parameter where name = 'fiscal_year_start_month') as first_month,
           (select value from core.parameter where name = 'fiscal_label') as label
),
reach as (
    select coalesce(least((select min(day) from core.sale where counts),
                          (select min(period_start) from core.sales_plan),
                          (select min(cast(visit_at as date)) from core.visit)),
                    (select min(cast(created_at as date)) from core.account),
                    (select data_date from core.clock)) as first_day,
           (select data_date from core.clock) as last_day
),
month as (
    select cast(unnest(range(date_trunc('month', first_day) - interval 2 month, last_day + interval 1 day, interval 1 month)) as date) as month_start
    from reach
    where first_day is not null
),
opening as (
    select m.month_start as period_start, s.first_month, s.label,
           (cast(month(m.month_start) as int) - s.first_month + 12) % 12 as offset_months
    from month m cross join setting s
)
select concat(year_start + case when label = 'end' and first_month > 1 then 1 else 0 end, 'Q', offset_months // 3 + 1) as quarter,
       period_start, cast(period_start + interval 3 month as date) as period_end,
       make_date(year_start, first_month, 1) as year_start
from (select *, cast(year(period_start) as int) - case when cast(month(period_start) as int) < first_month then 1 else 0 end as year_start from opening)
where offset_months % 3 = 0
  and cast(period_start + interval 3 month as date) > (select first_day from reach)
order by period_start;

create or replace table core.period as
with dept as (
    select distinct dept from core.member
    union
    select '未归属'
)
select d.dept, q.quarter, q.period_start, q.period_end,
       least(cast(q.period_end - interval 1 day as date), coalesce(k.data_date, c.data_date)) as as_of
from dept d
cross join core.quarter q
cross join core.clock c
left join core.dept_clock k on k.dept = d.dept
where q.period_start <= coalesce(k.data_date, c.data_date);

-- The days on which files are looked at: each as_of, or the ends of the quarter's months up to it.
create or replace table core.snapshot as
select p.dept, p.quarter, p.period_start, p.period_end, least(m.last_day, p.as_of) as as_of
from core.period p
cross join (select value = 'month_ends' as monthly from core.parameter where name = 'completeness_snapshot') s
cross join lateral (
    select cast(p.period_start + to_months(cast(n as int)) - interval 1 day as date) as last_day,
           cast(p.period_start + to_months(cast(n as int) - 1) as date) as first_day
    from range(1, 4) as months(n)
) m
where case when s.monthly then m.first_day <= p.as_of else m.last_day = cast(p.period_end - interval 1 day as date) end;
