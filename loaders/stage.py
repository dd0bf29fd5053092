"""One table of a file to typed rows as delivered: mapped, read, keyed, its faulty rows set aside."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from data.entity import Entity, entities
from loaders import source
from loaders.clean import Reading, learn
from loaders.match import Mapping
from loaders.messages import Note, Refused
from loaders.read import Table
from loaders.schema import append
from loaders.values import Column

UNITS = {
    "元": 1,
    "千元": 1000,
    "万元": 10_000,
    "万": 10_000,
    "百万元": 1_000_000,
    "千万元": 10_000_000,
    "亿元": 100_000_000,
    "亿": 100_000_000,
}


_ERROR = "insert into meta.error(sheet_id, row_no, column_name, field, value, reason, rejected, _key)"


@dataclass(frozen=True)
class Staged:
    """A table with the mapping it is read by; `piece` numbers what a `shape` made of the table `source`."""

    table: Table
    mapping: Mapping
    shape: str = ""
    piece: int = 1
    source: source.Source | None = None

    @property
    def told(self) -> dict[str, Any]:
        """The mapping as JSON can hold it: enough to read the same table the same way again."""
        return {
            "entity": self.mapping.entity,
            "fields": {field: self.table.columns[column] for field, column in self.mapping.fields.items()},
            "numbers": self.mapping.fields,
            "options": self.mapping.options,
            "confidence": round(self.mapping.confidence, 4),
            "remembered": self.mapping.remembered,
            "shape": self.shape,
            "piece": self.piece,
            "columns": list(self.table.columns),
            **({"roles": {str(at): role for at, role in self.roles.items()}} if self.roles else {}),
        }

    @property
    def roles(self) -> dict[int, str]:
        """What people said of the columns before the shape."""
        return self.source.roles if self.source else {}


def content(digest: str, staged: Staged) -> str:
    """Fingerprint of what a table says: the file's bytes, the table in it, and how it is read."""
    told = {key: staged.told[key] for key in ("entity", "fields", "numbers", "options")}
    told |= {"roles": staged.told["roles"]} if staged.roles else {}
    place = (digest, staged.table.sheet, staged.table.number, staged.piece, told)
    return hashlib.sha256(json.dumps(place, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Delivered:
    """What reading one table gave: data rows, rejected rows, doubled rows, and what was noticed."""

    rows: int
    rejected: int
    doubled: int
    notes: list[Note]


def deliver(con: duckdb.DuckDBPyConnection, sheet_id: int, staged: Staged) -> Delivered:
    """Write the typed rows of a table to `delivered.<entity>` and its faults to `meta.error`."""
    entity = entities()[staged.mapping.entity]
    source = _source(con, staged)
    columns = [_column(staged, entity, field, number) for field, number in staged.mapping.fields.items()]
    reading, notes = learn(con, source, columns)
    _rows(con, entity, staged, reading)
    rejected = _reject(con, entity, sheet_id, staged, reading)
    doubled = _insert(con, entity, sheet_id, staged)
    reading.forget(con)
    row = con.execute(f"select count(*) from {source}").fetchone()
    return Delivered(int(row[0]) if row else 0, rejected, doubled, notes)


def _source(con: duckdb.DuckDBPyConnection, staged: Staged) -> str:
    """Give the name of the rows to read: `_row`, the row of the sheet as `_origin`, and the columns.

    A plain table stays in the file that was made of its sheet, whose columns are cheap to scan one by one.
    A shape makes several rows of one: they are numbered.
    """
    if not staged.shape:
        con.execute(f"create or replace temp view stage_plain as select _row as _origin, * from ({staged.table.sql})")
        return "stage_plain"
    con.execute(
        "create or replace temp table stage_raw as select row_number() over () as _row, _row as _origin, * "
        f"exclude (_row) from ({staged.table.sql})"
    )
    return "stage_raw"


def _column(staged: Staged, entity: Entity, field: str, number: int) -> Column:
    options = staged.mapping.options
    unit = Decimal(1)
    if entity.fields[field].type == "money":
        unit = _unit(staged, options.get(f"unit:{field}", options.get("unit", "元")), number)
    answers = {
        key.removesuffix(f":{field}"): text
        for key, text in sorted(options.items())  # of one column after of all: it wins
        if ":" not in key or key.endswith(f":{field}")
    }
    if any(note.code == "date_1904" for note in staged.table.notes):
        answers["epoch"] = "1904"
    return Column(f"c{number}", entity.fields[field], staged.table.columns[number], unit, answers)


def _unit(staged: Staged, said: str, number: int) -> Decimal:
    if said not in UNITS:
        place = {"file": staged.table.file, "sheet": staged.table.sheet, "column": staged.table.columns[number]}
        raise Refused("unknown_unit", {**place, "unit": said, "units": "、".join(UNITS)})
    return Decimal(UNITS[said])


def _rows(con: duckdb.DuckDBPyConnection, entity: Entity, staged: Staged, reading: Reading) -> None:
    """Describe the typed rows, each with its key, its unmapped columns, and its unreadable fields (`stage_rows`).

    A view: what it takes to read a value is done once for each time that the value is asked for.
    """
    have = set(staged.mapping.fields)
    cases = []
    for key in entity.keys:
        if set(key) <= have:
            filled = " and ".join(f't."{name}" is not null' for name in key)
            cases.append(f"when {filled} then {' || chr(124) || '.join(_text(name) for name in key)}")
    key_sql = f"case {' '.join(cases)} end" if cases else "cast(null as varchar)"
    incomplete = " or ".join(["_key is null", *(f'"{name}" is null' for name in _required(entity, staged))])
    con.execute(
        f"create or replace temp view stage_rows as select *, {incomplete} as _incomplete from "
        f"(select t.*, {key_sql} as _key from (select s._row, s._origin, {_extra(staged)} as extra, "
        f"{reading.bad} as _bad, {reading.typed} from {reading.source} s {reading.joins}) t)"
    )


def _text(name: str) -> str:
    return f'cast(t."{name}" as varchar)'


def _required(entity: Entity, staged: Staged) -> list[str]:
    return [name for name in entity.required if name in staged.mapping.fields]


def _extra(staged: Staged) -> str:
    """Keep what no field takes as JSON, header to text, blank cells left out."""
    texts = [
        f"""case when s.c{number} is not null then '{_name(staged.table, number)}:' || to_json(s.c{number}) end"""
        for number in staged.mapping.extra
        if number < len(staged.table.columns)
    ]
    if not texts:
        return "cast(null as varchar)"
    return f"nullif('{{' || concat_ws(',', {', '.join(texts)}) || '}}', '{{}}')"


def _name(table: Table, number: int) -> str:
    header = table.columns[number] or f"第{number + 1}列"
    header = f"{header} ({number + 1})" if table.columns.count(table.columns[number]) > 1 else header
    return json.dumps(header, ensure_ascii=False).replace("'", "''")


def _reject(con: duckdb.DuckDBPyConnection, entity: Entity, sheet_id: int, staged: Staged, reading: Reading) -> int:
    """Count the rows without a key or a required value, and record every fault of the table."""
    required = _required(entity, staged)
    asked = ", ".join(["_row", "_origin", "_key", "_bad", "_incomplete", *(f'"{name}"' for name in required)])
    con.execute(
        "create or replace temp table stage_faulty as "
        f"select {asked} from stage_rows where _incomplete or _bad is not null"
    )
    con.execute(
        f"{_ERROR} select ?, k._origin, e.column_name, e.field, e.value, e.reason, "
        "k._incomplete and (list_contains(?, e.field) or k._key is null), k._key "
        f"from ({reading.faults}) e join stage_faulty k on k._row = e.row_no order by e.row_no, e.field",
        [sheet_id, required],
    )
    for name in required:
        header = staged.table.columns[staged.mapping.fields[name]]
        con.execute(
            f"{_ERROR} select ?, _origin, ?, ?, null, 'required_missing', true, _key from stage_faulty "
            f"where \"{name}\" is null and not coalesce(list_contains(_bad, '{name}'), false)",
            [sheet_id, header, name],
        )
    keys = [
        name for name in dict.fromkeys(name for key in entity.keys for name in key) if name in staged.mapping.fields
    ]
    header = " / ".join(staged.table.columns[staged.mapping.fields[name]] for name in keys)
    unexplained = " and ".join(["_key is null", *(f'"{name}" is not null' for name in required)])
    con.execute(
        f"{_ERROR} select ?, _origin, ?, ?, null, 'key_missing', true, null from stage_faulty where {unexplained}",
        [sheet_id, header, " ".join(keys)],
    )
    row = con.execute("select count(*) from stage_faulty where _incomplete").fetchone()
    return int(row[0]) if row else 0


def _insert(con: duckdb.DuckDBPyConnection, entity: Entity, sheet_id: int, staged: Staged) -> int:
    """Insert the good rows; identical rows count once, and lines of one order without a line number are counted up."""
    fields = list(staged.mapping.fields)
    listed = ", ".join(f'"{name}"' for name in [*fields, "extra"])
    rows = "(from stage_rows where not _incomplete)"
    row = con.execute(f"select count(*) - count(distinct _key) from {rows}").fetchone()
    if row and row[0]:
        con.execute(
            f"create or replace temp table stage_once as select * from {rows} "
            f"qualify row_number() over (partition by _key, {listed} order by _row) = 1"
        )
        rows = f"(select {_lined(entity, fields)} as _key, * exclude (_key) from stage_once)"
    query = f"select {sheet_id} as sheet_id, _origin as row_no, _key, {listed}, _bad from {rows}"
    append(con, "delivered", entity, fields, query)
    return int(row[0]) if row else 0


def _lined(entity: Entity, fields: list[str]) -> str:
    """Give the key of a row, counted up where several lines of one order have no number of their own."""
    if "line_no" not in entity.fields:
        return "_key"
    lined, apart = ('"line_no" is not null', ", line_no is null") if "line_no" in fields else ("false", "")
    position = f"row_number() over (partition by _key{apart} order by _row)"
    return f"case when {lined} or {position} = 1 then _key else _key || '#' || {position} end"


def from_told(table: Table, told: dict[str, Any]) -> Mapping:
    """Give back the mapping that an earlier load used, for reading its file again."""
    used = set(told["numbers"].values())
    extra = tuple(number for number in range(len(table.columns)) if number not in used)
    return Mapping(
        told["entity"],
        told["confidence"],
        dict(told["numbers"]),
        extra,
        "",
        dict(told["options"]),
        (),
        told["remembered"],
    )


def blocking(staged: Staged) -> list[Note]:
    """Questions without whose answer a table cannot be loaded."""
    return [note for note in staged.mapping.questions if note.code == "missing_fields"]
