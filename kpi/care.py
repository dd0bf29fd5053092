"""Crisis and stability after the first order (stages b6 and b7): complaints, satisfaction, loyalty (domain.md §2b)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from statistics import median as middle
from typing import Any

import duckdb

from kpi.funnel import dicts
from kpi.survival import STILL, median

FOLDER = Path(__file__).parent / "cares"


def _listed(con: duckdb.DuckDBPyConnection, name: str, **values: object) -> list[dict[str, Any]]:
    asked = {"rep": None, "dept": None, **values}
    return dicts(con.execute(_sql(name), asked))


@cache
def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def complaints(
    con: duckdb.DuckDBPyConnection,
    start: date | None = None,
    end: date | None = None,
    rep: str | None = None,
    dept: str | None = None,
) -> list[dict[str, Any]]:
    """List complaints opened in [start, end), the newest first.

    Rows: `complaint_no`, `account_id`, `account_name`, `rep_id`, `rep_name`, `opened_on`, `type`, `severity`,
    `responsible_dept`, `content`, `solution`, `customer_accepted`, `response_hours` (None: not answered),
    `days_to_close` (None: open), `days_since`, `sales_before` and `sales_after` (元 in 90 days; after None while those
    days are not over) and `orders_after`.
    """
    return _listed(con, "complaints", start=start, end=end, rep=rep, dept=dept)


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sum complaints up: `n`, `open`, `accepted` of `closed`, medians, and the orders of the 90 days after.

    `response_hours` is the median of those answered (`answered`); `days_to_close` the Kaplan–Meier median with open
    ones counted; `mature` complaints are 90 days old, `reordered` of them ordered again; `before` and `after` sum
    their sales in 元.
    """
    closed = [row for row in rows if row["days_to_close"] is not None]
    answered = [row["response_hours"] for row in rows if row["response_hours"] is not None]
    stays = [
        (row["days_since"], STILL, 1) if row["days_to_close"] is None else (row["days_to_close"], "closed", 1)
        for row in rows
    ]
    mature = [row for row in rows if row["sales_after"] is not None]
    return {
        "n": len(rows), "open": len(rows) - len(closed), "closed": len(closed),
        "accepted": sum(row["customer_accepted"] is True for row in closed),
        "answered": len(answered), "response_hours": middle(answered) if answered else None,
        "days_to_close": median(stays), "mature": len(mature),
        "reordered": sum(row["orders_after"] > 0 for row in mature),
        "before": sum((row["sales_before"] for row in mature), Decimal(0)),
        "after": sum((row["sales_after"] for row in mature), Decimal(0)),
    }  # fmt: skip


def satisfaction(
    con: duckdb.DuckDBPyConnection,
    start: date | None = None,
    end: date | None = None,
    rep: str | None = None,
    dept: str | None = None,
) -> list[dict[str, Any]]:
    """Give the mean satisfaction by quarter: `quarter`, `n` surveys, `score` (score ÷ scale, a fraction)."""
    rows = _listed(con, "surveys", start=start, end=end, rep=rep, dept=dept)
    return [{"quarter": row["quarter"], "n": row["n"], "score": row["total"] / row["n"]} for row in rows]


def loyalty(con: duckdb.DuckDBPyConnection, rep: str | None = None, dept: str | None = None) -> list[dict[str, Any]]:
    """List today's customers by the unbroken run of quarters with orders.

    Rows: `account_id`, `account_name`, `rep_id`, `rep_name`, `won_on`, `quarters` with orders and the `possible`
    ones of the last eight, `running` up to the newest quarter without a gap, `stable` (stands in stage b7),
    `in_crisis`.
    """
    return _listed(con, "loyalty", rep=rep, dept=dept)
