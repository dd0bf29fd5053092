"""Who held an account on a day, and which department a rep belongs to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tests.kpi.oracle.calendar import DAY, load_date, order_loads, store_date
from tests.kpi.oracle.facts import Department, Row, day, day_or_none


@dataclass
class People:
    """Owners and departments of one set of facts."""

    facts: Department

    @cached_property
    def departments(self) -> dict[str, str]:
        """Rep to department."""
        return {row["rep_id"]: row.get("dept") or "未分部门" for row in self.facts.rows("rep")}

    def dept(self, rep: str | None) -> str | None:
        """Return the department of a rep; none for 未归属."""
        return self.departments.get(rep) if rep else None

    @cached_property
    def _history(self) -> dict[str, list[Row]]:
        rows: dict[str, dict[object, Row]] = defaultdict(dict)
        for row in sorted(
            self.facts.rows("rep_assignment"), key=lambda row: (row["from_date"], row["_sheet"], row["_row"])
        ):
            rows[row["account_id"]][row["from_date"]] = row
        return {account: list(spans.values()) for account, spans in rows.items()}

    @cached_property
    def _current(self) -> dict[str, str | None]:
        return {row["account_id"]: row.get("rep_id") for row in self.facts.rows("account")}

    def owner(self, account: str | None, moment: date) -> str | None:
        """Return the rep that held an account on a day."""
        history = self._history.get(account or "")
        if not history:
            return self._current.get(account or "")
        begun = [row for row in history if day(row["from_date"]) <= moment]
        if not begun:
            earlier: str | None = history[0].get("previous_rep") or history[0]["rep_id"]
            return earlier
        end = day_or_none(begun[-1].get("to_date"))
        later = [row for row in history if day(row["from_date"]) > moment]
        on_the_eve = bool(later) and end == moment and day(later[0]["from_date"]) == moment + DAY
        last: str | None = begun[-1]["rep_id"]
        return None if end is not None and end <= moment and not on_the_eve else last

    def since(self, account: str | None, moment: date) -> date | None:
        """Return the day on which the holder of a day took an account over; none before the first hand-over."""
        begun = [row for row in self._history.get(account or "", []) if day(row["from_date"]) <= moment]
        return day(begun[-1]["from_date"]) if begun else None

    def longest_holder(self, account: str, first: date, end: date) -> str | None:
        """Say who held an account for most days of [first, end); of equals, who held it first."""
        days: dict[str, int] = {}
        moment = first
        while moment < end:
            if rep := self.owner(account, moment):
                days[rep] = days.get(rep, 0) + 1
            moment += DAY
        return max(days, key=lambda rep: days[rep]) if days else None

    @cached_property
    def _dates(self) -> dict[str | None, date]:
        dates: dict[str | None, date] = {}
        for rows in order_loads(self.facts):
            speaks_for = load_date(rows)
            for row in rows:
                rep = row.row.get("rep_id") or self.owner(row.row.get("account_id"), day(row.row["order_date"]))
                dept = self.dept(rep)
                dates[dept] = max(dates.get(dept, speaks_for), speaks_for)
        return dates

    @cached_property
    def newest(self) -> date:
        """The last day of which the exports of the store speak."""
        return store_date(self.facts)

    def data_date(self, dept: str | None) -> date:
        """Return the last day of which a department's exports speak; the store's own where it had no orders."""
        return self._dates.get(dept, self.newest) if dept else self.newest
