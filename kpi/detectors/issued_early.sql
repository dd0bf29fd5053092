-- title: 领用手续 | Items issued out of order
-- question: 有没有未建个人账户、或内勤尚未统一领取就发放的物品？ | Were items issued without a personal account, or before the clerk had drawn them?
-- line: 台账记个人账户而此行没有；领用日早于内勤领取日 | No personal account although the ledger keeps them; issued before the clerk drew them
-- unit: 天 | days
-- order: 15
with issued as (
    select _key as source_key, account_id, rep_id, coalesce(issued_at, clerk_drawn_at) as day, clerk_drawn_at, issued_at,
           nullif(trim(person_account), '') as person_account, item
    from core.requisition
    where rep_id is not null
),
feed as (
    select count(person_account) > 0 as keeps_accounts from issued
)
select i.account_id, i.rep_id, cast(i.day as date) as day, 'no_personal_account' as reason, null as number, null as base,
       null as other_id, i.item as detail, 'requisition' as source_entity, i.source_key
from issued i
cross join feed f
where f.keeps_accounts and i.person_account is null and i.day is not null
union all
select account_id, rep_id, cast(issued_at as date), 'issued_before_drawn', date_diff('day', cast(issued_at as date), cast(clerk_drawn_at as date)), null,
       null, item, 'requisition', source_key
from issued
where issued_at < clerk_drawn_at
