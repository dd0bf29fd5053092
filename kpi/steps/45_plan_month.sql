-- Plan lines in force, spread over months and cut to service (docs/definitions.md "K1", domain.md §8a.6–7).
create or replace temp table plan_setting as
select max(value) filter (where name = 'plan_version') as version_rule,        max(value) filter (where name = 'part_quarter') as part_rule,
       max(try_cast(value as int)) filter (where name = 'fiscal_year_start_month') as first_month,
       max(value) filter (where name = 'plan_numerator') as numerator
from core.parameter where name in ('plan_version', 'part_quarter', 'fiscal_year_start_month', 'plan_numerator');

create or replace temp table plan_version_any as
with asked as (
    select case when numerator = 'quantity' then '销量'
                when numerator = 'cash' and exists (select 1 from delivered.sales_plan where metric = '回款') then '回款'
                else '销售额' end as metric
    from plan_setting
),
heard as (
    select p._key, r.rep_id, a.account_id, p.dept, p.period_start, p.period_end as given_end, p.plan_value, p.prorated, p.version,
           cast(p.approved_at as date) as approved_at, d.known_on, l.exported_on is not null as dated, d.ord, p.row_no,
           coalesce(p.metric, '销售额') = '新客户数' as of_accounts
    from delivered.sales_plan p
    cross join asked q
    join core.delivery d on d.sheet_id = p.sheet_id
    join meta.load l on l.load_id = d.load_id
    left join core._rep_ref r on r.ref_id = coalesce(p.rep_id, '') and r.ref_name = coalesce(p.rep_name, '')
    left join core._account_ref a on a.ref_id = coalesce(p.account_id, '') and a.ref_name = coalesce(p.account_name, '')
    where coalesce(p.metric, '销售额') in (q.metric, '新客户数') and p.period_start is not null and p.period_end is not null and p.plan_value is not null
),
spanned as (
    select *, case when day(given_end) = 1 and day(period_start) = 1 and given_end > period_start then given_end
                   else cast(given_end + interval 1 day as date) end as period_end
    from heard
),
placed as (
    select *, concat_ws('|', coalesce(rep_id, ''), coalesce(account_id, ''), case when rep_id is null then coalesce(dept, '') else '' end,
                        cast(period_start as varchar), cast(period_end as varchar), case when of_accounts then '新客户数' end) as plan_id,
           coalesce(approved_at, case when dated then known_on end) as stated_on
    from spanned
),
-- A row without version, approval or export date is no version: it replaces all that was delivered before it.
replaced as (
    select *, max(ord) filter (where stated_on is null and version is null) over (partition by plan_id) as plain_ord from placed
)
select * exclude (stated_on, plain_ord), coalesce(stated_on, date '1900-01-01') as stated_on
from replaced
where ord >= coalesce(plain_ord, 0);

create or replace temp table plan_version as select * exclude (of_accounts) from plan_version_any where not of_accounts;

-- On which day a line asks for its version: the day given, the end of time or the beginning, as the setting says.
create or replace temp macro asks_on(day, rule) as case rule when 'first' then date '1800-01-01' when 'latest' then date '9999-12-31' else day end;

create or replace temp macro newest_version(stated_on, asked_on, version, ord, row_no) as case
    when stated_on <= asked_on then (1, date_diff('day', date '1900-01-01', stated_on), coalesce(version, 0), ord, row_no)
    else (0, -date_diff('day', date '1900-01-01', stated_on), -coalesce(version, 0), ord, row_no) end;

create or replace temp table plan_in_force as
with chosen as (
    select v.*
    from plan_version_any v
    cross join plan_setting s
    qualify row_number() over (partition by plan_id order by newest_version(stated_on, asks_on(period_start, s.version_rule), version, ord, row_no) desc) = 1
)
select c.*,
       date_diff('month', period_start, period_end) as months,
       day(period_start) = 1 and day(period_end) = 1
       and (date_diff('month', period_start, period_end) = 1
            or (date_diff('month', period_start, period_end) in (3, 6, 12)
                and (month(period_start) - f.first_month + 12) % 3 = 0)) as calendar
from chosen c
cross join plan_setting f;

create or replace temp table plan_line_any as
select plan_id, rep_id, account_id, coalesce(m.dept, l.dept) as dept, period_start, period_end, plan_value, months,
       l.calendar and not coalesce(bool_or(not l.calendar) over (
           partition by concat(rep_id, '|', account_id, '|', case when rep_id is null and account_id is null then l.dept end), of_accounts), false) as calendar,
       coalesce(prorated, false) as prorated, version, approved_at, l._key as source_key, of_accounts
