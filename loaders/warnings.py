"""What a load should be looked at twice for: much gone, orders in the future, amounts far from the usual."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from data.entity import entities
from loaders.messages import Note
from loaders.schema import resolved_fields

MANY = 0.4
TIMES = 10_000
SHOWN = 3
NAMED = 10
MOST = 1000
ENOUGH = 5
FUTURE = ("orders", "order_date")


def warnings(con: duckdb.DuckDBPyConnection, load_id: int, today: date) -> list[Note]:
    """List what stands out of a load that was delivered and derived but not published, the gravest first."""
    found = [*_gone(con, load_id), *_unknown_people(con, load_id), *_future(con, load_id, today)]
    for entity, field in _money(con, load_id):
        found += _unusual(con, load_id, entity, field)
    return found


def _gone(con: duckdb.DuckDBPyConnection, load_id: int) -> list[Note]:
    """Tell of accounts and orders that a file called complete does not hold."""
    accounts = _one(con, "select count(*), min(account_id) from core.vanished_account where load_id = ?", load_id)
    orders = _one(
        con, "select count(distinct order_no), sum(amount) from core.vanished_order where load_id = ?", load_id
    )
    whole = _one(con, "select count(distinct account_id) from core._account_key")[0]
    notes = []
    if accounts[0]:
        share = accounts[0] / whole
        code = "accounts_gone_many" if share >= MANY else "accounts_gone"
        notes.append(Note(code, {"count": accounts[0], "share": f"{share:.0%}", "first": accounts[1]}))
    if orders[0]:
        notes.append(Note("orders_gone", {"count": orders[0], "amount": f"{orders[1] or 0:,.2f}"}))
    return notes


def _unknown_people(con: duckdb.DuckDBPyConnection, load_id: int) -> list[Note]:
    """Tell of people that rows of the load name and the list of people does not hold, where there is one."""
    sheets = "select s.sheet_id from meta.load_sheet ls join meta.sheet s using (sheet_id) where ls.load_id = ?"
    kinds = con.execute(f"select distinct entity from meta.sheet where sheet_id in ({sheets})", [load_id]).fetchall()
    parts = []
    for (entity,) in kinds:
        for field, (refers, companion) in resolved_fields(entities()[entity]).items():
            if refers == "rep":
                name = f"coalesce(\"{companion}\", '')" if companion else "''"
                parts.append(
                    f"select coalesce(\"{field}\", '') as ref_id, {name} as ref_name "
                    f'from delivered."{entity}" where sheet_id in ({sheets})'
                )
    if not parts or not _one(con, "select count(*) from core._rep_key")[0]:
        return []
    rows = con.execute(
        f"select coalesce(nullif(d.ref_name, ''), d.ref_id) as who, count(*) from ({' union all '.join(parts)}) d "
        "join core._rep_ref r using (ref_id, ref_name) where r.how = 'unknown' group by who order by 2 desc, 1",
        [load_id] * len(parts),
    ).fetchall()
    if not rows:
        return []
    names = "、".join(str(who) for who, _count in rows[:NAMED]) + (" …" if len(rows) > NAMED else "")
    return [Note("unknown_people", {"count": len(rows), "names": names, "rows": sum(count for _who, count in rows)})]


def _future(con: duckdb.DuckDBPyConnection, load_id: int, today: date) -> list[Note]:
    entity, field = FUTURE
    day = f'cast(d."{field}" as date)'
    late = f"{day} > coalesce(l.exported_on, cast(? as date))"
    rows = _rows(con, entity, f"{day}, l.exported_on", late, day + " desc", load_id, today)
    return [Note("future_orders", {"count": len(rows), "rows": _places(rows), "day": rows[0][3]})] if rows else []


def _money(con: duckdb.DuckDBPyConnection, load_id: int) -> list[tuple[str, str]]:
    found = con.execute(
        "select distinct s.entity, unnest(s.fields) as field from meta.load_sheet ls "
        "join meta.sheet s using (sheet_id) "
        "where ls.load_id = ? order by all",
        [load_id],
    ).fetchall()
    return [(entity, name) for entity, name in found if entities()[entity].fields[name].type == "money"]


def _unusual(con: duckdb.DuckDBPyConnection, load_id: int, entity: str, field: str) -> list[Note]:
    """Compare the amounts of a field with the median of other loads, or of this one where there are few."""
    usual = _usual(con, load_id, entity, field, others=True) or _usual(con, load_id, entity, field, others=False)
    if not usual:
        return []
    label = entities()[entity].fields[field]
    said = {"field": label.zh, "field_en": label.en, "usual": f"{usual:,.2f}", "times": f"{TIMES:,}"}
    size = f'abs(cast(d."{field}" as double))'
    rows = _rows(con, entity, f'd."{field}"', f"{size} >= {TIMES} * cast(? as double)", size + " desc", load_id, usual)
    notes = []
    if rows:
        notes.append(
            Note("huge_amounts", {**said, "count": len(rows), "rows": _places(rows), "value": f"{rows[0][3]:,.2f}"})
        )
    mine = _usual(con, load_id, entity, field, others=False)
    if mine and mine * TIMES / 2 <= usual:
        notes.append(Note("tiny_amounts", {**said, "median": f"{mine:,.2f}"}))
    return notes


def _usual(con: duckdb.DuckDBPyConnection, load_id: int, entity: str, field: str, *, others: bool) -> float | None:
    row = con.execute(
        f'select median(abs(cast(d."{field}" as double))) filter (where d."{field}" <> 0), count(d."{field}") '
        f'from delivered."{entity}" d where '
        f"{'not ' if others else ''}d.sheet_id in (select sheet_id from meta.load_sheet where load_id = ?)",
        [load_id],
    ).fetchone()
    return float(row[0]) if row and row[0] and row[1] >= ENOUGH else None


def _rows(
    con: duckdb.DuckDBPyConnection, entity: str, shown: str, where: str, order: str, load_id: int, value: object
) -> list[tuple[Any, ...]]:
    """List (file, sheet, row, …) of delivered rows of a load that answer a condition."""
    return con.execute(
        f'select f.name, s.sheet, d.row_no, {shown} from delivered."{entity}" d '
        "join meta.load_sheet ls on ls.sheet_id = d.sheet_id and ls.load_id = ? join meta.load l using (load_id) "
        "join meta.sheet s on s.sheet_id = d.sheet_id join meta.file f on f.file_id = s.file_id "
        f"where {where} order by {order}, d.row_no limit {MOST}",
        [load_id, value],
    ).fetchall()


def _places(rows: list[tuple[Any, ...]]) -> str:
    listed = [f"{file}{' · ' + sheet if sheet else ''} #{row}" for file, sheet, row, *_rest in rows[:SHOWN]]
    return "；".join(listed) + (" …" if len(rows) > SHOWN else "")


def _one(con: duckdb.DuckDBPyConnection, sql: str, *values: object) -> tuple[Any, ...]:
    row = con.execute(sql, list(values)).fetchone()
    return row or (0, None)
