"""The evidence behind the churn rate: who was judged, by which line, who held them, and what the head decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from kpi.overview import listed

FLAT_DAYS = 90
VERDICT = "churn"
CYCLE = "account_cycle"
CONFIRM, REJECT = "confirm", "reject"


def judged(
    cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None, rep: str | None = None
) -> list[dict[str, Any]]:
    """List every account judged for churn, the lost first, then the nearest to their line.

    The columns of `kpi/lists/churn_rows.sql` and `holders`: who held it in its silence, (name, days), longest first.
    """
    held: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in listed(cur, "churn_holders", quarter, dept, rep):
        held[row["account_id"]].append((row["rep_name"], int(row["days"])))
    return [row | {"holders": held[row["account_id"]]} for row in listed(cur, "churn_rows", quarter, dept, rep)]


def order_days(
    cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None, rep: str | None = None
) -> dict[str, list[date]]:
    """Give the order days of those accounts over eight quarters, by account."""
    found: dict[str, list[date]] = defaultdict(list)
    for row in listed(cur, "churn_orders", quarter, dept, rep):
        found[row["account_id"]].append(row["day"])
    return dict(found)


def base(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give the rows of the opening base."""
    return [row for row in rows if row["denominator"]]


def flat(rows: Sequence[Mapping[str, Any]], days: int = FLAT_DAYS) -> dict[str, list[Mapping[str, Any]]]:
    """Judge the same opening base by a flat number of silent days: who is `lost`, who changes to lost, who back."""
    lost = [row for row in base(rows) if row["silent_days"] >= days]
    return {
        "lost": lost,
        "becomes_lost": [row for row in lost if not row["numerator"]],
        "becomes_kept": [row for row in base(rows) if row["numerator"] and row["silent_days"] < days],
    }


def subject(row: Mapping[str, Any]) -> str:
    """Name the silence that a verdict is about: the account and its last order day, so that a new order asks anew."""
    return f"{row['account_id']}|{row['last_order']:%Y-%m-%d}"
