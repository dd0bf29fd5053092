"""Each quarter's exports as tables of cells, in the layouts of `layouts.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from data.entity import entities
from data.sample.events import Row
from data.sample.faults import faults
from data.sample.quarters import QUARTERS, Quarter
from data.sample.story import STORY
from data.sample.world import rows

WAN = Decimal(10_000)
KEYS = {"orders": ("order_no", "line_no"), "call": ("call_id",), "survey": ("survey_id",)}
Cell = str | int | float | Decimal | date | datetime | None


@dataclass(frozen=True)
class Layout:
    """How one system lays out one entity; see the head of `layouts.toml`."""

    entity: str
    file: str
    columns: tuple[tuple[str, str], ...]
    since: str = "2024Q2"
    until: str = "2026Q3"
    sheet: str = ""
    title: str = ""
    encoding: str = ""
    delimiter: str = ","
    dates: str = "true"
    money: str = "number"
    total: tuple[str, ...] = ()
    spell: dict[str, dict[str, str]] = field(default_factory=dict)
    positive_returns: bool = False


@dataclass(frozen=True)
class Table:
    """One sheet or text file to write: headers and cells; `total` lists the columns to add up."""

    layout: Layout
    file: str
    title: str
    headers: tuple[str, ...]
    cells: list[list[Cell]]
    total: tuple[int, ...] = ()


def _layout(raw: dict[str, Any]) -> Layout:
    columns = tuple((left.strip(), right.strip()) for left, right in (pair.split(" = ") for pair in raw.pop("columns")))
    raw["since"] = raw.pop("from", "2024Q2")
    raw["total"] = tuple(raw.get("total", ()))
    return Layout(columns=columns, **raw)


@cache
def layouts() -> tuple[Layout, ...]:
    """All layouts, in the order of the file."""
    path = Path(__file__).parent / "layouts.toml"
    return tuple(_layout(raw) for raw in tomllib.loads(path.read_text(encoding="utf-8"))["layout"])


def _day(value: date, style: str) -> Cell:
    clock = f" {value:%H:%M}" if isinstance(value, datetime) and value.time() != time(0) else ""
    if style == "zh":
        return f"{value.year}年{value.month}月{value.day}日{clock}"
    if style == "slash":
        return f"{value.year}/{value.month}/{value.day}{clock}"
    return f"{value:%Y-%m-%d}{clock}" if style == "iso" else value


def _money(value: Decimal | int, style: str) -> Cell:
    if style == "yuan":
        return f"¥{value:,.2f}" if value >= 0 else f"(¥{-value:,.2f})"
    if style == "wan":
        return f"{Decimal(value) / WAN:f}".rstrip("0").rstrip(".") + "万" if value else "0"
    return value


def _cell(layout: Layout, name: str, value: Any) -> Cell:  # noqa: ANN401 -- a cell of any field
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return _day(value, layout.dates)
    declared = entities()[layout.entity].fields.get(name)
    if declared and declared.type == "money":
        return _money(value, layout.money)
    spelled: Cell = layout.spell.get(name, {}).get(value, value)
    return spelled


def _cells(layout: Layout, row: Row, item: Quarter) -> list[Cell]:
    if layout.positive_returns and row["order_type"] == "退货":
        row = row | {"qty": abs(row["qty"]), "amount": abs(row["amount"])}
    row = row | {"batch": f"{item.label}-{layout.entity[:2].upper()}"}
    return [_cell(layout, name, row.get(name)) for name, _ in layout.columns]


def _ambiguous(layout: Layout, row: Row) -> bool:
    """Tell whether a row names its account by name only, and that name belongs to two accounts."""
    fields = {name for name, _ in layout.columns}
    by_name = "account_name" in fields and "account_id" not in fields
    return by_name and row["account_id"] in STORY["same_name"]


def _exported(layout: Layout, item: Quarter) -> list[Row]:
    return [row for row in rows(layout.entity, item) if not _ambiguous(layout, row)]


def _mended(layout: Layout, item: Quarter) -> list[Row]:
    """Give the rows that the quarter before delivered spoiled, as they should have been."""
    index = QUARTERS.index(item)
    if not index or not faults(QUARTERS[index - 1].label, layout.entity):
        return []
    before = QUARTERS[index - 1]
    delivered = _exported(_layout_of(layout.entity, before), before)
    return [delivered[fault.row] for fault in faults(before.label, layout.entity)]


def _layout_of(entity: str, item: Quarter) -> Layout:
    return next(one for one in layouts() if one.entity == entity and one.since <= item.label <= one.until)


def table(layout: Layout, item: Quarter) -> Table:
    """Give the table of one layout for a quarter, with its faults in place."""
    fields = [name for name, _ in layout.columns]
    delivered = _exported(layout, item)
    known = {tuple(row[name] for name in KEYS[layout.entity]) for row in delivered} if layout.entity in KEYS else set()
    mended = [
        row
        for row in _mended(layout, item)
        if layout.entity not in KEYS or tuple(row[name] for name in KEYS[layout.entity]) not in known
    ]
    cells = [_cells(layout, row, item) for row in (*delivered, *mended)]
    for fault in faults(item.label, layout.entity):
        cells[fault.row][fields.index(fault.field)] = fault.text or None
    total = tuple(fields.index(name) for name in layout.total)
    file = layout.file.format(date=f"{item.exported_on:%Y%m%d}")
    return Table(layout, file, layout.title, tuple(header for _, header in layout.columns), cells, total)


def tables(item: Quarter) -> list[Table]:
    """All tables of a quarter's batch except the plans, in the order of the layouts."""
    found = [table(layout, item) for layout in layouts() if layout.since <= item.label <= layout.until]
    return [one for one in found if one.cells]
