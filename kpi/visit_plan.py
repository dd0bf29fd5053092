"""Planned visits and how they went; which visits were effective (domain.md §5.7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from kpi.funnel import dicts

ON_TIME_DAYS = 3
STATES = ("on_time", "late", "cancelled", "missed", "withdrawn", "unplanned")
PARTS = ("has_result", "has_form", "has_class", "has_next", "has_supervisor", "in_time")


def visits(
    con: duckdb.DuckDBPyConnection, start: date, end: date, rep: str | None = None, dept: str | None = None
) -> list[dict[str, Any]]:
    """List the visits planned for, or made without a plan in, [start, end), the newest first.

    Rows: `visit_id`, `account_id`, `account_name`, `rep_id`, `rep_name`, `plan_date`, `visit_on`, `status`, `purpose`,
    `state` (one of `STATES`), and for visits that were done the `PARTS` of an effective one and `effective` itself:
    a result of ten characters, a feedback form with class, next step and supervisor, within 48 hours.
    """
    sql = (Path(__file__).parent / "visits.sql").read_text(encoding="utf-8")
    rows = dicts(con.execute(sql, {"start": start, "end": end, "rep": rep, "dept": dept}))
    return [_judged(row) for row in rows]


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    planned, done = row.pop("planned"), row.pop("done")
    parts = {name: bool(row[name]) if done else None for name in PARTS}
    effective = all(parts.values()) if done else None
    return {**row, **parts, "state": _state(row, planned=planned, done=done), "effective": effective}


def _state(row: dict[str, Any], *, planned: bool, done: bool) -> str:
    if not planned:
        return "unplanned" if done else "withdrawn"
    if done:
        return "on_time" if abs((row["visit_on"] - row["plan_date"]).days) <= ON_TIME_DAYS else "late"
    return "cancelled" if row["status"] == "取消(客户)" else "missed"


def counted(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Count `visits` and give their rates (domain.md §5.7); a rate without a base is None.

    `planned` = `on_time` + `late` + `cancelled` (by the customer) + `missed`; `withdrawn` by us and `unplanned` stand
    beside. `on_time_rate` is the completion, `done_rate` includes the late, `done_rate_without_cancelled` leaves the
    customers' cancellations out of the base. `effective` of `done` with `effective_rate`.
    """
    states = {state: sum(row["state"] == state for row in rows) for state in STATES}
    planned = sum(states[state] for state in ("on_time", "late", "cancelled", "missed"))
    done = states["on_time"] + states["late"]
    made = [row for row in rows if row["effective"] is not None]
    effective = sum(row["effective"] for row in made)
    return {
        **states, "planned": planned, "done": len(made), "effective": effective,
        "on_time_rate": _share(states["on_time"], planned), "done_rate": _share(done, planned),
        "done_rate_without_cancelled": _share(done, planned - states["cancelled"]),
        "effective_rate": _share(effective, len(made)),
    }  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
