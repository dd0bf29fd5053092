"""Cells merged over several rows: what the first row says holds for all of them, but numbers are counted once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from loaders import header

RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})")
NUMBERED = re.compile(
    r"(编[号码]|代[码号]|单号|合同号|订单号|工号|电话|手机|号|id|no\.?|number|code|phone|mobile)$", re.IGNORECASE
)
MOST = 20_000


@dataclass(frozen=True)
class Merged:
    """Rows `top` … `bottom` of one sheet column (0-based), merged into one cell; rows count from 1."""

    column: int
    top: int
    bottom: int
    cells: str


def tall(ranges: Sequence[str], first: int, last: int) -> list[Merged]:
    """Give the merged cells (`A2:A4`) that begin between two rows and span more than one."""
    found = []
    for cells in ranges:
        match = RANGE.fullmatch(cells)
        if match and first <= int(match[2]) < int(match[3]) and int(match[2]) <= last:
            found.append(Merged(_place(match[1]), int(match[2]), min(int(match[3]), last), cells))
    return found


def _place(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def filled(
    con: duckdb.DuckDBPyConnection, merged: Sequence[Merged], columns: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Give the SQL of joins and, for each column of `raw` that has merged cells, of its filled value.

    `columns` are the names of the sheet's columns with their headers. A number is filled only under a
    header of numbers that name something (编号, 电话); amounts and quantities would count again.
    """
    again: dict[str, dict[int, str]] = defaultdict(dict)
    for one in merged:
        name = f"c{one.column}"
        if name not in columns or one.bottom <= one.top or sum(map(len, again.values())) > MOST:
            continue
        row = con.execute(f"SELECT {name} FROM raw WHERE _row = {one.top}").fetchone()
        if row and row[0] and (header.kind(row[0]) != "number" or NUMBERED.search(columns[name].strip())):
            again[name] |= dict.fromkeys(range(one.top + 1, one.bottom + 1), row[0])
    joins, values = [], {}
    for name, rows in again.items():
        lines = ", ".join(f"({number}, {_literal(cell)})" for number, cell in rows.items())
        joins.append(f"LEFT JOIN (VALUES {lines}) AS m{name}(row_at, cell) ON m{name}.row_at = _row")
        values[name] = f"coalesce({name}, m{name}.cell)"
    return " ".join(joins), values


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
