"""The row in force of each key, folded field by field from the loads in force."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from data.entity import Entity, entities
from loaders.identity import resolve
from loaders.schema import append, resolved_fields

_NONE = "''"
MERGED = "lambda said, later: cast(json_merge_patch(said, later) as varchar)"
IDENTIFIED = {"account": ("core._account_key", "account_id"), "rep": ("core._rep_key", "rep_id")}


def rank_sheets(con: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table `sheet_ord(sheet_id, ord, erases)`: sheets in force, the newest statement highest."""
    con.execute("""
        create or replace temp table sheet_ord as
        select sheet_id, max(ord) as ord, arg_max(erases, ord) as erases
        from (select ls.sheet_id, coalesce(l.blank_erases, false) as erases,
                     row_number() over (
                         order by coalesce(l.exported_on, l.loaded_at::date), l.load_id, ls.sheet_id) as ord
              from meta.load_sheet ls join meta.load l on l.load_id = ls.load_id and l.in_force)
        group by sheet_id""")


def fold(
    con: duckdb.DuckDBPyConnection, sheets: list[int] | None = None, answers: Mapping[str, str] | None = None
) -> None:
    """Bring `core` in line with the loads in force; `answers` as in `identity.resolve`.

    `sheets` names the sheets that were added or dropped since the last fold (None: fold everything).
    Accounts and people are always folded whole, because one more name can change who is meant.
    """
    rank_sheets(con)
    con.execute("create or replace temp table old_account_ref as select * from core._account_ref")
    con.execute("create or replace temp table old_rep_ref as select * from core._rep_ref")
    resolve(con, answers or {})
    touched = _entities_of(con, sheets)
    moved = {refers for refers in ("account", "rep") if _moved(con, refers)}
    for entity in entities().values():
        if entity.name in IDENTIFIED:
            con.execute(f'delete from core."{entity.name}"')
            _fold_identified(con, entity)
        else:
            if entity.name in touched:
                _fold_touched(con, entity, sheets)
            _repoint(con, entity, moved)
    _placeholders(con)


def _entities_of(con: duckdb.DuckDBPyConnection, sheets: list[int] | None) -> set[str]:
    if sheets is None:
        return set(entities())
    listed = ", ".join(map(str, sheets)) or "-1"
    rows = con.execute(f"select distinct entity from meta.sheet where sheet_id in ({listed})").fetchall()
    return {row[0] for row in rows}


def _moved(con: duckdb.DuckDBPyConnection, refers: str) -> bool:
    """Whether some reference made before means another account or rep now."""
    row = con.execute(
        f"select count(*) from core._{refers}_ref n join old_{refers}_ref o using (ref_id, ref_name) "
        f"where n.{refers}_id is distinct from o.{refers}_id"
    ).fetchone()
    return bool(row and row[0])


def _filled(con: duckdb.DuckDBPyConnection, entity: Entity) -> list[str]:
    """List the fields that some sheet in force has a column for."""
    rows = con.execute(
        "select distinct unnest(m.fields) from meta.sheet m join sheet_ord s using (sheet_id) where m.entity = ?",
        [entity.name],
    ).fetchall()
    known = {row[0] for row in rows}
    return [name for name in entity.fields if name in known]


def _folded(fields: list[str]) -> str:
    """Fold each field: the newest readable cell that says something; a blank only where its load erases by blanks."""
    order = "s.ord * 4294967296 + d.row_no"
    columns = [
        f'arg_max_null(d."{name}", {order}) filter (where d."{name}" is not null or s.erases '
        f"and list_contains(m.fields, '{name}') and (d._bad is null or not list_contains(d._bad, '{name}'))) "
        f'as "{name}"'
        for name in fields
    ]
    return ", ".join(
        [
            *columns,
            f"list_reduce(list(d.extra order by {order}) filter (where d.extra is not null), {MERGED}) as extra",
            f"arg_max(d.sheet_id, {order}) as _sheet",
            f"arg_max(d.row_no, {order}) as _row",
        ]
    )


def _source(entity: Entity) -> str:
    return (
        f'delivered."{entity.name}" d join sheet_ord s on s.sheet_id = d.sheet_id join meta.sheet m '
        "on m.sheet_id = d.sheet_id"
    )


