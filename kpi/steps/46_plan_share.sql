-- Which plan months count, and for whom (docs/definitions.md "K1", domain.md §8a.6): a rep's own plan, else those of
-- single accounts; a department's or the company's plan only where nothing below it is planned.
create or replace table core.plan_share as
with own_plan as (
    select plan_id, rep_id, account_id, dept, month_start, value, reason, source_key
    from core.plan_month
    where rep_id is not null and account_id is null
),
-- Shares of a department's or the company's plan that the head divided (a decision about its plan_id: rep to amount).
given as (
    select l.plan_id, l.period_start, l.months, m.rep_id, m.dept,
           cast(json_extract_string(d.value, '$."' || m.rep_id || '"') as decimal(18, 4)) as amount
    from core.plan_line l
    join core.decision d on d.kind = 'plan_allocation' and d.subject = l.plan_id
    join core.member m on json_extract_string(d.value, '$."' || m.rep_id || '"') is not null
    where l.rep_id is null and l.account_id is null
),
-- The months of a share add up to it: each is the difference of two rounded running sums.
divided as (
    select p.plan_id, g.rep_id, cast(null as varchar) as account_id, g.dept, p.month_start,
           cast(g.amount * (date_diff('month', g.period_start, p.month_start) + 1) / g.months as decimal(18, 4))
           - cast(g.amount * date_diff('month', g.period_start, p.month_start) / g.months as decimal(18, 4)) as value,
           'plan_divided' as reason, p.source_key
    from core.plan_month p
    join given g on g.plan_id = p.plan_id
),
own as (
    select * from own_plan
    union all
    select * from divided d
    where not exists (select 1 from own_plan o where o.rep_id = d.rep_id and o.month_start = d.month_start)
),
-- The plan of an account that names nobody follows the account by days.
account_month as (
    select plan_id, account_id, month_start, cast(month_start + interval 1 month as date) as month_end, stated, source_key
    from core.plan_month
    where rep_id is null and account_id is not null
),
held as (
    select a.plan_id, a.month_start, t.rep_id,
           sum(date_diff('day', greatest(a.month_start, t.from_date), least(a.month_end, t.to_date))) as days
    from account_month a
    join core.tenure t on t.account_id = a.account_id and t.from_date < a.month_end and t.to_date > a.month_start
    where t.rep_id is not null
    group by a.plan_id, a.month_start, t.rep_id
),
holder as (
    select plan_id, month_start, rep_id, days from held
    union all
    select a.plan_id, a.month_start, null, date_diff('day', a.month_start, a.month_end) - coalesce(sum(h.days), 0)
    from account_month a
    left join held h on h.plan_id = a.plan_id and h.month_start = a.month_start
    group by a.plan_id, a.month_start, a.month_end
),
of_account as (
    select plan_id, rep_id, account_id, dept, month_start, value, reason, source_key
    from core.plan_month
    where rep_id is not null and account_id is not null
    union all
    select a.plan_id, h.rep_id, a.account_id, m.dept, a.month_start,
           cast(a.stated * h.days / date_diff('day', a.month_start, a.month_end) as decimal(18, 4)),
           case when h.days < date_diff('day', a.month_start, a.month_end) then 'plan_part_month' else 'plan' end, a.source_key
    from account_month a
    join holder h on h.plan_id = a.plan_id and h.month_start = a.month_start and h.days > 0
    left join core.member m on m.rep_id = h.rep_id
),
below as (
    select * from own
    union all
    select a.plan_id, a.rep_id, a.account_id, a.dept, a.month_start,
           case when o.rep_id is null then a.value else cast(0 as decimal(18, 4)) end,
           case when o.rep_id is null then a.reason else 'plan_within_own' end, a.source_key
    from of_account a
    left join own o on o.rep_id = a.rep_id and o.month_start = a.month_start
),
department as (
    select plan_id, dept, month_start, stated as value, source_key
    from core.plan_month p
    where rep_id is null and account_id is null and dept is not null
      and not exists (select 1 from below b where b.dept = p.dept and b.month_start = p.month_start)
),
company as (
    select plan_id, dept, month_start, stated as value, source_key
    from core.plan_month p
    where rep_id is null and account_id is null and dept is null
      and not exists (select 1 from below b where b.month_start = p.month_start)
      and not exists (select 1 from department d where d.month_start = p.month_start)
),
whole as (
    select * from department
    union all
    select * from company
),
-- Each person in service under a plan that nobody has divided yet.
waiting as (
    select w.plan_id, m.rep_id, m.dept, w.month_start, w.source_key
    from whole w
    join core.member m on (w.dept is null or m.dept = w.dept) and coalesce(m.role, '专员') = '专员'
    where (m.hired_at is null or m.hired_at < w.month_start + interval 1 month) and (m.left_at is null or m.left_at >= w.month_start)
),
share as (
    select * from below
    union all
    select plan_id, null, null, dept, month_start, value, 'plan_undivided', source_key from whole
    union all
    select plan_id, rep_id, null, dept, month_start, cast(0 as decimal(18, 4)), 'to_divide', source_key from waiting
)
select s.*, q.quarter, q.period_start, q.period_end
from share s
join core.quarter q on q.period_start <= s.month_start and s.month_start < q.period_end
where exists (select 1 from core.period d where d.quarter = q.quarter and d.dept = coalesce(s.dept, '未归属'));
