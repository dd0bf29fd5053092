"""Fiscal quarters: labels to dates and back."""

from __future__ import annotations

from datetime import date

import duckdb


def quarter_of(day: date, first_month: int = 1, label: str = "start") -> str:
    """Name the fiscal quarter of a day, such as `2026Q2` (domain.md §3 P1–P4).

    `label` says whether a fiscal year that spans two calendar years takes the name of its start or its end.
    """
    months = (day.month - first_month) % 12
    year = day.year - (day.month < first_month) + (label == "end" and first_month > 1)
    return f"{year}Q{months // 3 + 1}"


def quarters(cur: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    """List the fiscal quarters with data, oldest first: quarter, period_start, period_end (half-open), as_of."""
    rows = cur.execute(
        "select q.quarter, q.period_start, q.period_end, max(p.as_of) as as_of from quarter q "
        "join period p using (quarter) group by all order by q.period_start"
    )
    names = [column[0] for column in rows.description or []]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def latest(cur: duckdb.DuckDBPyConnection) -> str | None:
    """Return the newest quarter with data."""
    found = quarters(cur)
    return str(found[-1]["quarter"]) if found else None


def previous(quarter: str, back: int = 1) -> str:
    """Return the label of an earlier quarter: `previous("2026Q1")` is `2025Q4`."""
    position = int(quarter[:4]) * 4 + int(quarter[-1]) - 1 - back
    return f"{position // 4}Q{position % 4 + 1}"
