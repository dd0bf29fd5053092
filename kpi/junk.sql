-- Which values of the account files are junk (domain.md §7): each rule by itself, the first that applies gives the reason.
-- Needs file_value(entity, field, account_id, value), junk_account(account_id, account_name, rep_id) and the
-- settings as tables: junk_field, junk_word, junk_allowed, junk_filler, junk_date, junk_limit.
create or replace temp table junk_value as
with given as (
    select distinct v.entity, v.field, v.account_id, v.value, f.kind, f.phone, f.intro, f.free_text
    from file_value v
    join junk_field f on f.entity = v.entity and f.field = v.field
    where v.value is not null
),
reduced as (
    select distinct entity, field, value, kind, phone, intro,
           regexp_replace(lower(value), '^[\p{P}\p{Z}\s]+|[\p{P}\p{Z}\s]+$', '', 'g') as word,
           case when phone then regexp_replace(regexp_replace(value, '[\s\p{Z}()（）.+_-]', '', 'g'), '^(00)?86(1[3-9]\d{9})$', '\2') end as digits
    from given
),
by_value as (
    select r.entity, r.field, r.value,
           case
               when r.kind = 'date' then case when r.value in (select day from junk_date) then 'junk_date' end
               when r.kind = 'year' then case when try_cast(r.value as decimal(18, 4)) not between 1000 and 2100 then 'junk_year' end
               when regexp_full_match(r.value, '[\p{P}\p{S}\p{Z}\s]+') then 'junk_punctuation'
               when r.word in (select word from junk_word) then 'junk_word'
               -- doubled characters are names (丽丽) and head counts (22)
               when length(r.word) >= 3 and replace(r.word, r.word[1], '') = ''
                    and (r.phone or length(r.word) >= 5 or not regexp_full_match(r.word, '\d+')) then 'junk_repeated'
               when r.phone then
                   case
                       when r.digits in (select number from junk_filler) then 'junk_phone'
                       when not regexp_matches(r.digits, '(^|\D)1[3-9]\d{9}($|\D)')
                            and not regexp_matches(r.digits, '(^|\D)(0\d{2,3}[1-9]\d{6,7}\d{0,4}|[48]00\d{7}|[2-9]\d{6,7})($|\D)')
                            and not regexp_matches(r.value, '\d{2,4}[ -]?\*{3,}') -- masked by the exporting system
                            and not regexp_matches(r.value, '(\+|^00)[1-9][\d ()-]{6,}\d|\(?[2-9]\d{2}\)?[-. ]\d{3}[-. ]\d{4}')
                            and not regexp_matches(r.value, '[^@\s]+@[^@\s]+\.\w+|(?i)(微信|wechat|wx|qq)\D{0,3}[\w-]{5,}')
                       then 'junk_phone'
                   end
               when r.intro and length(r.word) < (select intro_length from junk_limit) then 'junk_short'
           end as reason
    from reduced r
    left join junk_allowed a on a.entity = r.entity and a.field = r.field and a.word = r.word
    where a.word is null
),
shared as (
    select g.entity, g.field, r.digits
    from given g
    join reduced r on r.entity = g.entity and r.field = g.field and r.value = g.value
    where g.phone and regexp_matches(r.digits, '\d{7}')
    group by all
    having count(distinct g.account_id) >= (select phone_accounts from junk_limit)
),
files as (
    select rep_id, count(*) as n from junk_account where rep_id is not null group by rep_id
),
copied as (
    select g.entity, g.field, g.value, a.rep_id
    from given g
    join junk_account a on a.account_id = g.account_id
    join files f on f.rep_id = a.rep_id
    cross join junk_limit l
    where g.free_text and f.n >= l.repeated_files
    group by g.entity, g.field, g.value, a.rep_id, f.n, l.repeated_percent
    having count(distinct g.account_id) * 100 > f.n * l.repeated_percent
)
select g.entity, g.field, g.account_id, g.value,
       case
           when b.reason is not null then b.reason
           when s.digits is not null then 'junk_phone_shared'
           when g.kind = 'text' and g.field <> 'account_name' and lower(trim(g.value)) = lower(trim(a.account_name)) then 'junk_account_name'
           when c.value is not null then 'junk_copied'
       end as reason
from given g
join reduced r on r.entity = g.entity and r.field = g.field and r.value = g.value
left join by_value b on b.entity = g.entity and b.field = g.field and b.value = g.value
left join shared s on s.entity = g.entity and s.field = g.field and s.digits = r.digits
left join junk_account a on a.account_id = g.account_id
left join copied c on c.entity = g.entity and c.field = g.field and c.value = g.value and c.rep_id = a.rep_id
left join junk_allowed w on w.entity = g.entity and w.field = g.field and w.word = r.word
where w.word is null and (
    b.reason is not null or s.digits is not null or c.value is not null
    or (g.kind = 'text' and g.field <> 'account_name' and lower(trim(g.value)) = lower(trim(a.account_name)))
)
