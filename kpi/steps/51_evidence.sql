-- Every dated fact that may reach a milestone, before cycles are told apart (domain.md §2, §2.1).
create or replace temp table contact_day as
select account_id, cast(visit_at as date) as day, visit_type, lower(coalesce(purpose, '')) as purpose, _key as source_key,
       'visit' as source_entity, coalesce(visit_type, '上门') = '上门' as on_site, coalesce(visit_type, '上门') in ('上门', '视频') as meeting
from core.visit
where account_id is not null and visit_at is not null and coalesce(status, '完成') = '完成'
union all
select account_id, cast(call_at as date), '电话', lower(coalesce(purpose, '')), _key, 'call', false, false
from core.call
where account_id is not null and call_at is not null and coalesce(connected, coalesce(duration_s, 1) > 0);

create or replace temp table feedback_day as
select coalesce(f.account_id, v.account_id) as account_id, cast(coalesce(f.filled_at, v.visit_at) as date) as day,
       'feedback_form' as source_entity, f._key as source_key
from core.feedback_form f
left join core.visit v on v.visit_id = f.visit_id
where f.class is not null and coalesce(trim(f.track_plan), '') <> '' and f.discussed_with_supervisor
union all
select account_id, cast(coalesce(supervisor_at, cast(visit_at as date)) as date), 'visit', _key
from core.visit
where visit_at is not null and coalesce(status, '完成') = '完成' and customer_class is not null and coalesce(trim(customer_reaction), '') <> ''
  and coalesce(trim(next_step), '') <> '' and (supervisor_at is not null or coalesce(trim(supervisor_comment), '') <> '');

-- The share of the second stage's file that is filled now; fields no export ever filled do not count.
create or replace temp table information as
with said as (
    select account_id, 'account' as entity, field, value
    from (unpivot (select account_id, cast(columns(* exclude (account_id, _key, _sheet, _row)) as varchar) from core.account)
          on columns(* exclude (account_id)) into name field value value)
    union all
    select account_id, 'kdm', field, value
    from (unpivot (select account_id, cast(columns(* exclude (account_id, _key, _sheet, _row)) as varchar) from core.kdm)
          on columns(* exclude (account_id)) into name field value value)
    union all
    select account_id, 'champion', field, value
    from (unpivot (select account_id, cast(columns(* exclude (account_id, _key, _sheet, _row)) as varchar) from core.champion)
          on columns(* exclude (account_id)) into name field value value)
    union all
    select account_id, 'competitor', field, value
    from (unpivot (select account_id, cast(columns(* exclude (account_id, _key, _sheet, _row)) as varchar) from core.competitor)
          on columns(* exclude (account_id)) into name field value value)
),
filled as (
    select distinct s.account_id, w.entity, w.field, w.weight
    from said s
    join core.field_weight w on w.entity = s.entity and w.field = s.field and w.stage = 'A2'
    where trim(s.value) <> '' and s.account_id is not null
)
select account_id, sum(weight) as filled, (select sum(weight) from (select distinct entity, field, weight from filled)) as asked
from filled
group by account_id;

create or replace temp table checked as
select a.account_id, greatest(cast(s.received_at as date), coalesce(c.identified_on, cast(s.received_at as date))) as day, s._key as source_key
from core.account a
join information i on i.account_id = a.account_id and i.filled * 5 >= i.asked * 4
join core.sample s on s.account_id = a.account_id and s.received_at is not null
join (select account_id, min(identified_at) as identified_on from core.champion where champion_identified group by account_id) c
  on c.account_id = a.account_id
where coalesce(trim(a.potential_need), '') <> '' and coalesce(trim(a.need_reason), '') <> '' and a.need_urgency is not null;

create or replace temp table evidence_said as
select account_id, 'M01' as milestone, cast(created_at as date) as day, 'created_at' as evidence, 'account' as source_entity, _key as source_key
from core.account
union all
select a.account_id, 'M02', coalesce(greatest(cast(a.created_at as date), f.day), cast(a.updated_at as date), cast(a.created_at as date)),
       'opportunity_exists', 'account', a._key
