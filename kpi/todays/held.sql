-- The accounts that are held today, with what a card says of each and the newest contact and promise.
with contact as (
    select account_id, cast(visit_at as date) as day, visit_at as moment, coalesce(visit_type, '上门') as kind,
           coalesce(nullif(trim(result), ''), purpose) as words, next_date, next_step
    from visit
    where visit_at is not null and coalesce(status, '完成') = '完成'
      and (visit_type is distinct from '微信' or coalesce(trim(result), '') <> '')
    union all
    select account_id, cast(call_at as date), call_at, '电话', coalesce(nullif(trim(content), ''), purpose), cast(next_contact_at as date), null
    from call
    where call_at is not null and coalesce(connected, coalesce(duration_s, 1) > 0)
),
newest as (
    select account_id, max(day) as last_on, arg_max(kind, moment) as last_kind, arg_max(words, moment) as last_words,
           max(day) filter (where next_date is not null) as promised_at,
           arg_max(next_date, moment) filter (where next_date is not null) as promised_on,
           arg_max(next_step, moment) filter (where next_date is not null) as promised_step
    from contact
    where day <= $today
    group by account_id
),
stood as (
    select e.account_id, e.stage_no
    from stage_entry e
    where e.model = 'a' and not e.episode
    qualify row_number() over (partition by e.account_id order by e.cycle_no desc, e.position desc, e.pass desc) = 1
),
state as (
    select y.account_id, y.ended_on, w.day is not null as won
    from cycle y
    left join milestone w on w.account_id = y.account_id and w.cycle_no = y.cycle_no and w.milestone = 'M13'
    qualify row_number() over (partition by y.account_id order by y.cycle_no desc) = 1
)
select a.account_id, a.account_name, a.account_class as tier, a.address, t.rep_id, m.rep_name, t.dept, s.stage_no as stage,
       (select count(*) from stage g where g.model = 'a' and g.enabled) as stages, y.ended_on is not null as ended, y.won,
       n.last_on, n.last_kind, n.last_words, n.promised_at, n.promised_on, n.promised_step, cast(a.next_contact_at as date) as next_contact_on
from account a
join tenure t on t.account_id = a.account_id and t.from_date <= $today and $today < t.to_date
left join member m on m.rep_id = t.rep_id
left join newest n on n.account_id = a.account_id
left join stood s on s.account_id = a.account_id
left join state y on y.account_id = a.account_id
where (cast($rep as varchar) is null or t.rep_id = $rep) and (cast($dept as varchar) is null or t.dept = $dept)
order by a.account_id