def _resolving(entity: Entity, relation: str, fields: list[str]) -> str:
    """Select the core columns from folded rows that have these fields, with references resolved."""
    joins, columns = [], []
    resolved = resolved_fields(entity)
    told = {name: f"coalesce(f.\"{name}\", '')" for name in fields}
    for position, (field, (refers, companion)) in enumerate(resolved.items()):
        if not {field, companion} & set(fields):
            continue
        joins.append(
            f"left join core._{refers}_ref r{position} on r{position}.ref_id = {told.get(field, _NONE)} "
            f"and r{position}.ref_name = {told.get(companion, _NONE)}"
        )
        columns.append(f'r{position}.{refers}_id as "{field}"')
    plain = [f'f."{name}"' for name in ("_key", *fields, "extra", "_sheet", "_row") if name not in resolved]
    given = [f'cast(f."{name}" as varchar) as "{name}_given"' for name in resolved if name in fields]
    return f"select {', '.join([*plain, *columns, *given])} from {relation} f {' '.join(joins)}"


def _fold_identified(con: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    keys, identity = IDENTIFIED[entity.name]
    fields = list(dict.fromkeys([identity, *_filled(con, entity)]))
    con.execute(
        f"create or replace temp table folding_whole as select k.{identity} as _key, {_folded(fields)} "
        f"from {_source(entity)} join {keys} k on k._key = d._key where k.{identity} is not null group by k.{identity}"
    )
    con.execute(f"update folding_whole set {identity} = _key")
    append(con, "core", entity, fields, _resolving(entity, "folding_whole", fields))


def _fold_touched(con: duckdb.DuckDBPyConnection, entity: Entity, sheets: list[int] | None) -> None:
    table = f'core."{entity.name}"'
    if sheets is None or _all(con, entity, sheets):
        con.execute(f"delete from {table}")
        where = "true"
    else:
        listed = ", ".join(map(str, sheets)) or "-1"
        con.execute(
            f'create or replace temp table touched as select distinct _key from delivered."{entity.name}" '
            f"where sheet_id in ({listed})"
        )
        con.execute(f"delete from {table} where _key in (select _key from touched)")
        where = "d._key in (select _key from touched)"
    fields = _filled(con, entity)
    if _plain(con, entity, where):
        columns = "".join(f'd."{name}", ' for name in fields)
        folded = (
            f"(select d._key, {columns}d.extra, d.sheet_id as _sheet, d.row_no as _row "
            f"from {_source(entity)} where {where})"
        )
    else:
        folded = "folding_rows"
        con.execute(
            f"create or replace temp table folding_rows as select d._key, {_folded(fields)} "
            f"from {_source(entity)} where {where} group by d._key"
        )
    append(con, "core", entity, fields, _resolving(entity, folded, fields))


def _all(con: duckdb.DuckDBPyConnection, entity: Entity, sheets: list[int]) -> bool:
    """Whether the sheets are all that is in force of an entity."""
    rows = con.execute(
        "select sheet_id from meta.sheet join sheet_ord using (sheet_id) where entity = ?", [entity.name]
    ).fetchall()
    return {int(row[0]) for row in rows} <= set(sheets)


def _plain(con: duckdb.DuckDBPyConnection, entity: Entity, where: str) -> bool:
    """Whether every key concerned was delivered once, so that nothing needs folding."""
    row = con.execute(f"select count(*) = count(distinct d._key) from {_source(entity)} where {where}").fetchone()
    return bool(row and row[0])


def _repoint(con: duckdb.DuckDBPyConnection, entity: Entity, moved: set[str]) -> None:
    """Point rows folded earlier at the account or rep that their reference means now."""
    for field, (refers, companion) in resolved_fields(entity).items():
        if refers not in moved:
            continue
        name = f"coalesce(t.\"{companion}\", '')" if companion else "''"
        con.execute(
            f'update core."{entity.name}" as t set "{field}" = n.{refers}_id '
            f"from (select n.* from core._{refers}_ref n join old_{refers}_ref o using (ref_id, ref_name) "
            f"where n.{refers}_id is distinct from o.{refers}_id) n "
            f"where n.ref_id = coalesce(t.\"{field}_given\", '') and n.ref_name = {name}"
        )


def _placeholders(con: duckdb.DuckDBPyConnection) -> None:
    """Give accounts and people that are only referred to a row of their own, so that nothing falls out of a join."""
    con.execute("""
        insert into core.account(_key, account_id, account_name)
        select account_id, account_id, coalesce(min(nullif(ref_name, '')), account_id) from core._account_ref
        where account_id not in (select account_id from core.account) group by account_id""")
    con.execute("""
        insert into core.rep(_key, rep_id, rep_name)
        select rep_id, rep_id, coalesce(min(nullif(ref_name, '')), rep_id) from core._rep_ref
        where rep_id is not null and rep_id not in (select rep_id from core.rep) group by rep_id""")
