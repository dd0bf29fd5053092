"""What a department's exports said: current rows and every delivered version of them, as plain dicts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


@dataclass(frozen=True)
class Delivered:
    """One row as one load in force delivered it.

    `columns` are those its sheet had and that could be read; `fields` those of them that say something: a blank
    does only where its load erases by blanks.
    """

    entity: str
    load_id: int
    exported_on: date | None
    loaded_on: date
    complete: bool
    columns: frozenset[str]
    erases: bool
    row: Row

    @property
    def fields(self) -> frozenset[str]:
        """The columns on which the row says something."""
        return frozenset(name for name in self.columns if self.erases or self.row.get(name) is not None)

    @property
    def rank(self) -> tuple[date, int, int, int]:
        """What the newest statement has most of: its export day (else that of loading), its load, sheet and row."""
        return self.exported_on or self.loaded_on, self.load_id, self.row["sheet_id"], self.row["row_no"]


@dataclass
class Department:
    """Everything the oracle reads.

    `current` and `delivered` map an entity name to its rows. Rows name accounts and reps by their
    resolved ids. `milestones` are rows (account_id, milestone, day) and `weights` the fields that
    count towards file completeness: rows (entity, field, weight, stage, junk_ok).
    """

    current: dict[str, list[Row]] = field(default_factory=dict)
    delivered: dict[str, list[Delivered]] = field(default_factory=dict)
    milestones: list[Row] = field(default_factory=list)
    weights: list[Row] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def rows(self, entity: str) -> list[Row]:
        """Return the rows in force of one entity."""
        return self.current.get(entity, [])

    def setting(self, name: str, default: str | int) -> str | int:
        """Return a parameter in force, else what definitions.md says."""
        given: str | int = self.parameters.get(name, default)
        return given


def day(value: date) -> date:
    """Return the date of a date or a moment."""
    return value.date() if isinstance(value, datetime) else value


def day_or_none(value: date | None) -> date | None:
    """Return the date of a date or a moment, where there is one."""
    return None if value is None else day(value)


def _select(con: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    cursor = con.execute(f"select * from {table}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _tables(con: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    found = con.execute("select table_name from information_schema.tables where table_schema = ? order by 1", [schema])
    return [name for (name,) in found.fetchall()]


def _resolved(delivered: Row, current: dict[str, Row]) -> Row:
    """Return the delivered row with the account and the rep that its key stands for today."""
    now = current.get(delivered["_key"], {})
    return {**delivered, **{name: now[name] for name in ("_key", "account_id", "rep_id") if name in now}}


def _keys(con: duckdb.DuckDBPyConnection, entity: str, rows: list[Row]) -> dict[str, Row]:
    """Return the row in force for each key under which the rows of an entity were delivered."""
    by_key = {row["_key"]: row for row in rows}
    if entity not in {"account", "rep"}:
        return by_key
    same = _select(con, f"core._{entity}_key")
    return {row["_key"]: by_key[row[f"{entity}_id"]] for row in same if row[f"{entity}_id"] in by_key}


def _delivered(con: duckdb.DuckDBPyConnection, entity: str, current: list[Row]) -> list[Delivered]:
    now = _keys(con, entity, current)
    loads = {row["load_id"]: row for row in _select(con, "meta.load") if row["in_force"]}
    sheets = {row["sheet_id"]: row for row in _select(con, "meta.sheet")}
    rows: dict[Any, list[Row]] = {}
    for row in _select(con, f"delivered.{entity}"):
        rows.setdefault(row["sheet_id"], []).append(_resolved(row, now))
    return [
        Delivered(
            entity,
            link["load_id"],
            day_or_none(loads[link["load_id"]]["exported_on"]),
            day(loads[link["load_id"]]["loaded_at"]),
            bool(loads[link["load_id"]]["complete"]),
            frozenset(sheets[link["sheet_id"]]["fields"]) - frozenset(row["_bad"] or ()),
            bool(loads[link["load_id"]].get("blank_erases")),
            row,
        )
        for link in sorted(_select(con, "meta.load_sheet"), key=lambda link: link["load_id"])
        if link["load_id"] in loads
        for row in rows.get(link["sheet_id"], [])
    ]


def read(folder: Path, weights: list[Row]) -> Department:
    """Read the version in force of a store folder: raw rows, deliveries, milestones, parameters."""
    name = (folder / "current").read_text(encoding="utf-8").strip() + ".duckdb"
    with duckdb.connect(str(folder / name), read_only=True) as con:
        names = [name for name in _tables(con, "delivered") if name in _tables(con, "core")]
        current = {entity: _select(con, f"core.{entity}") for entity in names}
        delivered = {entity: _delivered(con, entity, current[entity]) for entity in names}
        parameters = {row["name"]: _value(row["value"]) for row in _select(con, "core.parameter")}
        return Department(current, delivered, _select(con, "core.milestone"), weights, parameters)


def _value(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text
