"""How often to be in touch: working days, gaps between contacts, who is due (domain.md §5.5, §5.8, §8a.10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import chinese_calendar
import duckdb

from kpi.funnel import dicts

FIRST_DAYS = 10
FIRST_LIMIT = 3
CLASS_LIMITS = {"A": 5, "B": 10, "C": 20}
DAY = timedelta(days=1)

Measure = Callable[[date, date], int]


@cache
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


@dataclass(frozen=True)
class Gap:
    """The working days between two contacts, and how many were allowed; `end` None is today's open gap."""

    start: date
    end: date | None
    days: int
    allowed: int

    @property
    def kept(self) -> bool:
        """Whether the next contact came in time."""
        return self.days <= self.allowed


def judged(days: Sequence[date], today: date, tier: str | None, first_visit: date) -> list[Gap]:
    """Judge each gap of an account by the limit in force at its beginning (domain.md §8a.10).

    The gap that is still open counts only once it exceeds its limit.
    """
    contacts = sorted(set(days))
    limits = [limit_of(tier, first_visit, day) for day in contacts]
    found = [
        Gap(earlier, later, working_days(earlier, later), allowed)
        for (earlier, later), allowed in zip(pairwise(contacts), limits, strict=False)
    ]
    still = Gap(contacts[-1], None, working_days(contacts[-1], today), limits[-1])
    return found if still.kept else [*found, still]


def in_touch(
    con: duckdb.DuckDBPyConnection, today: date | None = None, rep: str | None = None, dept: str | None = None
) -> list[dict[str, Any]]:
    """List the accounts to keep in touch with.

    Rows: `account_id`, `account_name`, `tier`, `rep_id`, `first_visit`, `days` of contact since, oldest first, and the
    newest `promised` date.
    """
    if today is None:
        [(today,)] = con.execute("select data_date from clock").fetchall()
    return dicts(con.execute(_sql("cadence"), {"today": today, "rep": rep, "dept": dept}))


def follow_up(
    con: duckdb.DuckDBPyConnection, today: date | None = None, rep: str | None = None, dept: str | None = None
) -> list[dict[str, Any]]:
    """List the accounts in touch with when each is due; `today` defaults to the data date.

    Rows as `due` gives them, most overdue first.
    """
    if today is None:
        [(today,)] = con.execute("select data_date from clock").fetchall()
    rows = [due(row, today) for row in in_touch(con, today, rep, dept)]
    return sorted(rows, key=lambda row: (-row["gap"] / row["allowed"], row["due_on"], row["account_id"]))


def due(found: Mapping[str, Any], today: date, noted: Sequence[date] = ()) -> dict[str, Any]:
    """Say when an account of `in_touch` is due; `noted` are days of contacts that no export holds yet.

    Adds `last_contact`, `promised` (a promised date after the last contact wins), `due_on`, `gap` and `allowed` in
    working days, `colour` (green; amber once overdue; red at twice the allowed gap), `gaps`, and `compliance` of them.
    """
    row = dict(found)
    contacts = sorted({*row.pop("days"), *noted})
    last = contacts[-1]
    limit = limit_of(row["tier"], row["first_visit"], last)
    promised = row["promised"] if row["promised"] and row["promised"] > last else None
    due_on = promised or add_working_days(last, limit)
    gap, allowed = working_days(last, today), max(working_days(last, due_on), 1)
    colour = "red" if gap >= 2 * allowed else "amber" if gap > allowed else "green"
    measured = judged(contacts, today, row["tier"], row["first_visit"])
    return row | {
        "last_contact": last, "promised": promised, "due_on": due_on, "gap": gap, "allowed": allowed, "colour": colour,
        "gaps": measured, "compliance": _share(sum(each.kept for each in measured), len(measured)),
    }  # fmt: skip


def kept_in_touch(rows: Sequence[Mapping[str, Any]], start: date, end: date) -> list[dict[str, Any]]:
    """Count by account the gaps of `follow_up` that ended in [start, end), and the open ones that are too long by now.

    Rows with at least one gap, the worst first: `account_id`, `account_name`, `tier`, `rep_id`, `kept`, `judged`,
    `share`, `longest` gap in working days, and what was `allowed` for it.
    """
    found = []
    for row in rows:
        mine = [gap for gap in row["gaps"] if gap.end is None or start <= gap.end < end]
        if mine:
            longest = max(mine, key=lambda gap: (gap.days - gap.allowed, gap.days))
            kept = sum(gap.kept for gap in mine)
            named = {name: row[name] for name in ("account_id", "account_name", "tier", "rep_id")}
            found.append(
                named
                | {"kept": kept, "judged": len(mine), "share": kept / len(mine)}
                | {"longest": longest.days, "allowed": longest.allowed}
            )
    return sorted(found, key=lambda row: (row["share"], -row["judged"], row["account_id"]))


def velocity(qualified: int, win_rate: float, mean_value: float, cycle_days: float) -> float | None:
    """Return the expected income a day: open qualified × win rate × mean won value ÷ mean cycle days (§5.8)."""
    return qualified * win_rate * mean_value / cycle_days if cycle_days else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _sql(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
