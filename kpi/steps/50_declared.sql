-- Stage rows of the exports, read against the process models (domain.md §2, §5.9).
create or replace temp macro stage_words(said) as regexp_replace(lower(coalesce(said, '')), '[\s\p{P}\p{S}]+', '', 'g');

create or replace temp macro stage_bare(words) as regexp_replace(
    words, '^(阶段|步骤|stage|step|第)?[a-z]?[一二三四五六七八九十0-9]+(个?阶段|步骤|步)?', '');

create or replace temp table stage_word as
select distinct stage_words(label) as word, model, stage_no, milestone, outcome from core.stage_label;

create or replace temp table stage_said as
select h._key as source_key, h._sheet, coalesce(h.deal_id, h.account_id || '·' || h.deal_name, h.deal_name) as deal,
       coalesce(h.account_id, case when deal is not null then max(h.account_id) over (partition by deal) end) as account_id,
       coalesce(h.model, m.model) as given_model, h.cycle_no as given_cycle, h.stage, h.stage_no,
       [stage_words(h.stage), stage_bare(stage_words(h.stage)), coalesce(cast(h.stage_no as varchar), '')] as words,
       cast(h.entered_at as date) as entered_on, cast(h.exited_at as date) as exited_on, h.opened_at as opened_on,
       h.closed_at as closed_on, cast(h.recorded_at as date) as recorded_on,
       case when h.outcome = '成交' or coalesce(h.is_won, false) then 'won'
            when h.outcome = '终止' or (coalesce(h.is_closed, false) and not coalesce(h.is_won, false)) then 'lost' end as outcome,
       h.amount, h.loss_reason, h.rep_id
from core.stage_history h
left join core.model m on stage_words(h.pipeline) in (stage_words(m.name_zh), stage_words(m.name_en), stage_words(m.name));

-- A word may belong to several models; the model that knows most words of the sheet is meant.
create or replace temp table stage_meant as
with word as (
    select distinct _sheet, given_model, words, unnest(words) as word, unnest([1, 2, 3]) as rank from stage_said
),
candidate as (
    select w._sheet, w.given_model, w.words, w.rank, w.word, k.model, k.stage_no, k.outcome
    from word w
    join (select distinct word, model, stage_no, outcome from stage_word) k
      on k.word = w.word and (w.given_model is null or k.model is null or k.model = w.given_model)
    where w.word <> ''
),
score as (
    select _sheet, given_model, model, count(distinct word) as known from candidate where model is not null group by all
)
select c._sheet, c.given_model, c.words, c.model, c.stage_no, c.outcome, c.word
from candidate c
left join score s on s._sheet = c._sheet and s.given_model is not distinct from c.given_model and s.model = c.model
qualify row_number() over (partition by c._sheet, c.given_model, c.words
                           order by c.outcome is null, c.rank, s.known desc, c.model) = 1;

create or replace temp table stage_read as
with read as (
    select s.*, m.model, m.stage_no as meant_no, m.word, coalesce(m.outcome, s.outcome) as ended,
           coalesce(s.entered_on, case when m.outcome is not null then s.closed_on end, s.recorded_on, s.opened_on) as day
    from stage_said s
    left join stage_meant m on m._sheet = s._sheet and m.given_model is not distinct from s.given_model and m.words = s.words
)
select r.* exclude (exited_on), r.exited_on,
       case when r.ended is not null
            then coalesce(case when r.meant_no is not null or r.entered_on is null then coalesce(r.exited_on, r.closed_on) end,
                          r.entered_on, r.exited_on, r.closed_on, r.recorded_on) end as ended_on,
       c.data_date,
       case when r.account_id is null and r.deal is null then 'no_account'
            when r.model is null and r.ended is null and r.given_model is not null
                 and (r.stage is null or regexp_full_match(trim(r.stage), '[0-9]+')) then 'outside_model'
            when r.model is null and r.ended is null then 'unknown_stage'
            when r.day is null or (r.ended is not null and ended_on is null) then 'undated'
            when r.day > c.data_date or (r.ended is not null and ended_on > c.data_date) then 'future'
            when r.exited_on < r.day then 'exit_before_entry' end as problem
from read r
cross join core.clock c;

create or replace table core.stage_problem as
select account_id, deal, problem as reason, coalesce(stage, cast(stage_no as varchar)) as said, given_model as model,
       day, exited_on, data_date, rep_id, 'stage_history' as source_entity, source_key
from stage_read
where problem is not null;

-- An account's single deal is the account's own development; several deals at once are units of their own.
create or replace temp table deal_apart as
with counted as (
    select deal, account_id, count(distinct deal) over (partition by account_id) as deals
    from (select distinct deal, account_id from stage_read where deal is not null)
)
select deal, max(account_id) as account_id from counted where account_id is null or deals > 1 group by deal;

-- The dated row of a stage log beats the close date of the deal's own row. A loss undoes an earlier win of the deal,
-- of which only the day remains: the deal existed by then.
create or replace temp table declared as
with kept as (
    select r.*, r.ended = 'won' and r.deal is not null
                and r.ended_on < max(r.ended_on) filter (where r.ended = 'lost') over (partition by r.deal) as undone
    from stage_read r
    where r.problem is null
    qualify r.deal is null or r.ended is null or r.entered_on is not null
         or not bool_or(r.entered_on is not null) over (partition by r.deal, r.ended)
)
select k.account_id, k.deal, d.deal is not null as apart, k.model, k.meant_no as stage_no, k.word,
       case when not coalesce(k.undone, false) then k.ended end as ended, k.day, k.ended_on,
       case when k.undone then least(k.opened_on, k.day) else k.opened_on end as opened_on,
       k.exited_on, k.given_cycle, k.loss_reason, k.amount, k.rep_id, k.source_key, k.data_date
from kept k
left join deal_apart d on d.deal = k.deal;
