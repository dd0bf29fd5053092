"""Typed columns out of text: plain values by SQL, the other distinct values by `loaders.values`, joined back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import duckdb
import pyarrow as pa

from loaders import numbers, values, words
from loaders.messages import Note
from loaders.values import Column

_DAY = r"(19|20)\d\d(-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
_CLOCK = r"([01]?\d|2[0-3]):\d\d(:\d\d(\.\d{1,6})?)?"
# a text of exactly this form (and, for dates, one that exists) is plain: a cast says the same as `loaders.values`
_PLAIN = {
    "date": rf"{_DAY}([ T]{_CLOCK})?",
    "datetime": rf"{_DAY}([ T]{_CLOCK})?",
    "int": r"-?[0-9]{1,17}",
    "number": r"-?[0-9]{1,DIGITS}(\.[0-9]+)?",
    "money": r"-?[0-9]{1,DIGITS}(\.[0-9]+)?",
    # digits, or letters before digits: never a date, a mangled 1.18E+11 or a word for nothing
    "id": r"[0-9]{1,15}|[0-9]*[A-Za-z][A-Za-z_-]*[0-9][0-9A-Za-z_-]*",
}
# as good as plain, as long as no other value of the column speaks for decimal commas or another currency
_USUAL = r"[¥￥]?-?([0-9]{1,3}(,[0-9]{3}){1,GROUPS}|[0-9]{1,DIGITS})(\.[0-9]+)?"
# what a text must not hold to be plain: spaces around it, wide letters, marks of a wrong encoding, runs of spaces
_ODD = (
    r"^[\x01-\x20\x{85}\p{Z}\x{200B}\x{FEFF}\x{FF08}(<#\x27]|[\x01-\x20\x{85}\p{Z}\x{200B}\x{FEFF}]$|"
    r"[\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{FFFD}]"
    r"|^(?i:null|none|nan|nil|nat|undefined)$|锟斤拷|烫烫烫|屯屯屯|锘|ï»¿|Ã|[åæçè]|â€"
)
USUAL_KINDS = frozenset({"number", "money"})
DATE_KINDS = frozenset({"date", "datetime"})
_ODD_NAME = r"|[ \t\x{A0}\x{3000}]{2}|[A-Za-z][?][\x{4E00}-\x{9FFF}]"


@dataclass(frozen=True)
class _Work:
    column: Column
    place: int
    mapped: bool = False
    failed: bool = False

    @property
    def text(self) -> str:
        return f"s.{_quoted(self.column.source)}"

    @property
    def table(self) -> str:
        return f"_clean_{self.place}"


def clean(con: duckdb.DuckDBPyConnection, source: str, columns: Sequence[Column], out: str) -> list[Note]:
    """Type the columns of `source`, a table of `_row` BIGINT and VARCHAR columns (each column is scanned by itself).

    Creates table `out`: `_row` and one column per field, named and typed by it, in the given order, one row
    per row of `source`; and table `<out>_error`: row_no BIGINT, column_name (header), field, value as it came,
    reason (a code of `messages_values.toml`). An unreadable value is NULL in `out` and a row in the errors; no
    row is dropped. Returns what was noticed about whole columns. Raises duckdb.Error where `source` lacks a column.
    """
    notes: list[Note] = []
    works: list[_Work] = []
    for place, column in enumerate(columns):
        work, noticed = _read(con, source, _Work(column, place))
        works.append(work)
        notes += noticed
    _typed(con, source, works, out)
    _errors(con, source, works, out)
    for work in works:
        con.execute(f"DROP TABLE IF EXISTS {work.table}")
    return notes


def _read(con: duckdb.DuckDBPyConnection, source: str, work: _Work) -> tuple[_Work, list[Note]]:
    easy = f"({work.text} = '' OR {_plain(work)})"
    found = _distinct(con, source, work, f"NOT {easy}")
    if not found:
        return work, []
    if work.column.field.type in USUAL_KINDS and numbers.contrary(found):
        rest = values.Values(_distinct(con, source, work, "TRUE"))
    else:
        rest = _with_plain(con, source, work, easy, found)
    cells, notes = values.read(work.column, rest)
    _register(con, work, cells)
    return replace(work, mapped=True, failed=any(reason for _, reason in cells.values())), notes


def _distinct(con: duckdb.DuckDBPyConnection, source: str, work: _Work, condition: str) -> dict[str, int]:
    query = f"SELECT {work.text}, count(*) FROM {source} s WHERE {work.text} IS NOT NULL AND {condition} GROUP BY 1"
    return dict(con.execute(query).fetchall())


def _with_plain(
    con: duckdb.DuckDBPyConnection, source: str, work: _Work, easy: str, found: dict[str, int]
) -> values.Values:
    dots = f"bool_or(contains({work.text}, '.'))" if work.column.field.type in USUAL_KINDS else "FALSE"
    day = f"max(day({_cast(work)}))" if work.column.field.type in DATE_KINDS else "0"
    query = f"SELECT count(*), {dots}, {day} FROM {source} s WHERE {work.text} <> '' AND {easy}"
    rows, points, last_day = con.execute(query).fetchall()[0]
    return values.Values(found, rows, bool(points), last_day or 0)


def _plain(work: _Work) -> str:
    kind, text = work.column.field.type, work.text
    if kind == "text":
        odd = _ODD + (_ODD_NAME if words.is_name(work.column.field) else "")
        return f"NOT regexp_matches({text}, '{odd}')"
    if kind not in _PLAIN:
        return "FALSE"
    digits = 14 - max(0, math.ceil(work.column.unit.log10()))
    form = f"regexp_full_match({text}, '{_PLAIN[kind].replace('DIGITS', str(digits))}')"
    if kind in DATE_KINDS:
        return f"({form} AND {_cast(work)} IS NOT NULL)"
    if kind in USUAL_KINDS:
        usual = _USUAL.replace("GROUPS", str(digits // 3 - 1)).replace("DIGITS", str(digits))
        return f"({form} OR regexp_full_match({text}, '{usual}'))"
    return form


def _cast(work: _Work) -> str:
    field, unit = work.column.field, work.column.unit
    if field.sql_type == "VARCHAR":
        return f"nullif({work.text}, '')"
    if field.type in DATE_KINDS:
        return f"TRY_CAST(replace({work.text}, '/', '-') AS {field.sql_type})"
    if field.type not in USUAL_KINDS:
        return f"TRY_CAST({work.text} AS {field.sql_type})"
    precise = field.sql_type if unit == Decimal(1) else "DECIMAL(28,14)"
    bare = f"translate({work.text}, '¥￥,', '')"
    number = f"coalesce(TRY_CAST({work.text} AS {precise}), TRY_CAST({bare} AS {precise}))"
    return number if unit == Decimal(1) else f"CAST({number} * {unit:f} AS {field.sql_type})"


def _register(con: duckdb.DuckDBPyConnection, work: _Work, cells: dict[str, values.Cell]) -> None:
    table = pa.table(
        {
            "text": pa.array(cells.keys(), pa.string()),
            "value": pa.array([None if value is None else str(value) for value, _ in cells.values()], pa.string()),
            "reason": pa.array([reason or None for _, reason in cells.values()], pa.string()),
        }
    )
    name = f"{work.table}_arrow"
    con.register(name, table)
    sql = f"SELECT text, CAST(value AS {work.column.field.sql_type}) AS value, reason FROM {name}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {work.table} AS {sql}")
    con.unregister(name)


def _typed(con: duckdb.DuckDBPyConnection, source: str, works: Sequence[_Work], out: str) -> None:
    picks = ["s._row"]
    joins = []
    for work in works:
        pick = _cast(work)
        if work.mapped:
            pick = f"CASE WHEN {work.table}.text IS NULL THEN {pick} ELSE {work.table}.value END"
            joins.append(f"LEFT JOIN {work.table} ON {work.table}.text = {work.text}")
        picks.append(f"{pick} AS {_quoted(work.column.field.name)}")
    con.execute(f"CREATE OR REPLACE TABLE {out} AS SELECT {', '.join(picks)} FROM {source} s {' '.join(joins)}")


def _errors(con: duckdb.DuckDBPyConnection, source: str, works: Sequence[_Work], out: str) -> None:
    con.execute(
        f"CREATE OR REPLACE TABLE {out}_error"
        "(row_no BIGINT, column_name VARCHAR, field VARCHAR, value VARCHAR, reason VARCHAR)"
    )
    parts = [
        f"SELECT s._row, {_literal(work.column.title)}, {_literal(work.column.field.name)}, {work.text}, m.reason "
        f"FROM {source} s JOIN {work.table} m ON m.text = {work.text} WHERE m.reason IS NOT NULL"
        for work in works
        if work.failed
    ]
    if parts:
        con.execute(f"INSERT INTO {out}_error {' UNION ALL '.join(parts)} ORDER BY 1, 3")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