from plan_in_force l
left join core.member m using (rep_id);

create or replace table core.plan_line as select * exclude (of_accounts) from plan_line_any where not of_accounts;

create or replace temp table plan_month_any as
with month as (
    select plan_id, rep_id, account_id, dept, months, of_accounts, period_start as line_start,
           cast(unnest(range(cast(period_start as timestamp), cast(period_end as timestamp), interval 1 month)) as date) as month_start
    from plan_line_any
    where calendar
),
finest as (
    select *
    from month
    qualify row_number() over (partition by coalesce(rep_id, ''), coalesce(account_id, ''), case when rep_id is null then dept end, of_accounts, month_start
                               order by months, plan_id) = 1
),
-- Each quarter is judged by the version in force when it began. The months of a line add up to it, to the last decimal.
versioned as (
    select f.* exclude (line_start), cast(v.plan_value * (n.before + 1) / f.months as decimal(18, 4)) - cast(v.plan_value * n.before / f.months as decimal(18, 4)) as stated, coalesce(v.prorated, false) as prorated, v._key as source_key
    from finest f
    left join core.quarter q on q.period_start <= f.month_start and f.month_start < q.period_end
    cross join plan_setting s
    cross join lateral (select date_diff('month', f.line_start, f.month_start) as before) n
    join plan_version_any v on v.plan_id = f.plan_id
    qualify row_number() over (
        partition by f.plan_id, f.month_start
        order by newest_version(v.stated_on, asks_on(coalesce(q.period_start, f.month_start), s.version_rule), v.version, v.ord, v.row_no) desc) = 1
),
service as (
    select f.*, cast(f.month_start + interval 1 month as date) as month_end, m.hired_at, m.left_at,
           date_diff('month', cast(date_trunc('month', m.hired_at) as date), f.month_start) as month_of_service,
           (select list(cast(trim(p) as int)) from (select unnest(string_split(value, ',')) as p from core.parameter where name = 'ramp')) as ramp
    from versioned f
    left join core.member m on m.rep_id = f.rep_id
),
-- The span whose days a part of a quarter is measured by: the month, or its fiscal quarter.
measured as (
    select v.*, p.part_rule, greatest(span_start, coalesce(hired_at, span_start)) as active_from,
           least(span_end, coalesce(cast(left_at + 1 as date), span_end)) as active_to
    from (
        select v.*, case when p.part_rule = 'quarter_days' then cast(v.month_start - to_months(cast((month(v.month_start) - p.first_month + 12) % 3 as int)) as date)
                         else v.month_start end as span_start,
               case when p.part_rule = 'quarter_days'
                    then cast(v.month_start + to_months(cast(3 - (month(v.month_start) - p.first_month + 12) % 3 as int)) as date) else v.month_end end as span_end
        from service v
        cross join plan_setting p
    ) v
    cross join plan_setting p
),
factored as (
    select * exclude (part_rule, active_from, active_to),
           case part_rule when 'working_days' then (select count(*) from working_day w where w.day >= span_start and w.day < span_end)
                          else date_diff('day', span_start, span_end) end as days,
           case part_rule when 'working_days' then (select count(*) from working_day w where w.day >= active_from and w.day < active_to)
                          when 'none' then date_diff('day', span_start, span_end)
                          else greatest(0, date_diff('day', active_from, active_to)) end as active_days,
           case when hired_at is null or month_of_service < 0 then 100
                else ramp[least(month_of_service + 1, len(ramp))] end as ramp_percent
    from measured
)
select plan_id, rep_id, account_id, dept, month_start, of_accounts,
       cast(case when prorated then stated else stated * active_days * ramp_percent / (days * 100) end as decimal(18, 4)) as value,
       stated, case when prorated or (active_days = days and ramp_percent = 100) then 'plan'
                    when active_days < days then 'plan_part_month' else 'plan_ramp' end as reason,
       active_days, days, ramp_percent, source_key
from factored;

create or replace table core.plan_month as select * exclude (of_accounts) from plan_month_any where not of_accounts;

-- Planned new accounts by rep and month; nobody is expected to win a fraction in the first months, so service does not cut it.
create or replace table core.new_plan_month as
select plan_id, rep_id, dept, month_start, stated as value, source_key
from plan_month_any
where of_accounts and rep_id is not null and account_id is null;
