-- title: 隐藏流失 | Hidden churn
-- question: 有没有客户在流失判定线前被移交、退回公海、改状态或摘掉大客户标识？ | Was an account handed over, sent to the pool, re-labelled or stripped of its key flag just before its churn line?
-- line: 离判定线 {days_before} 天以内，其后到线前没有订单 | Within {days_before} days of the line, and no order before it
-- unit: 天 | days
-- with: days_before=30
-- order: 5
with silent as (
    select account_id, day, churn_date, source_key, coalesce(next_day, date '9999-12-31') as next_day
    from core.spell
    where next_day is null or next_day > churn_date
),
handed as (
    select t.account_id, b.rep_id, t.rep_id as to_rep, t.from_date
    from core.tenure t
    join core.tenure b on b.account_id = t.account_id and b.to_date = t.from_date and b.rep_id <> t.rep_id
),
state as (
    select account_id, from_date, is_key, coalesce(status, '') as status,
           lag(coalesce(known_on, from_date)) over seq as previous_known, lag(is_key) over seq as previous_key,
           lag(coalesce(status, '')) over seq as previous_status
    from core.account_state
    window seq as (partition by account_id order by from_date)
),
changed as (
    select account_id, from_date, previous_known,
           case when previous_key and not is_key then 'key_removed'
                when status in ('公海', '终止') and previous_status not in ('公海', '终止', '流失', '合同终止') then 'sent_to_pool' end as reason
    from state
)
select h.account_id, h.rep_id, h.from_date as day, 'handed_before_line' as reason, s.churn_date - h.from_date as number,
       null as base, h.to_rep as other_id, null as detail, 'orders' as source_entity, s.source_key
from handed h
join silent s on s.account_id = h.account_id and s.day <= h.from_date
    and h.from_date < s.churn_date and s.churn_date - h.from_date <= $days_before
join core.account_state k on k.account_id = h.account_id and k.is_key and k.from_date <= h.from_date and h.from_date < k.to_date
left join core.member m on m.rep_id = h.rep_id
where m.left_at is null or m.left_at > h.from_date + $days_before or m.left_at < h.from_date - $days_before
union all
-- A change shows with the export that brought it; it may have been made at any time since the one before.
select c.account_id, t.rep_id, c.from_date, c.reason, s.churn_date - c.from_date, null, null, null, 'orders', s.source_key
from changed c
join silent s on s.account_id = c.account_id and s.day <= c.from_date and c.from_date < s.next_day
    and s.churn_date > c.previous_known and s.churn_date - c.from_date <= $days_before
left join core.tenure t on t.account_id = c.account_id and t.from_date <= c.from_date and c.from_date < t.to_date
where c.reason is not null
union all
select s.account_id, t.rep_id, s.from_date, 'status_reset', null, null, null, null, 'account', s.account_id
from state s
left join core.tenure t on t.account_id = s.account_id and t.from_date <= s.from_date and s.from_date < t.to_date
where s.previous_status in ('流失', '合同终止') and s.status not in ('流失', '合同终止')
  and not exists (select 1 from core.spell o where o.account_id = s.account_id and o.day > s.previous_known and o.day <= s.from_date)
