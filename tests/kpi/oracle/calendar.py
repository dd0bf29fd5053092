"""Quarters and the last day that counts in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tests.kpi.oracle.facts import Delivered, Department, day

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Quarter:
    """A fiscal quarter [start, end)."""

    start: date
    end: date
    label: str


def add_months(first: date, months: int) -> date:
    """Return the first of the month `months` after the month of `first`."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def later(moment: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month where it is shorter."""
    first = add_months(moment, months)
    return min(first + timedelta(moment.day - 1), add_months(first, 1) - DAY)


def quarter_of(moment: date, first_month: int = 1, label: str = "start") -> Quarter:
    """Return the fiscal quarter that holds a day, named after the year in which its fiscal year starts (or ends)."""
    months_in = (moment.month - first_month) % 12
    start = add_months(date(moment.year, moment.month, 1), -(months_in % 3))
    year_start = add_months(date(moment.year, moment.month, 1), -months_in)
    year = year_start.year + (1 if label == "end" and first_month > 1 else 0)
    return Quarter(start, add_months(start, 3), f"{year}Q{months_in // 3 + 1}")


def quarters(facts: Department, first: date, last: date) -> Iterator[Quarter]:
    """Return the quarters from the one of `first` to the one of `last`."""
    month, label = int(facts.setting("fiscal_year_start_month", 1)), str(facts.setting("fiscal_label", "start"))
    moment = first
    while True:
        quarter = quarter_of(moment, month, label)
        if quarter.start > last:
            return
        yield quarter
        moment = quarter.end


def load_date(rows: list[Delivered]) -> date:
    """Say what an orders load speaks for: its stated export date, else its newest order, never after loading."""
    stated = rows[0].exported_on
    if stated is not None:
        return stated
    return max(moment for row in rows if (moment := day(row.row["order_date"])) <= row.loaded_on)


def order_loads(facts: Department) -> list[list[Delivered]]:
    """Return the orders of each full load."""
    loads: dict[int, list[Delivered]] = {}
    for row in facts.delivered.get("orders", []):
        if row.complete:
            loads.setdefault(row.load_id, []).append(row)
    return list(loads.values())


def store_date(facts: Department) -> date:
    """Return the newest date any full orders load speaks for, else the newest stated export or loading date."""
    if loads := order_loads(facts):
        return max(load_date(rows) for rows in loads)
    rows = [row for rows in facts.delivered.values() for row in rows]
    stated = [row.exported_on for row in rows if row.exported_on]
    return max(stated or [row.loaded_on for row in rows])
