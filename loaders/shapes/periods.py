"""Plans whose period is a label (年, 季度, 月份, 期间): the label becomes a first and a last day."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from loaders.labels import normal
from loaders.messages import Note
from loaders.read import Table
from loaders.shapes.base import columns_in, filled, kept, literal, made, words_of
from loaders.shapes.period_labels import Label, label_of, year_in

PARTS = ("period", "month", "quarter", "year")


def claims(table: Table, entity: str = "") -> bool:
    """Claim plans without a start date that have a readable period label and a plan value."""
    if entity not in {"", "sales_plan"} or columns_in(table, words_of("sales_plan", "period_start")):
        return False
    parts = _parts(table)
    if not parts or not (entity or columns_in(table, words_of("sales_plan", "plan_value"))):
        return False
    values = [value for column in parts for value in filled(table, column)]
    return bool(values) and sum(_read(value) is not None for value in values) * 2 > len(values)


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Add 计划开始日期 and 计划结束日期, both inclusive; a label that names no year leaves them empty."""
    parts = _parts(table)
    said = year_in(table.title) or year_in(table.sheet) or year_in(table.file)
    label = "concat_ws(chr(31), " + ", ".join(f"coalesce(trim(c{column}), '')" for column in parts) + ")"
    found = con.execute(f"SELECT DISTINCT {label} FROM ({table.sql})").fetchall()
    dated = [(text, days) for (text,) in found if (days := _days(text.split(chr(31)), said))]
    lines = (
        ", ".join(f"({literal(text)}, '{first}', '{last}')" for text, (first, last) in dated) or "(NULL, NULL, NULL)"
    )
    spans = f"(VALUES {lines}) AS dated(label, first_day, last_day)"
    source = f"({table.sql}) AS given LEFT JOIN {spans} ON dated.label = {label}"
    piece = made(con, table, [*kept(table), ("计划开始日期", "first_day"), ("计划结束日期", "last_day")], source)
    if undated := [text.replace(chr(31), " ").strip() for (text,) in found if text not in dict(dated)]:
        note = Note("period_unread", {"count": len(undated), "labels": "、".join(undated[:5])})
        piece = replace(piece, notes=(*piece.notes, note))
    return [piece]


def _parts(table: Table) -> list[int]:
    """Give the columns that tell the period, the finest first, one for each part."""
    found: list[int] = []
    for part in PARTS:
        found += [column for column in columns_in(table, words_of("sales_plan", part)) if column not in found][:1]
    return found


def _read(value: str) -> Label | None:
    return label_of(value) or (label_of(f"{value}月") if normal(value).isdigit() else None)


def _days(parts: list[str], said: str) -> tuple[str, str] | None:
    """Combine the parts of one row's period: the finest that is readable, with the year of whichever has one."""
    labels = [label for part in parts if part and (label := _read(part))]
    if not labels:
        return None
    year = next((label.year for label in labels if label.year), int(said) if said else None)
    finest = min(labels, key=lambda label: (not label.month, not label.quarter, not label.half))
    days = finest.days(year)
    return (days[0].isoformat(), days[1].isoformat()) if days else None
