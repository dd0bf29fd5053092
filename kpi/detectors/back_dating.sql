-- title: 补录 | Back-dated entries
-- question: 哪些拜访是事后才录入的？录入是否集中在季末？ | Which visits were entered long after, and were entries crowded at the quarter's end?
-- line: 发生 {late_days} 天以后才录入；一季的录入超过 {end_percent}% 晚于此，或落在最后 {end_days} 天（至少 {entries} 条） | Entered more than {late_days} days after; over {end_percent} % of a quarter's entries that late, or in its last {end_days} days (of {entries} or more)
-- unit: 天 | days
-- with: late_days=3 end_days=5 end_percent=40 entries=10
-- order: 2
with entry as (
    select account_id, rep_id, cast(visit_at as date) as day, cast(recorded_at as date) as entered_on,
           'visit' as source_entity, _key as source_key
    from core.visit
    where visit_at is not null and recorded_at is not null
),
crowded as (
    select e.rep_id, q.period_end,
           count(*) filter (where e.entered_on >= q.period_end - cast($end_days as int)) as at_end, count(*) as entries,
           count(*) filter (where e.entered_on - e.day > $late_days) as late
    from entry e
    join core.quarter q on q.period_start <= e.entered_on and e.entered_on < q.period_end
    group by e.rep_id, q.period_end
)
select account_id, rep_id, day, 'late_entry' as reason, entered_on - day as number, null as base,
       null as other_id, null as detail, source_entity, source_key
from entry
where entered_on - day > $late_days
union all
select null, rep_id, period_end - 1, 'entered_at_end', at_end, entries, null, null, null, null
from crowded
where entries >= $entries and at_end * 100 > entries * $end_percent
union all
select null, rep_id, period_end - 1, 'entered_late', late, entries, null, null, null, null
from crowded
where entries >= $entries and late * 100 > entries * $end_percent
