-- title: 季末划转 | Transfers at the quarter's end
-- question: 有没有在季末临时划转、又没有说明原因的客户？ | Were accounts transferred at the end of a quarter without a reason?
-- line: 季度最后 {days} 天内换人，没有原因，也不是离职交接 | Owner changed in the last {days} days of a quarter, without a reason and not because somebody left
-- unit: 天 | days
-- with: days=15 leaving_days=30
-- order: 12
with changed as (
    select t.account_id, b.rep_id, t.rep_id as to_rep, t.from_date, q.period_end
    from core.tenure t
    join core.tenure b on b.account_id = t.account_id and b.to_date = t.from_date and b.rep_id <> t.rep_id
    join core.quarter q on q.period_start <= t.from_date and t.from_date < q.period_end
    where t.from_date >= q.period_end - cast($days as int)
),
told as (
    select account_id, rep_id, from_date, max(reason) as reason, min(_key) as source_key
    from core.rep_assignment
    group by account_id, rep_id, from_date
)
select c.account_id, c.rep_id, c.from_date as day, 'transfer_late' as reason, c.period_end - c.from_date as number, null as base,
       c.to_rep as other_id, null as detail, 'rep_assignment' as source_entity, r.source_key
from changed c
left join told r on r.account_id = c.account_id and r.rep_id = c.to_rep and r.from_date = c.from_date
left join core.member m on m.rep_id = c.rep_id
where coalesce(r.reason, '') = ''
  and (m.left_at is null or abs(date_diff('day', m.left_at, c.from_date)) > $leaving_days)
