-- Every version of each plan line in order: the first known counts, later ones are adjustments (domain.md §8a.6).
create or replace table core.plan_version as
select plan_id, rep_id, account_id, dept, period_start, period_end, plan_value, version, approved_at,
       nullif(stated_on, date '1900-01-01') as stated_on, source_key, place,
       first_value(plan_value) over (partition by plan_id order by place) as first_value
from (
    select *, row_number() over (partition by plan_id order by stated_on, coalesce(version, 0), ord, row_no) as place
    from (
        select *, _key as source_key, lag(plan_value) over told as value_before, lag(coalesce(version, 0)) over told as version_before
        from plan_version
        window told as (partition by plan_id order by stated_on, coalesce(version, 0), ord, row_no)
    )
    -- A later export that repeats a plan is no version of it.
    where value_before is null or plan_value <> value_before or coalesce(version, 0) <> version_before
);