from core.account a
left join (select account_id, min(day) as day from contact_day group by account_id) f on f.account_id = a.account_id
where a.opportunity_exists and coalesce(trim(a.potential_need), '') <> ''
union all
select account_id, 'M03', day, 'appointment_call', source_entity, source_key
from contact_day
where visit_type = '电话' and (purpose = '' or contains(purpose, '预约') or contains(purpose, 'appointment'))
union all
select v.account_id, 'M03b', coalesce(least(cast(v.recorded_at as date), v.plan_date), v.plan_date), 'visit_plan', 'visit', v._key
from core.visit v
left join core.account a on a.account_id = v.account_id
where v.plan_date is not null and coalesce(trim(v.plan_materials), '') <> ''
  and (coalesce(trim(v.plan_route), '') <> '' or coalesce(trim(a.address), '') <> '')
union all
select account_id, 'M04', day, 'visit_on_site', source_entity, source_key from contact_day where on_site
union all
select account_id, 'M05', day, 'feedback_form', source_entity, source_key from feedback_day
union all
select account_id, 'M06', day, 'four_checks', 'sample', source_key from checked
union all
select account_id, 'M07', cast(recorded_at as date), 'competitor_swot', 'competitor', _key
from core.competitor
where coalesce(trim(competitor_name), '') <> '' and trim(concat(swot_s, swot_w, swot_o, swot_t)) <> ''
union all
select account_id, 'M08', assessed_at, 'value_assessment', 'value_assessment', _key
from core.value_assessment
where coalesce(trim(deal_likelihood), '') <> '' and coalesce(trim(obstacles), '') <> '' and expected_cost is not null
  and coalesce(trim(dev_program), '') <> ''
union all
select account_id, 'M09', day, 'proposal_visit', source_entity, source_key
from contact_day
where source_entity = 'visit' and regexp_matches(purpose, '谈判|方案|报价|提案|演示|proposal|negotiat|demo|quot')
union all
select account_id, 'M09b', day, 'negotiation_visit', source_entity, source_key
from contact_day
where source_entity = 'visit' and regexp_matches(purpose, '谈判|negotiat')
union all
select account_id, 'M11', day, 'audit_visit', source_entity, source_key
from contact_day
where source_entity = 'visit' and regexp_matches(purpose, '高层|考察|验厂|audit|factory')
union all
select account_id, case order_type when '试单' then 'M12' else 'M13' end, day, 'order', 'orders', min(sale_key)
from core.sale
where counts and amount > 0 and order_type in ('正式', '试单')
group by account_id, day, order_type
union all
select account_id, 'M13', signed_at, 'contract', 'contract', _key
from core.contract
where signed_at is not null and coalesce(status, '生效') in ('生效', '完成')
union all
select account_id, 'M16', surveyed_at, 'survey', 'survey', _key from core.survey;

insert into core.stage_problem by name
select e.account_id, case when e.day is null then 'undated' else 'future' end as reason, e.milestone as said, e.day, c.data_date,
       e.source_entity, e.source_key
from evidence_said e
cross join core.clock c
where e.account_id is not null and ((e.day is null and e.source_entity <> 'account') or e.day > c.data_date);

-- A subject is an account, or one of several deals of an account.
create or replace temp table evidence as
with own as (
    select 'A' as kind, account_id as subject, milestone, day, evidence, '推断' as source, source_entity, source_key
    from evidence_said
    where account_id is not null
),
words as (
    select d.*, w.milestone
    from declared d
    join stage_word w on w.word = d.word and w.model = d.model and w.stage_no = d.stage_no
    union all
    select d.* replace (d.ended_on as day), 'M13' from declared d where d.ended = 'won'
    union all
    select d.* replace (d.opened_on as day), 'M01' from declared d where d.deal is not null
),
said as (
    select account_id, deal, apart, milestone, day, word, source_key from words where milestone is not null and day <= data_date
)
select o.* from own o cross join core.clock c where o.day <= c.data_date
union all
select 'A', account_id, milestone, day, word, '声明', 'stage_history', source_key from said where account_id is not null
union all
select 'D', deal, milestone, day, word, '声明', 'stage_history', source_key from said where apart;
