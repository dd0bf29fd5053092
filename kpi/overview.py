"""The lists behind the overview and the scorecard: how the base moved, who was lost and won, what needs attention."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from kpi.rollup import UNASSIGNED, value
from kpi.survival import SHOWN_FROM, curve, quantile

FOLDER = Path(__file__).parent / "lists"
STEPS = ("lost", "new", "won_back", "transfer_in", "transfer_out", "status_in", "status_out", "other_in")
LEAVING = {"lost", "transfer_out", "status_out"}
OVERDUE_DAYS = 14
SLOW_SHARE = 0.8


def listed(
    cur: duckdb.DuckDBPyConnection, name: str, quarter: str, dept: str | None = None, rep: str | None = None
) -> list[dict[str, Any]]:
    """Run one list of `kpi/lists/` on a cursor of `Store.open`; its columns stand in the file of that name."""
    result = cur.execute(_query(name), {"quarter": quarter, "dept": dept, "rep": rep})
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@cache
def _query(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def movement(
    cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None, rep: str | None = None
) -> dict[str, int]:
    """Count accounts: `opening`, each of `STEPS` (those leaving as negative numbers) and `closing`, which is their sum.

    The opening base and the lost are those of churn; `new` counts only new accounts that were not active before.
    """
    moved = listed(cur, "moves", quarter, dept, rep)
    steps = Counter(row["step"] for row in moved)
    counted = {step: -steps[step] if step in LEAVING else steps[step] for step in STEPS}
    ends = {"opening": sum(row["at_start"] for row in moved), "closing": sum(row["at_end"] for row in moved)}
    return ends | counted


def without_classes(cur: duckdb.DuckDBPyConnection) -> bool:
    """Say whether no account has a class or a flag of its own, so that every account counts as a key account."""
    found = cur.execute("select count(account_class) = 0 and bool_and(is_key) from account_state").fetchone()
    return bool(found and found[0])


def gaps(
    cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None, plan_period: str | None = None
) -> list[dict[str, Any]]:
    """Give plan completion by rep, the largest gap in money first: the rows of `value` with `gap` = plan - actual.

    Reps without a plan have no gap and come last. A `plan_period` takes the place of the quarter.
    """
    time = ("plan_period", plan_period) if plan_period else ("quarter", quarter)
    where = dict([time]) | ({"dept": dept} if dept else {})
    rows = value(cur, "plan_completion", by=("rep", time[0]), where=where)
    for row in rows:
        row["gap"] = row["denominator"] - row["numerator"] if row["denominator"] else None
        row["rep_name"] = row["rep_name"] or row["rep"]
    known = [row for row in rows if row["rep"] != UNASSIGNED or row["numerator"]]
    return sorted(known, key=lambda row: (row["gap"] is None, -(row["gap"] or 0), row["rep"]))


def stalled(
    cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None, rep: str | None = None
) -> list[dict[str, Any]]:
    """List open stays longer than four of five stays in that stage (`limit` days, Kaplan-Meier, domain.md §5.6)."""
    stays: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for row in listed(cur, "stays", quarter, dept):
        stays[row["stage"]].append((row["days"], row["cause"], row["stays"]))
    limits = {stage: _limit(found) for stage, found in stays.items()}
    still = listed(cur, "stalled", quarter, dept, rep)
    slow = [row | {"limit": limits.get(row["stage"])} for row in still]
    return [row for row in slow if row["limit"] is not None and row["days"] > row["limit"]]


def _limit(stays: list[tuple[int, str, int]]) -> int | None:
    if sum(number for _, _, number in stays) < SHOWN_FROM:
        return None
    return quantile(curve(stays), SLOW_SHARE)


def complaints(
    cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None, rep: str | None = None
) -> list[dict[str, Any]]:
    """List open complaints, with `overdue` for those unanswered or open longer than `OVERDUE_DAYS`."""
    rows = listed(cur, "complaints", quarter, dept, rep)
    return [row | {"overdue": row["unanswered"] or row["days_open"] > OVERDUE_DAYS} for row in rows]


def missing_points(
    cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None, rep: str | None = None
) -> list[dict[str, Any]]:
    """List missing fields by what they cost: `cost` is the share of the mean rate that the field takes away."""
    rows = listed(cur, "missing", quarter, dept, rep)
    scope = {"quarter": quarter} | ({"dept": dept} if dept else {})
    found = value(cur, "file_completeness", by=("quarter",), where=scope, rep=rep)
    files = found[0]["n"] if found else 0
    costed = [row | {"cost": row["weight"] / row["due_weight"] / files if files else None} for row in rows]
    return sorted(costed, key=lambda row: (-(row["cost"] or 0), row["account_id"], row["field"]))
