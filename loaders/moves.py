"""What a load would move: KPI values, because of which rows, and scores; the draft against the version in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from data.entity import entities
from data.records import Records
from data.scope import Viewer, open_views
from data.store import Store
from kpi.catalogue import metrics
from kpi.quarter import rules
from kpi.rollup import UNASSIGNED, value
from kpi.scoring import Scorecard, scorecard

SYSTEM = Viewer("", "system")
CAUSES = 30
ROWS = 5
PARTS = ("numerator", "denominator", "value")
Move = dict[str, Any]


def compare(store: Store, con: duckdb.DuckDBPyConnection, load_id: int) -> list[Move]:
    """List the values by person and quarter that differ: metric, rep, dept, quarter, before, after, because.

    `because` lists up to 30 contributions that changed: account_id, account_name, before and after (numerator,
    denominator, reason; None where there was none) and `rows`, those of this load that concern it (entity, file,
    sheet, row). `changed` counts all contributions that changed.
    """
    before_cursor = _both(store, con)
    moved = []
    for name in metrics():
        before, after = _values(before_cursor, name), _values(con, name)
        keys = [
            key
            for key in sorted({*before, *after})
            if any(before.get(key, {}).get(part) != after.get(key, {}).get(part) for part in PARTS)
        ]
        if keys:
            causes = _causes(con, name, keys)
            moved += [_move(name, key, before.get(key), after.get(key), causes.get(key, [])) for key in keys]
    _name(con, moved, load_id)
    return moved


def scores(store: Store, con: duckdb.DuckDBPyConnection, moved: Sequence[Move]) -> list[dict[str, Any]]:
    """List whose totals the moves change: rep, rep_name, dept, quarter, before and after (total, grade).

    A quarter moves the later ones of its year with it (year to date). Call it after `compare`.
    """
    before_cursor = store.open(SYSTEM)
    decided, listed = rules(Records(store.records_url)), []
    for rep, quarter in _concerned(con, moved):
        old, new = (scorecard(cur, rep, quarter, rules=decided) for cur in (before_cursor, con))
        if (old.total, old.grade) != (new.total, new.grade):
            sides = {"before": _total(old), "after": _total(new)}
            listed.append({"rep": rep, "rep_name": new.rep_name, "dept": new.dept, "quarter": quarter, **sides})
    return listed


def _both(store: Store, con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Open the whole view on the draft, attach the version in force to it, and give a cursor of that version."""
    drafted = con.execute("select current_database()").fetchone()
    _clear(con)
    open_views(con, drafted[0] if drafted else "", SYSTEM)
    path = str(store.facts(store.version)).replace("'", "''")
    con.execute(f"attach if not exists '{path}' as in_force (read_only)")
    return store.open(SYSTEM)


