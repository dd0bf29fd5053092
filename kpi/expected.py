"""Where the score of an unfinished quarter is heading: each KPI's range at the quarter's end, and the score's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

import duckdb

from kpi.card import Line, Scorecard, rescored
from kpi.overview import listed
from kpi.pace import Projection, courses, project


@dataclass(frozen=True)
class Range:
    """One item at the quarter's end: the worst, the likely and the best line; `basis` says where they come from.

    All three are None where nothing can be said. `basis` is a code (pace, pace_count, losses, files, as_is, too_short)
    with `values`.
    """

    now: Line
    basis: str
    worst: Line | None = None
    likely: Line | None = None
    best: Line | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        """Name the item."""
        return self.now.metric


@dataclass(frozen=True)
class Expected:
    """An unfinished quarter: how far it is, the items' ranges, and the cards that they come to.

    The cards are None where an item that scores cannot be projected. They are no scores: nothing is ever paid by them.
    """

    as_of: date
    days: int
    length: int
    items: tuple[Range, ...]
    worst: Scorecard | None = None
    likely: Scorecard | None = None
    best: Scorecard | None = None


def expected(cur: duckdb.DuckDBPyConnection, card: Scorecard) -> Expected | None:
    """Project a card to its quarter's end on a cursor of the system viewer; None for a finished quarter.

    What earlier quarters added after the same day bounds sales and new accounts; losses end between those known and
    those known, suspected or reaching their line without an order; files between nothing more and everything filled in.
    """
    span = cur.execute(
        "select q.period_start, q.period_end, p.as_of from quarter q join period p on p.quarter = q.quarter "
        "where q.quarter = ? and p.dept = ?",
        [card.quarter, card.dept],
    ).fetchone()
    if span is None or not span[0] <= span[2] < span[1] or (span[1] - span[2]).days <= 1 or card.total is None:
        return None
    start, end, as_of = span
    items = tuple(_range(cur, card, line) for line in card.lines)
    found = Expected(as_of, (as_of - start).days + 1, (end - start).days, items)
    if any(item.likely is None for item in items if item.now.score is not None):
        return found
    return replace(
        found,
        worst=rescored(card, {item.metric: item.worst for item in items if item.worst}),
        likely=rescored(card, {item.metric: item.likely for item in items if item.likely}),
        best=rescored(card, {item.metric: item.best for item in items if item.best}),
    )


def _range(cur: duckdb.DuckDBPyConnection, card: Scorecard, line: Line) -> Range:
    if line.item.rating or line.rate is None:
        return Range(line, "as_is", line, line, line)
    return RANGES[line.metric](cur, card, line) if line.metric in RANGES else Range(line, "as_is", line, line, line)


def _sales(cur: duckdb.DuckDBPyConnection, card: Scorecard, line: Line) -> Range:
    found = _projected(cur, card, line)
    if found is None:
        return Range(line, "too_short")
    low, amount, high = (_sold(line, each) for each in (found[1].low, found[1].amount, found[1].high))
    return Range(line, "pace", low, amount, high, {"quarters": found[1].quarters})


def _projected(cur: duckdb.DuckDBPyConnection, card: Scorecard, line: Line) -> tuple[Decimal, Projection] | None:
    """Give what was reached and its projection from the quarters in which the person had a plan, or accounts."""
    found = courses(cur, line.metric, card.rep_id)
    now = next((course for course in found if course.quarter == card.quarter), None)
    if now is None:
        return None
    days = (now.as_of - now.start).days + 1
    earlier = [course for course in found if course.start < now.start and course.base]
    projection = project(now.reached(days), days, now.base, earlier)
    return None if projection is None else (now.reached(days), projection)


def _sold(line: Line, amount: Decimal) -> Line:
    """Give the line with another amount of the quarter, which counts in the year too."""
    if line.numerator is None or not line.denominator:
        return line
    more, year = amount - line.numerator, line.year_rate
    if year is not None and line.year_base:
        year += more / line.year_base
    return _with(replace(line, year_rate=year), amount, line.denominator)


def _with(line: Line, numerator: Decimal, denominator: Decimal) -> Line:
    rate = numerator / denominator
    return replace(line, numerator=numerator, denominator=denominator, rate=rate, value=float(rate))


def _new(cur: duckdb.DuckDBPyConnection, card: Scorecard, line: Line) -> Range:
    """Count new accounts in whole ones: the least rounded down, the most rounded up."""
    found = _projected(cur, card, line)
    if found is None or line.numerator is None or not line.denominator:
        return Range(line, "too_short")
    reached, seen = found
    more = [
        max(Decimal(0), (amount - reached).to_integral_value(rounding))
        for amount, rounding in ((seen.low, ROUND_FLOOR), (seen.amount, ROUND_HALF_UP), (seen.high, ROUND_CEILING))
    ]
    low, amount, high = (_with(line, line.numerator + each, line.denominator) for each in more)
    return Range(line, "pace_count", low, amount, high, {"quarters": seen.quarters})


def _losses(cur: duckdb.DuckDBPyConnection, card: Scorecard, line: Line) -> Range:
    """Count what may still be lost: suspected losses that somebody may confirm, accounts reaching their line."""
    if line.scored_numerator is None or not line.denominator:
        return Range(line, "as_is", line, line, line)
    row = cur.execute(
        "select count(*) from contribution_churn c join quarter q on q.quarter = c.quarter where c.rep_id = ? "
        "and c.quarter = ? and c.numerator = 0 and c.denominator > 0 and c.reason = 'active' "
        "and c.reason_date < q.period_end",
        [card.rep_id, card.quarter],
    ).fetchone()
    near = int(row[0]) if row else 0
    most = min(line.denominator, line.scored_numerator + line.unresolved + near)
    worst = replace(_with(line, most, line.denominator), unresolved=0)
    return Range(line, "losses", worst, line, line, {"near": near, "suspected": line.unresolved})


def _files(cur: duckdb.DuckDBPyConnection, card: Scorecard, line: Line) -> Range:
    """Let fields that fall due stay as they are, or let everything be filled in."""
    if line.least is None or not line.n:
        return Range(line, "as_is", line, line, line)
    due = listed(cur, "coming_due", card.quarter, None, card.rep_id)
    rates = [above / below for above, below in _with_due(cur, card, due) if below]
    mean = sum(rates, Decimal(0)) / len(rates) if rates else line.rate or Decimal(0)
    later = replace(line, rate=mean, value=float(mean))
    full = replace(line, rate=Decimal(1), value=1.0)
    return Range(line, "files", later, later, full, {"coming": sum(not row["filled"] for row in due)})


def _with_due(
    cur: duckdb.DuckDBPyConnection, card: Scorecard, due: list[dict[str, Any]]
) -> list[tuple[Decimal, Decimal]]:
    """Give filled and due weight of each file as they will be at the quarter's end if nobody fills anything in."""
    found = cur.execute(
        "select account_id, numerator, denominator from contribution_file_completeness "
        "where rep_id = ? and quarter = ? and denominator <> 0",
        [card.rep_id, card.quarter],
    ).fetchall()
    files = {account: [above, below] for account, above, below in found}
    for row in due:
        file = files.setdefault(row["account_id"], [Decimal(0), Decimal(0)])
        file[0] += row["weight"] if row["filled"] else 0
        file[1] += row["weight"]
    return [(above, below) for above, below in files.values()]


RANGES: dict[str, Callable[[duckdb.DuckDBPyConnection, Scorecard, Line], Range]] = {
    "plan_completion": _sales,
    "new_development": _new,
    "churn": _losses,
    "file_completeness": _files,
}
