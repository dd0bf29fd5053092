-- title: 阶段虚高 | Stages claimed too early
-- question: 有没有跳阶段、当天进出，或人人都「有机会」？ | Are stages skipped, left on the day they were entered, or is every account an opportunity?
-- line: 一季跳阶段超过 {percent}%（至少 {moves} 次）；同一天进出 {same_day} 个阶段；{accounts} 户以上全部「有机会」 | Over {percent} % of a quarter's moves skip a stage (of {moves} or more); {same_day} stages entered and left in one day; {accounts} accounts or more and all with an opportunity
-- unit: 次 | moves
-- with: percent=20 moves=5 same_day=3 accounts=10
-- order: 10
with step as (
    select model, stage_no, row_number() over (partition by model order by stage_no) as place from core.stage where model = 'a'
),
move as (
    select e.account_id, e.rep_id, e.entered_on, e.left_on, f.place, n.place as next_place, e.source_entity, e.source_key
    from core.stage_entry e
    join step f on f.model = e.model and f.stage_no = e.stage_no
    join step n on n.model = e.model and n.stage_no = e.next_no
    where not e.episode and n.place > f.place
),
skipped as (
    select m.rep_id, q.period_start, q.period_end, count(*) filter (where m.next_place > m.place + 1) as skips, count(*) as moves
    from move m
    join core.quarter q on q.period_start <= m.left_on and m.left_on < q.period_end
    group by m.rep_id, q.period_start, q.period_end
),
rushed as (
    select account_id, rep_id, left_on, count(*) as moves, min(source_key) as source_key, min(source_entity) as source_entity
    from move
    where left_on = entered_on
    group by account_id, rep_id, left_on
    having count(*) >= $same_day
),
decided as (
    select t.rep_id, p.as_of, count(*) as accounts, count(*) filter (where a.opportunity_exists) as yes
    from core.account a
    join core.tenure t on t.account_id = a.account_id
    join (select dept, max(as_of) as as_of from core.period group by dept) p
        on p.dept = coalesce(t.dept, '未归属') and t.from_date <= p.as_of and p.as_of < t.to_date
    where a.opportunity_exists is not null
    group by t.rep_id, p.as_of
)
select null as account_id, rep_id, least(period_end - 1, (select max(as_of) from core.period)) as day, 'stages_skipped' as reason,
       skips as number, moves as base, null as other_id, null as detail, null as source_entity, null as source_key
from skipped
where moves >= $moves and skips * 100 > moves * $percent
union all
select account_id, rep_id, left_on, 'stages_in_a_day', moves, null, null, null, source_entity, source_key
from rushed
union all
select null, rep_id, as_of, 'all_opportunities', yes, accounts, null, null, null, null
from decided
where accounts >= $accounts and yes = accounts
