"""Faulty rows on their way back: the columns they went out with, and the faults that later loads settled."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from data.entity import entities
from loaders.read import Table

HEADINGS = {"zh": ("错误原因", "错误来源"), "en": ("Error", "Error source")}
MARK = 16


def token(content: str, row_no: int) -> str:
    """Name a row of a sheet for its way out and back: what the sheet says (a hash), and the row."""
    return f"{content[:MARK]}:{row_no}"


def strip(table: Table) -> tuple[Table, str]:
    """Take the columns of `HEADINGS` off a table; give also the query of `_row, origin`, "" for any other table."""
    pair = next((pair for pair in HEADINGS.values() if set(pair) <= set(table.columns)), None)
    if pair is None:
        return table, ""
    kept = [number for number, header in enumerate(table.columns) if header not in pair]
    listed = ", ".join(f"c{old} as c{new}" for new, old in enumerate(kept))
    at = table.columns.index(pair[1])
    plain = replace(
        table,
        columns=tuple(table.columns[number] for number in kept),
        sample=tuple(tuple(row[number] for number in kept if number < len(row)) for row in table.sample),
        sql=f"select _row, {listed} from ({table.sql})",
    )
    return plain, f"select _row, c{at} as origin from ({table.sql}) where c{at} is not null"


def note(con: duckdb.DuckDBPyConnection, sheet_id: int, origins: str) -> None:
    """Keep from which rows of earlier sheets the rows of a sheet came."""
    con.execute(
        f"insert into meta.corrected select {sheet_id}, _row, unnest(string_split(trim(origin), ' ')) from ({origins})"
    )


def came_from(con: duckdb.DuckDBPyConnection, view: str, sheet_id: int) -> dict[int, list[str]]:
    """Give the origins of each row of a sheet, from the relation `view` that holds `meta.corrected`."""
    sql = f"select row_no, list(origin order by origin) from {view} where sheet_id = ? group by row_no"
    return dict(con.execute(sql, [sheet_id]).fetchall())


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Mark each fault that a later load in force settled with that load's number (`meta.error.cleared_by`).

    A row that came back by name settles its own faults where it was taken without them. Without a name, a later
    row of the same key settles a rejected row, or an unreadable cell where it fills that field.
    """
    con.execute("create or replace temp table settled(sheet_id integer, row_no bigint, field varchar, load_id integer)")
    con.execute(_BY_NAME)
    kinds = con.execute(
        "select distinct s.entity, case when e.rejected then '' else e.field end from meta.error e "
        "join meta.sheet s using (sheet_id) where e._key is not null"
    ).fetchall()
    for entity, field in kinds:
        if not field or field in entities()[entity].fields:
            con.execute(_by_key(entity, field))
    con.execute("update meta.error set cleared_by = null where cleared_by is not null")
    con.execute(_MARK)


_MARK = """
update meta.error as e set cleared_by = s.load_id
from (select sheet_id, row_no, field, min(load_id) as load_id from settled group by all) s
where s.sheet_id = e.sheet_id and s.row_no = e.row_no and s.field = e.field
"""
_IN_FORCE = """
create or replace temp view sheet_load as
select ls.sheet_id, min(l.load_id) as first_load, max(l.load_id) as last_load
from meta.load_sheet ls join meta.load l on l.load_id = ls.load_id and l.in_force group by ls.sheet_id;
"""
_BY_NAME = f"""{_IN_FORCE}
insert into settled
select e.sheet_id, e.row_no, e.field, v.first_load
from meta.error e
join meta.sheet s on s.sheet_id = e.sheet_id
join meta.corrected c on c.origin = substr(s.content, 1, {MARK}) || ':' || e.row_no and c.sheet_id <> e.sheet_id
join meta.sheet b on b.sheet_id = c.sheet_id and b.entity = s.entity
join sheet_load v on v.sheet_id = c.sheet_id
where not exists (select 1 from meta.error f where f.sheet_id = c.sheet_id and f.row_no = c.row_no
                  and (f.rejected or f.field = e.field))
"""


def _by_key(entity: str, field: str) -> str:
    kind, filled = ("e.rejected", "true") if not field else (f"e.field = '{field}'", f'd."{field}" is not null')
    return (
        "insert into settled select e.sheet_id, e.row_no, e.field, min(v.last_load) from meta.error e "
        f"join meta.sheet s on s.sheet_id = e.sheet_id and s.entity = '{entity}' "
        f'join delivered."{entity}" d on d._key = e._key join sheet_load v on v.sheet_id = d.sheet_id '
        "where v.last_load > (select min(load_id) from meta.load_sheet o where o.sheet_id = e.sheet_id) "
        f"and d.sheet_id <> e.sheet_id and {kind} and e.rejected = {'true' if not field else 'false'} and {filled} "
        "group by all"
    )
