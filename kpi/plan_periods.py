"""Plan completion where plans do not run by the calendar: each quarter takes the plan period at its middle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from kpi import periods
from kpi.rollup import value

METRIC = "plan_completion"


def by_quarter(
    cur: duckdb.DuckDBPyConnection, rep: str | None = None, where: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Give plan completion by quarter; without any plan for a calendar quarter, by the plans' own periods.

    A row of such a period holds its bounds as `plan_period` (`2014-03-01/2014-07-01`) beside the quarter whose middle
    it covers; the figures are those of the period, never a share of it (docs/definitions.md "K1").
    """
    rows = value(cur, METRIC, by=("quarter",), rep=rep, where=where)
    if any(row["denominator"] for row in rows):
        return rows
    own = [row for row in value(cur, METRIC, by=("plan_period",), rep=rep, where=where) if row["denominator"]]
    middles = {str(row["quarter"]): _middle(row) for row in periods.quarters(cur)}
    return [_of(row, own, middles.get(row["quarter"])) for row in rows]


def bounds(period: str) -> tuple[date, date]:
    """Return the first day of a plan period and the day after its last."""
    start, end = period.split("/")
    return date.fromisoformat(start), date.fromisoformat(end)


def _middle(row: Mapping[str, Any]) -> date:
    start, end = row["period_start"], row["period_end"]
    middle: date = start + (end - start) / 2
    return middle


def _of(row: dict[str, Any], own: list[dict[str, Any]], middle: date | None) -> dict[str, Any]:
    """Return the plan period that covers a day, the largest plan where several do; else the quarter's own row."""
    covering = [each for each in own if middle and _covers(each["plan_period"], middle)]
    largest = max(covering, key=lambda each: each["denominator"], default=None)
    return row if largest is None else largest | {"quarter": row["quarter"]}


def _covers(period: str, day: date) -> bool:
    start, end = bounds(period)
    return start <= day < end
