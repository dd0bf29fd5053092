-- Competitors, today's supplier first.
select competitor_name, competitor_product, is_current_supplier, differentiator
from competitor
where account_id = $account and competitor_name is not null
order by coalesce(is_current_supplier, false) desc, recorded_at desc nulls last, _key
limit 4
