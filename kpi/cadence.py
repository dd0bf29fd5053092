"""How often to be in touch: working days, gaps between contacts, who is due (domain.md §5.5 … §5.8, §8a.10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import chinese_calendar
import duckdb

FIRST_DAYS = 10
FIRST_LIMIT = 3
CLASS_LIMITS = {"A": 5, "B": 10, "C": 20}
DAY = timedelta(days=1)

Measure = Callable[[date, date], int]


def is_working_day(day: date) -> bool:
    """Say whether people in China work on that day; Monday to Friday in years whose holidays are not published yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.isoweekday() <= 5


def working_days(start: date, end: date) -> int:
    """Count the working days after `start` up to and with `end`."""
    return sum(is_working_day(start + n * DAY) for n in range(1, (end - start).days + 1))


def calendar_days(start: date, end: date) -> int:
    """Count the days after `start` up to and with `end`."""
    return (end - start).days


def add_working_days(start: date, number: int) -> date:
    """Return the day that is `number` working days after `start`."""
    day = start
    while number:
        day += DAY
        number -= is_working_day(day)
    return day


def gaps(contacts: Sequence[date], as_of: date, limit: int, measure: Measure = working_days) -> list[int]:
    """Measure the gaps between contacts; the one still open counts only once it exceeds `limit`."""
    closed = [measure(earlier, later) for earlier, later in pairwise(sorted(set(contacts)))]
    still = measure(max(contacts), as_of) if contacts else 0
    return [*closed, still] if still > limit else closed


def compliance(contacts: Sequence[date], as_of: date, limit: int = 3, measure: Measure = working_days) -> float | None:
    """Return the share of gaps within `limit` days; None where there is no gap to judge (domain.md §5.5)."""
    measured = gaps(contacts, as_of, limit, measure)
    return sum(gap <= limit for gap in measured) / len(measured) if measured else None


def limit_of(tier: str | None, first_visit: date, last_contact: date) -> int:
    """Return the working days allowed after a contact: 3 in the first 10, then by class; unclassified as C."""
    if working_days(first_visit, last_contact) < FIRST_DAYS:
        return FIRST_LIMIT
    return CLASS_LIMITS.get(tier or "C", CLASS_LIMITS["C"])


def follow_up(
    con: duckdb.DuckDBPyConnection, today: date | None = None, rep: str | None = None
) -> list[dict[str, Any]]:
    """List the accounts in touch with when each is due; `today` defaults to the data date.

    Rows, most overdue first: `account_id`, `account_name`, `tier`, `rep_id`, `first_visit`, `last_contact`,
    `promised` (a promised date after the last contact wins), `due_on`, `gap` and `allowed` in working days, `colour`
    (green; amber once overdue; red at twice the allowed gap), `compliance` of the account's own gaps.
    """
    if today is None:
        [(today,)] = con.execute("select data_date from clock").fetchall()
    found = con.execute(_sql("cadence"), {"today": today, "rep": rep})
    names = [column[0] for column in found.description or ()]
    rows = [_due(dict(zip(names, row, strict=True)), today) for row in found.fetchall()]
    return sorted(rows, key=lambda row: (-row["gap"] / row["allowed"], row["due_on"], row["account_id"]))


def _due(row: dict[str, Any], today: date) -> dict[str, Any]:
    contacts = row.pop("days")
    last = contacts[-1]
    limit = limit_of(row["tier"], row["first_visit"], last)
    promised = row["promised"] if row["promised"] and row["promised"] > last else None
    due_on = promised or add_working_days(last, limit)
    gap, allowed = working_days(last, today), max(working_days(last, due_on), 1)
    colour = "red" if gap >= 2 * allowed else "amber" if gap > allowed else "green"
    return row | {
        "last_contact": last, "promised": promised, "due_on": due_on, "gap": gap, "allowed": allowed, "colour": colour,
        "compliance": compliance(contacts, today, limit),
    }  # fmt: skip


def visit_plan(con: duckdb.DuckDBPyConnection, start: date, end: date, rep: str | None = None) -> dict[str, Any]:
    """Count the planned visits of [start, end) and how they went (domain.md §5.7).

    Keys: `planned` (without those we withdrew), `on_time` (within 3 days), `done`, `cancelled_by_customer`,
    `unplanned`, and the rates `on_time_rate`, `done_rate`, `done_rate_without_cancelled`; None without a base.
    """
    found = con.execute(_sql("visits"), {"start": start, "end": end, "rep": rep})
    [counts] = found.fetchall()
    row = dict(zip([column[0] for column in found.description or ()], counts, strict=True))
    kept = row["planned"] - row["cancelled_by_customer"]
    return row | {
        "on_time_rate": _share(row["on_time"], row["planned"]),
        "done_rate": _share(row["done"], row["planned"]),
        "done_rate_without_cancelled": _share(row["done"], kept),
    }


def velocity(qualified: int, win_rate: float, mean_value: float, cycle_days: float) -> float | None:
    """Return the expected income a day: open qualified × win rate × mean won value ÷ mean cycle days (§5.8)."""
    return qualified * win_rate * mean_value / cycle_days if cycle_days else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _sql(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
