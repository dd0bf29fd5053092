-- title: 占位档案 | Filler in account files
-- question: 哪些到期字段填的是占位内容，不是信息？ | Which file fields hold filler instead of information?
-- line: 按 kpi/junk.toml 判为占位的内容；视为未填 | Values that kpi/junk.toml calls filler; they count as unfilled
-- unit: 天 | days
-- order: 1
select t.account_id, t.rep_id, p.as_of as day, f.reason,
       p.as_of - f.from_date as number, null as base, null as other_id, f.entity || '.' || f.field as detail,
       case when f.entity = 'account' then 'account' end as source_entity,
       case when f.entity = 'account' then f.account_id end as source_key
from core.file_field f
join core.period p on f.from_date <= p.as_of and p.as_of < f.to_date
join core.tenure t on t.account_id = f.account_id and coalesce(t.dept, '未归属') = p.dept and t.from_date <= p.as_of and p.as_of < t.to_date
where not f.filled and f.reason <> 'blank'
