-- What was promised last: the next step and its date, and the commitments of the file.
select * from (
    select cast(visit_at as date) as day, next_step as words, next_date
    from visit
    where account_id = $account and next_step is not null and visit_at is not null
    order by visit_at desc
    limit 1
)
union all
select null, commitments, null from account where account_id = $account and commitments is not null
