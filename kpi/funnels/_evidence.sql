-- The four checks of a2 (domain.md §2a) and the next step of accounts, as they are today.
select a.account_id,
       coalesce((select bool_or(c.champion_identified) from champion c where c.account_id = a.account_id), false) as champion,
       exists (from sample s where s.account_id = a.account_id and s.received_at is not null) as sample,
       coalesce((select count(*) filter (where f.filled) * 5 >= count(*) * 4
                 from file_rule r
                 left join file_field f on f.account_id = a.account_id and f.entity = r.entity and f.field = r.field and f.filled
                     and f.from_date <= k.data_date and k.data_date < f.to_date
                 where r.stage = 'A2'), false) as information,
       a.potential_need is not null and a.need_urgency is not null as need,
       (select arg_max(v.next_step, v.visit_at) from visit v where v.account_id = a.account_id and v.next_step is not null) as next_step,
       (select max(v.next_date) from visit v where v.account_id = a.account_id) as next_date
from account a
cross join clock k
where list_contains($accounts, a.account_id)
