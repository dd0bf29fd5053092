"""Which field of which file was filled when: `core.file_rule` and `core.file_field`, derived from the entity files."""

from __future__ import annotations

import duckdb

from data.entity import Field, entities


def weighted() -> list[tuple[str, Field]]:
    """Every (entity, field) that carries completeness points, in the order of the entity files."""
    return [(entity.name, field) for entity in entities().values() for field in entity.fields.values() if field.weight]


def derive(con: duckdb.DuckDBPyConnection) -> None:
    """Create `core.file_rule(entity, field, weight, stage)` and `core.file_field` (docs/architecture.md).

    Only fields that some load in force has delivered count (domain.md §8a.5). Needs `core.delivery`
    and the table `junk_value(field, value, reason)` that `mark_junk` fills from `file_value`.
    """
    columns = (
        "account_id varchar, entity varchar, field varchar, _key varchar, known_on date, ord bigint, value varchar, "
        "erases boolean"
    )
    con.execute(f"create or replace temp table file_value({columns})")
    con.execute("create or replace table core.file_rule(entity varchar, field varchar, weight integer, stage varchar)")
    counted = _counted(con)
    if counted:
        rules = [each for entity, field in counted for each in (entity, field.name, field.weight, field.stage)]
        con.execute(f"insert into core.file_rule values {', '.join(['(?, ?, ?, ?)'] * len(counted))}", rules)
        con.execute("insert into file_value " + " union all ".join(_delivered(*each) for each in counted))


def _counted(con: duckdb.DuckDBPyConnection) -> list[tuple[str, Field]]:
    """List the weighted fields that some load in force has delivered."""
    rows = con.execute(
        "select distinct s.entity, unnest(s.fields) from meta.sheet s join core.delivery d using (sheet_id)"
    ).fetchall()
    delivered = set(rows)
    return [(entity, field) for entity, field in weighted() if (entity, field.name) in delivered]


def _delivered(entity: str, field: Field) -> str:
    """Select what each load said about one field: account, key, date known, order of statement, value.

    `erases` tells that a blank of this load empties the field; any other blank leaves an earlier value alone.
    """
    if entity == "account":
        link = "join core._account_key k on k._key = d._key"
    else:
        link = (
            "join core._account_ref k on k.ref_id = coalesce(d.account_id, '') "
            "and k.ref_name = coalesce(d.account_name, '')"
        )
    return (
        f"select k.account_id, '{entity}' as entity, '{field.name}' as field, d._key, v.known_on, "
        f'v.ord * 4294967296 + d.row_no as ord, cast(d."{field.name}" as varchar) as value, v.erases '
        f'from delivered."{entity}" d join core.delivery v on v.sheet_id = d.sheet_id join meta.sheet m '
        f"on m.sheet_id = d.sheet_id {link} "
        f"where list_contains(m.fields, '{field.name}') "
        f"and (d._bad is null or not list_contains(d._bad, '{field.name}'))"
    )


SPANS = """
create or replace table core.file_field as
with daily as (
    select account_id, entity, field, _key, known_on, max(ord) as ord,
           arg_max_null(value, ord) filter (where value is not null or erases) as value,
           count(*) filter (where value is not null or erases) > 0 as says
    from file_value
    group by all
),
carried as (
    select * exclude (value),
           nullif(last_value(case when says then coalesce(value, '') end ignore nulls) over (
               partition by account_id, entity, field, _key order by known_on), '') as value
    from daily
),
judged as (
    select d.*, case when d.value is null then 'blank' else j.reason end as reason
    from carried d
    left join junk_value j
        on j.entity = d.entity and j.field = d.field and j.account_id = d.account_id and j.value = d.value
),
turned as (
    select *, cast(reason is null as int) - lag(cast(reason is null as int), 1, 0) over (
        partition by account_id, entity, field, _key order by known_on) as turn
    from judged
),
dated as (
    select account_id, entity, field, known_on, sum(turn) as turn, arg_max(coalesce(reason, ''), ord) as reason,
           arg_max_null(value, ord) as value
    from turned
    group by all
),
level as (
    select *, sum(turn) over seq > 0 as filled, lead(known_on) over seq as next_known
    from dated
    window seq as (partition by account_id, entity, field order by known_on)
)
select l.account_id, l.field, l.entity, r.weight, r.stage, l.filled,
       case when l.filled then null else nullif(l.reason, '') end as reason,
       l.known_on as from_date, coalesce(l.next_known, date '9999-12-31') as to_date
from level l
join core.file_rule r on r.entity = l.entity and r.field = l.field
order by l.account_id, l.entity, l.field, l.known_on
"""


def spans(con: duckdb.DuckDBPyConnection) -> None:
    """Turn the delivered values into spans during which a field of an account was filled or not, and why not."""
    con.execute(SPANS)
