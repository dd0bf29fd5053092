-- title: 季末突击填档 | Files filled at the quarter's end
-- question: 完整率是不是在季度最后一周才补上来的？ | Did completeness jump only in the last week of the quarter?
-- line: 最后 {last_days} 天里完整率升高超过 {jump} 个百分点（此前本季另有客户档案导出） | Completeness rose by over {jump} points in the last {last_days} days (where an export of accounts was made earlier in the quarter)
-- unit: 百分点 | points
-- with: last_days=7 jump=15
-- order: 3
with judged as (
    select c.account_id, c.rep_id, c.quarter, c.period_start, c.day as as_of, c.denominator as due,
           cast(c.day - $last_days as date) as earlier, f.customer_from
    from mart.contribution_file_completeness c
    left join core.file f on f.account_id = c.account_id
    where c.denominator > 0
),
-- Without an export between the start of the quarter and its last week, nobody knows when the fields were filled.
known as (
    select distinct j.quarter, j.earlier
    from (select distinct quarter, period_start, earlier from judged) j
    join core.delivery d on d.known_on >= j.period_start and d.known_on <= j.earlier
    join meta.sheet s on s.sheet_id = d.sheet_id and s.entity = 'account'
),
filled as (
    select j.account_id, j.rep_id, j.quarter, j.as_of, j.due,
           sum(case when coalesce(b.filled, false) then r.weight else 0 end) as before,
           sum(case when coalesce(a.filled, false) then r.weight else 0 end) as after
    from judged j
    join known k on k.quarter = j.quarter and k.earlier = j.earlier
    cross join core.file_rule r
    join core.file_due d on d.account_id = j.account_id and d.stage = r.stage and d.due_on <= j.as_of
    left join core.file_field b on b.account_id = j.account_id and b.field = r.field and b.entity = r.entity
        and b.from_date <= j.earlier and j.earlier < b.to_date
    left join core.file_field a on a.account_id = j.account_id and a.field = r.field and a.entity = r.entity
        and a.from_date <= j.as_of and j.as_of < a.to_date
    where not (r.entity = 'value_assessment' and j.customer_from is not null and j.customer_from <= j.as_of)
    group by all
),
rate as (
    select rep_id, quarter, as_of, 100 * avg(after / due) - 100 * avg(before / due) as jump, 100 * avg(before / due) as before
    from filled
    group by rep_id, quarter, as_of
),
jumped as (
    select rep_id, quarter, as_of, jump, before from rate where jump > $jump
)
select null as account_id, rep_id, as_of as day, 'filled_at_end' as reason, jump as number, before as base,
       null as other_id, null as detail, null as source_entity, null as source_key
from jumped
union all
select f.account_id, f.rep_id, f.as_of, 'file_filled_at_end', f.after - f.before, f.due, null, null, 'account', f.account_id
from filled f
join jumped j on j.rep_id is not distinct from f.rep_id and j.quarter = f.quarter and j.as_of = f.as_of
where f.after > f.before
