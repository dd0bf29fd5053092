-- title: 凑数的联系 | Contacts logged to fill a rhythm
-- question: 有没有太短的通话，或同一分钟成批录入的联系？ | Are there calls too short to matter, or contacts logged in batches?
-- line: 接通但不足 {seconds} 秒；同一分钟 {calls} 个通话；同一分钟录入 {visits} 条拜访 | Connected for under {seconds} seconds; {calls} calls in one minute; {visits} visits entered in one minute
-- unit: 次 | contacts
-- with: seconds=10 calls=3 visits=5
-- order: 11
with batch as (
    select rep_id, date_trunc('minute', call_at) as minute, count(*) as contacts, 'calls_in_a_minute' as reason, 'call' as source_entity, min(_key) as source_key
    from core.call
    where call_at <> date_trunc('day', call_at)
    group by rep_id, minute
    having count(*) >= $calls
    union all
    select rep_id, date_trunc('minute', recorded_at) as minute, count(*), 'visits_in_a_minute', 'visit', min(_key)
    from core.visit
    where recorded_at <> date_trunc('day', recorded_at)
    group by rep_id, minute
    having count(*) >= $visits
)
select account_id, rep_id, cast(call_at as date) as day, 'call_short' as reason, duration_s as number, null as base,
       null as other_id, null as detail, 'call' as source_entity, _key as source_key
from core.call
where connected and duration_s < $seconds
union all
select null, rep_id, cast(minute as date), reason, contacts, null, null, null, source_entity, source_key
from batch
