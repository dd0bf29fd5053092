-- What happened to each account between the start of the earlier quarter and the data date of the later one.
with span as (
    select min(p.period_start) as first_day, max(p.as_of) as last_day,
           max(p.period_start) as start_day
    from period p where p.quarter in ($before, $after)
),
entered as (
    select t.account_id
    from tenure t cross join span s
    join tenure b on b.account_id = t.account_id and b.to_date = t.from_date
    where t.from_date > s.first_day and t.from_date <= s.last_day
      and ($rep is null or t.rep_id = $rep) and ($dept is null or t.dept = $dept)
      and not (($rep is null or b.rep_id = $rep) and ($dept is null or b.dept = $dept))
),
gone as (
    select t.account_id
    from tenure t cross join span s
    where t.to_date > s.first_day and t.to_date <= s.last_day
      and ($rep is null or t.rep_id = $rep) and ($dept is null or t.dept = $dept)
      and ($rep is not null or $dept is not null)
),
bought as (
    select w.account_id, min(w.day) >= any_value(s.first_day) as is_new,
           not coalesce(bool_or(w.day <= s.last_day and w.active_to > s.last_day), false) as is_lost,
           coalesce(bool_or(w.next_day > w.active_to and w.next_day > s.first_day and w.next_day <= s.last_day), false) as is_back
    from spell w cross join span s
    where w.day <= s.last_day
    group by w.account_id
),
state as (
    select k.account_id, coalesce(bool_or(k.is_key) filter (where k.from_date <= s.first_day and s.first_day < k.to_date), false) as at_start,
           coalesce(bool_or(k.is_key) filter (where k.from_date <= s.last_day and s.last_day < k.to_date), false) as at_end
    from account_state k cross join span s
    group by k.account_id
)
select a.account_id, a.account_id in (select account_id from entered) as moved_in,
       a.account_id in (select account_id from gone) as moved_out,
       coalesce(b.is_new, false) as new, coalesce(b.is_back, false) as won_back, coalesce(b.is_lost, false) as lost,
       coalesce(f.known_on > s.first_day, false) as opened,
       coalesce(k.at_end and not k.at_start, false) as status_in, coalesce(k.at_start and not k.at_end, false) as status_out
from (select account_id from bought union select account_id from state union select account_id from tenure) a
cross join span s
left join file f on f.account_id = a.account_id
left join bought b on b.account_id = a.account_id
left join state k on k.account_id = a.account_id
