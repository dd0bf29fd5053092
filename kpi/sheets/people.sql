-- Decision makers first; names and numbers as the viewer's views give them.
select kdm_name, kdm_title, is_kdm, kdm_authority, work_phone as phone, relationship_level
from kdm
where account_id = $account and coalesce(kdm_name, kdm_title) is not null
order by coalesce(is_kdm, false) desc, relationship_level desc nulls last, _key
limit 4
