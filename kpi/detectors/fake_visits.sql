-- title: 疑似虚假拜访 | Visits that may not have happened
-- question: 有没有排得不可能、写得雷同、没有任何旁证的拜访？ | Are there visits impossible to make, described alike, or without any trace?
-- line: 一天上门超过 {a_day} 次；{minutes} 分钟内两家；同季 {accounts} 户以上的记录相似 90% 以上；无联系人且前后 {trace_days} 天无通话；周末；不在职 | Over {a_day} on-site a day; two within {minutes} minutes; texts 90 % alike at {accounts} accounts of a quarter; no contact and no call within {trace_days} days; weekend; not in service
-- unit: 次 | visits
-- with: a_day=6 minutes=15 accounts=3 trace_days=7 text_length=10
-- order: 7
with done as (
    select v._key as source_key, v.account_id, v.rep_id, v.visit_at, cast(v.visit_at as date) as day, v.visit_type, v.contact_id, v.contact_name,
           regexp_replace(lower(coalesce(v.result, '')), '[\d\s\p{P}\p{S}]+', '', 'g') as text
    from core.visit v
    where v.visit_at is not null and coalesce(v.status, '完成') = '完成'
),
onsite as (
    select * from done where coalesce(visit_type, '上门') = '上门'
),
busy as (
    select rep_id, day, count(*) as visits from onsite where rep_id is not null group by rep_id, day having count(*) > $a_day
),
sequence as (
    select *, lag(visit_at) over seq as previous_at, lag(account_id) over seq as previous_account
    from onsite
    where visit_at <> date_trunc('day', visit_at)
    window seq as (partition by rep_id order by visit_at, source_key)
),
said as (
    select d.rep_id, q.quarter, d.account_id, d.text, min(d.source_key) as source_key, min(d.day) as day
    from done d
    join core.quarter q on q.period_start <= d.day and d.day < q.period_end
    where length(d.text) >= $text_length and d.account_id is not null
    group by d.rep_id, q.quarter, d.account_id, d.text
),
-- Texts that differ in a tenth share their beginning or their end.
edge as (
    select rep_id, quarter, account_id, text, source_key, day, 'a' || left(text, 5) as mark from said
    union all
    select rep_id, quarter, account_id, text, source_key, day, 'z' || right(text, 5) from said
),
alike as (
    select a.rep_id, a.account_id, a.source_key, a.day, count(distinct b.account_id) + 1 as accounts, min(b.account_id) as other_id
    from edge a
    join edge b on b.rep_id = a.rep_id and b.quarter = a.quarter and b.mark = a.mark and b.account_id <> a.account_id
    where levenshtein(a.text, b.text) * 10 <= greatest(strlen(a.text), strlen(b.text)) -- both count bytes
    group by a.rep_id, a.account_id, a.source_key, a.day
    having count(distinct b.account_id) + 1 >= $accounts
),
feed as (
    select (select count(*) * 2 > (select count(*) from done) from done where contact_id is not null or contact_name is not null) as names_contacts,
           (select min(cast(call_at as date)) from core.call) as first_call,
           (select max(cast(call_at as date)) from core.call) as last_call
)
select null as account_id, rep_id, day, 'visits_a_day' as reason, visits as number, null as base, null as other_id, null as detail,
       null as source_entity, null as source_key
from busy
union all
select account_id, rep_id, day, 'visits_at_once', date_diff('minute', previous_at, visit_at), null, previous_account, null, 'visit', source_key
from sequence
where account_id <> previous_account and visit_at - previous_at < to_minutes(cast($minutes as int))
union all
select account_id, rep_id, day, 'visit_text_alike', accounts, null, other_id, null, 'visit', source_key
from alike
union all
select d.account_id, d.rep_id, d.day, 'visit_no_trace', null, null, null, null, 'visit', d.source_key
from onsite d
cross join feed f
where f.names_contacts and d.contact_id is null and d.contact_name is null
  and d.day >= f.first_call + cast($trace_days as int) and d.day <= f.last_call - cast($trace_days as int)
  and not exists (
      select 1 from core.call c
      where c.account_id = d.account_id and abs(date_diff('day', cast(c.call_at as date), d.day)) <= $trace_days)
union all
select account_id, rep_id, day, 'visit_weekend', null, null, null, null, 'visit', source_key
from onsite
where isodow(day) >= 6
union all
select d.account_id, d.rep_id, d.day, 'visit_not_in_service', null, null, null, null, 'visit', d.source_key
from done d
join core.member m on m.rep_id = d.rep_id
where d.day < m.hired_at or d.day > m.left_at
