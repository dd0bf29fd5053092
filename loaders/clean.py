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
# (a zero before a comma is none: 0,500 is a half)
_USUAL = r"[¥￥]?-?([1-9][0-9]{0,2}(,[0-9]{3}){1,GROUPS}|[0-9]{1,DIGITS})(\.[0-9]+)?"
# what a text must not hold to be plain: spaces around it, wide letters, marks of a wrong encoding, runs of spaces
_ODD = (
    r"^[\x01-\x20\x{85}\p{Z}\x{200B}\x{FEFF}\x{FF08}(<#\x27]|[\x01-\x20\x{85}\p{Z}\x{200B}\x{FEFF}]$|"
    r"[\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{FFFD}]"
    r"|^(?i:null|none|nan|nil|nat|undefined)$|锟斤拷|烫烫烫|屯屯屯|锘|ï»¿|Ã|[åæçè]|â€"
)
# so many first rows tell whether a column repeats its texts
GLIMPSE = 50_000
USUAL_KINDS = frozenset({"number", "money"})
DATE_KINDS = frozenset({"date", "datetime"})
_ODD_NAME = r"|[ \t\x{A0}\x{3000}]{2}|[A-Za-z][?][\x{4E00}-\x{9FFF}]"


@dataclass(frozen=True)
class _Work:
    column: Column
    place: int
    repeated: bool
    mapped: bool = False
    failed: bool = False

    @property
    def text(self) -> str:
        return f"s.{_quoted(self.column.source)}"

    @property
    def table(self) -> str:
        return f"_clean_{self.place}"

    @property
    def value(self) -> str:
        return f"IF({self.table}.text IS NULL, {self.cast}, {self.table}.value)" if self.mapped else self.cast

    @property
    def cast(self) -> str:
        """Type a plain text."""
        field, unit = self.column.field, self.column.unit
        if field.sql_type == "VARCHAR":
            return f"nullif({self.text}, '')"
        if field.type in DATE_KINDS:
            return f"TRY_CAST(replace({self.text}, '/', '-') AS {field.sql_type})"
        if field.type not in USUAL_KINDS:
            return f"TRY_CAST({self.text} AS {field.sql_type})"
        precise = field.sql_type if unit == Decimal(1) else "DECIMAL(28,14)"
        bare = f"translate({self.text}, '¥￥,', '')"
        number = f"coalesce(TRY_CAST({self.text} AS {precise}), TRY_CAST({bare} AS {precise}))"
        return number if unit == Decimal(1) else f"CAST({number} * {unit:f} AS {field.sql_type})"


@dataclass(frozen=True)
class Reading:
    """How the columns of a source become typed values: SQL over the source as `s`.

    `typed` lists the values, named by their fields; `joins` brings in the temporary tables of what other than
    plain texts mean; `bad` is the list (VARCHAR[]) of a row's unreadable fields, NULL where there is none.
    """

    source: str
    works: tuple[_Work, ...]

    @property
    def typed(self) -> str:
        """List the typed values."""
        return ", ".join(f"{work.value} AS {_quoted(work.column.field.name)}" for work in self.works)

    @property
    def joins(self) -> str:
        """Join the meanings of the texts that are not plain."""
        mapped = [work.table for work in self.works if work.mapped]
        texts = [work.text for work in self.works if work.mapped]
        return " ".join(
            f"LEFT JOIN {table} ON {table}.text = {text}" for table, text in zip(mapped, texts, strict=True)
        )

    @property
    def bad(self) -> str:
        """Name the unreadable fields of a row, in the order of the alphabet."""
        failed = sorted((work.column.field.name, work.table) for work in self.works if work.failed)
        if not failed:
            return "CAST(NULL AS VARCHAR[])"
        names = ", ".join(f"IF({table}.reason IS NULL, NULL, {_literal(name)})" for name, table in failed)
        reasons = ", ".join(f"{table}.reason" for _, table in failed)
        return f"IF(coalesce({reasons}, NULL) IS NULL, NULL, list_filter([{names}], lambda name: name IS NOT NULL))"

    @property
    def faults(self) -> str:
        """Select row_no BIGINT, column_name (header), field, value as it came, reason (`messages_values.toml`)."""
        parts = [
            f"SELECT s._row AS row_no, {_literal(work.column.title)} AS column_name, "
            f"{_literal(work.column.field.name)} AS field, {work.text} AS value, m.reason "
            f"FROM {self.source} s JOIN {work.table} m ON m.text = {work.text} WHERE m.reason IS NOT NULL"
            for work in self.works
            if work.failed
        ]
        none = "SELECT 0::BIGINT AS row_no, '' AS column_name, '' AS field, '' AS value, '' AS reason WHERE FALSE"
        return " UNION ALL ".join(parts or [none])

    def forget(self, con: duckdb.DuckDBPyConnection) -> None:
        """Drop what the reading keeps on the connection; its SQL is of no use afterwards."""
        for work in self.works:
            con.execute(f"DROP TABLE IF EXISTS {work.table}")


def learn(con: duckdb.DuckDBPyConnection, source: str, columns: Sequence[Column]) -> tuple[Reading, list[Note]]:
    """Learn from all its values how each column is read; give also what was noticed about whole columns.

    `source` is a relation of `_row` BIGINT and VARCHAR columns, of which each is scanned by itself. The reading
    holds until it is forgotten or the next one begins on the same connection. Raises duckdb.Error where the source
    lacks a column.
    """
    repeated = _repeated(con, source, columns)
    notes: list[Note] = []
    works: list[_Work] = []
    for place, column in enumerate(columns):
        work, noticed = _read(con, source, _Work(column, place, repeated[place]))
        works.append(work)
        notes += noticed
    return Reading(source, tuple(works)), notes


def _repeated(con: duckdb.DuckDBPyConnection, source: str, columns: Sequence[Column]) -> tuple[bool, ...]:
    """Tell of each column whether its first rows repeat few texts, so that grouping before reading saves time."""
    counts = ", ".join(f"2 * approx_count_distinct({_quoted(column.source)}) < count(*)" for column in columns)
    row = con.execute(f"SELECT {counts} FROM (FROM {source} LIMIT {GLIMPSE})").fetchone() if columns else ()
    return tuple(row or ())


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
    texts = f"SELECT {work.text}, count(*) AS rows FROM {source} s"
    if work.repeated:
        query = f"SELECT * FROM ({texts} GROUP BY 1) s WHERE {work.text} IS NOT NULL AND {condition}"
    else:
        query = f"{texts} WHERE {work.text} IS NOT NULL AND {condition} GROUP BY 1"
    return dict(con.execute(query).fetchall())


def _with_plain(
    con: duckdb.DuckDBPyConnection, source: str, work: _Work, easy: str, found: dict[str, int]
) -> values.Values:
    dots = f"bool_or(contains({work.text}, '.'))" if work.column.field.type in USUAL_KINDS else "FALSE"
    day = f"max(day({work.cast}))" if work.column.field.type in DATE_KINDS else "0"
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
        return f"({form} AND {work.cast} IS NOT NULL)"
    if kind in USUAL_KINDS:
        usual = _USUAL.replace("GROUPS", str(digits // 3 - 1)).replace("DIGITS", str(digits))
        return f"({form} OR regexp_full_match({text}, '{usual}'))"
    return form


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


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