def _clear(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what the build left in its session, so that no leftover hides a table of the facts."""
    for kind, name in con.execute(
        "select 'table', table_name from duckdb_tables() where temporary "
        "union all select 'view', view_name from duckdb_views() where temporary and not internal"
    ).fetchall():
        con.execute(f'drop {kind} temp."{name}"')


def _values(cursor: duckdb.DuckDBPyConnection, name: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["rep"], row["quarter"]): row for row in value(cursor, name, by=("rep", "quarter"))}


def _move(
    name: str,
    key: tuple[str, str],
    old: dict[str, Any] | None,
    new: dict[str, Any] | None,
    causes: list[dict[str, Any]],
) -> Move:
    sides = {
        side: {part: row.get(part) for part in (*PARTS, "status")} if row else None
        for side, row in (("before", old), ("after", new))
    }
    said = {"metric": name, "rep": key[0], "quarter": key[1], "rep_name": (new or old or {}).get("rep_name")}
    return {**said, **sides, "changed": len(causes), "because": causes[:CAUSES]}


_CHANGED = """
with before as (select {columns} from in_force.mart.contribution_{name} where quarter is not null),
     after as (select {columns} from mart.contribution_{name} where quarter is not null),
     gone as (select * from before except all select * from after),
     come as (select * from after except all select * from before),
     g as (select *, row_number() over (partition by {key} order by {measures}) as nth from gone),
     c as (select *, row_number() over (partition by {key} order by {measures}) as nth from come)
select coalesce(c.rep_id, g.rep_id, '{unassigned}') as rep, coalesce(c.quarter, g.quarter) as quarter,
       coalesce(c.account_id, g.account_id) as account_id, coalesce(c.source_entity, g.source_entity) as source_entity,
       coalesce(c.source_key, g.source_key) as source_key,
       case when g.nth is not null then
            [cast(g.numerator as varchar), cast(g.denominator as varchar), g.reason] end as before,
       case when c.nth is not null then
            [cast(c.numerator as varchar), cast(c.denominator as varchar), c.reason] end as after
from g full join c on {same} and g.nth = c.nth
where g.nth is null or c.nth is null or (g.numerator, g.denominator) is distinct from (c.numerator, c.denominator)
order by abs(coalesce(c.numerator, 0) - coalesce(g.numerator, 0)) desc, abs(coalesce(c.denominator, 0)
         - coalesce(g.denominator, 0)) desc, account_id, source_key
"""
_KEY = ("rep_id", "quarter", "account_id", "plan_id", "source_entity", "source_key")
_MEASURES = ("numerator", "denominator", "reason")


def _causes(
    con: duckdb.DuckDBPyConnection, name: str, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Give the contributions of a metric that changed, by (rep, quarter), the largest change first."""
    sql = _CHANGED.format(
        name=name,
        unassigned=UNASSIGNED,
        columns=", ".join((*_KEY, *_MEASURES)),
        key=", ".join(_KEY),
        measures=", ".join(_MEASURES),
        same=" and ".join(f"g.{each} is not distinct from c.{each}" for each in _KEY),
    )
    result = con.execute(sql)
    names = [column[0] for column in result.description or []]
    found: dict[tuple[str, str], list[dict[str, Any]]] = {key: [] for key in keys}
    for row in result.fetchall():
        cause = dict(zip(names, row, strict=True))
        key = (cause.pop("rep"), cause.pop("quarter"))
        if key in found:
            counts = any(_weighs(cause[side]) for side in ("before", "after"))
            found[key] += [{**cause, "before": _side(cause["before"]), "after": _side(cause["after"])}] * counts
    return found


def _weighs(side: list[str] | None) -> bool:
    return side is not None and any(float(number or 0) for number in side[:2])


def _side(side: list[str] | None) -> dict[str, Any] | None:
    return None if side is None else {"numerator": side[0], "denominator": side[1], "reason": side[2]}


def _name(con: duckdb.DuckDBPyConnection, moved: list[Move], load_id: int) -> None:
    """Say of each move the department, and of each cause the account's name and the rows of this load about it."""
    depts = dict(con.execute("select rep_id, dept from member").fetchall())
    names = dict(con.execute("select account_id, account_name from account").fetchall())
    accounts = {cause["account_id"] for move in moved for cause in move["because"]}
    by_account = _rows_of(con, load_id, "account_id", accounts - {None})
    by_rep = _rows_of(con, load_id, "rep_id", {move["rep"] for move in moved})
    sources = _sources(con, load_id, {(c["source_entity"], c["source_key"]) for m in moved for c in m["because"]})
    for move in moved:
        move["dept"] = depts.get(move["rep"])
        for cause in move["because"]:
            source = sources.get((cause.pop("source_entity"), cause.pop("source_key")))
            rows = [source] if source else by_account.get(cause["account_id"]) or by_rep.get(move["rep"], [])
            cause["account_name"] = names.get(cause["account_id"])
            cause["rows"] = rows[:ROWS]


def _entities_of(con: duckdb.DuckDBPyConnection, load_id: int) -> list[str]:
    sql = "select distinct entity from meta.load_sheet join meta.sheet using (sheet_id) where load_id = ? order by 1"
    return [row[0] for row in con.execute(sql, [load_id]).fetchall()]


_PLACE = (
    'f.name as file, s.sheet, c._row as row from core."{entity}" c join meta.load_sheet ls on ls.sheet_id = c._sheet '
    "and ls.load_id = ? join meta.sheet s on s.sheet_id = c._sheet join meta.file f on f.file_id = s.file_id"
)


def _rows_of(
    con: duckdb.DuckDBPyConnection, load_id: int, column: str, wanted: set[str]
) -> dict[str, list[dict[str, Any]]]:
    """Give the rows in force that this load delivered about each of some accounts (or people)."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entity in _entities_of(con, load_id):
        if column in entities()[entity].fields and wanted:
            sql = (
                f'select c."{column}", {_PLACE.format(entity=entity)} where c."{column}" in (select unnest(?)) '
                f'qualify row_number() over (partition by c."{column}" order by c._sheet, c._row) <= {ROWS} '
                "order by all"
            )
            for subject, file, sheet, row in con.execute(sql, [load_id, sorted(wanted)]).fetchall():
                place = {"entity": entity, "file": file, "sheet": sheet, "row": row}
                found.setdefault(subject, []).append(place)
    return found


def _sources(
    con: duckdb.DuckDBPyConnection, load_id: int, wanted: set[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Give the place in this load of the rows that contributions name as their source."""
    found = {}
    for entity in _entities_of(con, load_id):
        keys = sorted(key for kind, key in wanted if kind == entity and key)
        if keys and entity != "account":
            sql = f"select c._key, {_PLACE.format(entity=entity)} where c._key in (select unnest(?))"
            for key, file, sheet, row in con.execute(sql, [load_id, keys]).fetchall():
                found[entity, key] = {"entity": entity, "file": file, "sheet": sheet, "row": row}
    return found


def _concerned(con: duckdb.DuckDBPyConnection, moved: Sequence[Move]) -> list[tuple[str, str]]:
    """List the people and quarters whose score the moves may touch."""
    spans = {
        row[0]: (row[1], row[2])
        for row in con.execute("select quarter, period_start, year_start from quarter").fetchall()
    }
    members = {row[0] for row in con.execute("select rep_id from member").fetchall()}
    found = set()
    for rep, quarter in {(move["rep"], move["quarter"]) for move in moved if move["rep"] in members}:
        start, year = spans.get(quarter, (None, None))
        found |= {(rep, other) for other, (first, of) in spans.items() if start and of == year and first >= start}
    return sorted(found)


def _total(card: Scorecard) -> dict[str, Any]:
    return {"total": None if card.total is None else str(card.total), "grade": card.grade}
