"""The quarter in progress: to date against the same day of earlier quarters, and where it is heading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

import duckdb

from kpi.catalogue import every
from kpi.refusals import RefusedQuestionError

# The projection looks at no more than two years, and needs four quarters to say anything.
MOST, LEAST = 8, 4
CUTS = (0.25, 0.5, 0.75)
# Departments' data may end on different days: a group's end with those it had contributions in that quarter, else ever.
HELD = """
select k.whose, p.quarter,
       coalesce(max(p.as_of) filter (o.dept is not null), max(p.as_of) filter (e.dept is not null),
                max(p.as_of)) as as_of
from known k
cross join period p
left join (select distinct whose, quarter, coalesce(dept, '未归属') as dept from own) o
    on o.whose is not distinct from k.whose and o.quarter = p.quarter and o.dept = p.dept
left join (select distinct whose, coalesce(dept, '未归属') as dept from own) e
    on e.whose is not distinct from k.whose and e.dept = p.dept
where $dept is null or p.dept = $dept
group by k.whose, p.quarter
"""


class NoPaceError(RefusedQuestionError):
    """A metric whose numerator does not grow day by day has no value to date."""

    def __init__(self, title_zh: str, title_en: str) -> None:
        super().__init__(
            f"「{title_zh}」在季度末才判定，没有截至今天的数。",
            f"{title_en} is judged at the quarter's end and has no value to date.",
        )


@dataclass(frozen=True)
class Course:
    """How one quarter went: days from its start, the amount reached by each, and its plan (0: none)."""

    quarter: str
    start: date
    end: date
    as_of: date
    amounts: tuple[tuple[int, Decimal], ...]
    base: Decimal

    @property
    def complete(self) -> bool:
        """Whether the data reach its last day."""
        return (self.end - self.as_of).days <= 1

    def reached(self, days: int) -> Decimal:
        """Return the amount of its first days."""
        return sum((amount for day, amount in self.amounts if day < days), Decimal(0))

    @property
    def whole(self) -> Decimal:
        """The amount of all its days."""
        return self.reached((self.end - self.start).days)


@dataclass(frozen=True)
class Projection:
    """The amount expected at the end of a quarter, with an interval that holds with chance `nominal`."""

    amount: Decimal
    low: Decimal
    high: Decimal
    quarters: int

    @property
    def nominal(self) -> float:
        """The chance that the next of n+1 alike quarters lies within the range of the n before it."""
        return (self.quarters - 1) / (self.quarters + 1)


def courses(cur: duckdb.DuckDBPyConnection, name: str, rep: str | None = None, dept: str | None = None) -> list[Course]:
    """Return the courses of all quarters of a metric, oldest first; raises `NoPaceError` where it has none."""
    return _grouped(cur, name, "null", rep, dept).get(None) or []


def _grouped(
    cur: duckdb.DuckDBPyConnection, name: str, key: str, rep: str | None, dept: str | None
) -> dict[str | None, list[Course]]:
    """Return courses by the value of a column of the contributions; every group has every quarter."""
    if every()[name].grain != "flow" and name != "new_development":
        raise NoPaceError(every()[name].title("zh"), every()[name].title("en"))
    clauses = ["c.quarter is not null", "($rep is null or c.rep_id = $rep)", "($dept is null or c.dept = $dept)"]
    found = cur.execute(
        f"with own as (select {key} as whose, c.* from contribution_{name} c where {' and '.join(clauses)}), "
        "known as (select distinct whose from own union select null where not exists (from own)), "
        f"held as ({HELD}) "
        "select q.quarter, q.period_start, q.period_end, h.as_of, c.day - q.period_start, "
        "sum(c.numerator), sum(c.denominator), h.whose "
        "from quarter q join held h on h.quarter = q.quarter "
        "left join own c on c.quarter = q.quarter and c.whose is not distinct from h.whose "
        "group by all order by q.period_start, 5",
        {"rep": rep, "dept": dept},
    ).fetchall()
    groups: dict[str | None, dict[str, list[tuple[Any, ...]]]] = {}
    for row in found:
        groups.setdefault(row[7], {}).setdefault(row[0], []).append(row)
    return {whose: [_course(rows) for rows in quarters.values()] for whose, quarters in groups.items()}


def _course(rows: list[tuple[Any, ...]]) -> Course:
    quarter, start, end, as_of = rows[0][:4]
    amounts = tuple((row[4], row[5]) for row in rows if row[4] is not None)
    return Course(quarter, start, end, as_of, amounts, sum((row[6] or Decimal(0) for row in rows), Decimal(0)))


def project(reached: Decimal, days: int, base: Decimal, earlier: Sequence[Course]) -> Projection | None:
    """Say where a quarter ends that reached an amount in its first days; None with fewer than four earlier quarters.

    What earlier quarters added after the same day, each as a share of its own plan (without plans: as an amount),
    is added to what was reached: the median for the amount, the least and the most for the interval.
    Quarters before the first plan or amount do not count.
    """
    done = [course for course in _present(earlier) if course.complete][-MOST:]
    with_plan = [course for course in done if course.base]
    planned = bool(base) and len(with_plan) >= LEAST
    used = with_plan if planned else done
    if len(used) < LEAST:
        return None
    rest = [(c.whole - c.reached(days)) / (c.base if planned else 1) for c in used]
    unit = base if planned else Decimal(1)
    amount, low, high = (reached + part * unit for part in (median(rest), min(rest), max(rest)))
    return Projection(amount, low, high, len(used))


def _present(earlier: Sequence[Course]) -> Sequence[Course]:
    """Leave out the quarters before the first plan or amount: nobody was there."""
    first = next((at for at, course in enumerate(earlier) if course.base or course.amounts), len(earlier))
    return earlier[first:]


def to_date(
    cur: duckdb.DuckDBPyConnection, name: str, quarter: str, rep: str | None = None, dept: str | None = None
) -> dict[str, Any] | None:
    """Return the quarter to date: `days` of `length`, `numerator`, `denominator`, `value`, `projection`, and `earlier`.

    `earlier` lists, for each quarter before, what it had reached on the same day and at its end. An unknown quarter
    gives None.
    """
    found = courses(cur, name, rep, dept)
    place = next((at for at, course in enumerate(found) if course.quarter == quarter), None)
    if place is None:
        return None
    now, before = found[place], found[:place]
    days = (now.as_of - now.start).days + 1
    reached = now.reached(days)
    return {
        "quarter": quarter,
        "as_of": now.as_of,
        "days": days,
        "length": (now.end - now.start).days,
        "numerator": reached,
        "denominator": now.base,
        "value": float(reached / now.base) if now.base else None,
        "projection": None if now.complete else project(reached, days, now.base, before),
        "earlier": [_then(course, days) for course in before if course.complete],
    }


def by_rep(cur: duckdb.DuckDBPyConnection, name: str, quarter: str, dept: str | None = None) -> dict[str, Projection]:
    """Project a quarter in progress for each rep still here, from own earlier quarters; a finished one gives none."""
    gone = {
        row[0]: row[1] for row in cur.execute("select rep_id, left_at from member where left_at is not null").fetchall()
    }
    found = {}
    for rep, own in _grouped(cur, name, "c.rep_id", None, dept).items():
        place = next((at for at, course in enumerate(own) if course.quarter == quarter), None)
        if rep is None or place is None or own[place].complete:
            continue
        now = own[place]
        if gone.get(rep, now.end) <= now.as_of:
            continue
        days = (now.as_of - now.start).days + 1
        told = project(now.reached(days), days, now.base, own[:place])
        if told is not None:
            found[rep] = told
    return found


def _then(course: Course, days: int) -> dict[str, Any]:
    reached, base = course.reached(days), course.base
    return {
        "quarter": course.quarter,
        "numerator": reached,
        "denominator": base,
        "value": float(reached / base) if base else None,
        "whole": course.whole,
        "whole_value": float(course.whole / base) if base else None,
    }


def backtest(cur: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    """Project every finished quarter from earlier ones alone, a quarter, half and three quarters of the way through.

    Returns for each cut `elapsed`, `quarters` tried, the `median_error` and `largest_error` of the projected amount as
    shares of what came, `inside` the interval and `nominal`, the share that should be.
    """
    found = [course for course in courses(cur, name) if course.complete]
    listed = []
    for cut in CUTS:
        tried = [(course, _tried(course, found[:at], cut)) for at, course in enumerate(found)]
        listed.append(_error(cut, [(course, said) for course, said in tried if said is not None and course.whole]))
    return listed


def _tried(course: Course, before: Sequence[Course], cut: float) -> Projection | None:
    days = round((course.end - course.start).days * cut)
    return project(course.reached(days), days, course.base, before)


def _error(cut: float, tried: list[tuple[Course, Projection]]) -> dict[str, Any]:
    errors = [abs(float(said.amount / course.whole) - 1) for course, said in tried]
    inside = [said.low <= course.whole <= said.high for course, said in tried]
    return {
        "elapsed": cut,
        "quarters": len(tried),
        "median_error": round(median(errors), 4) if errors else None,
        "largest_error": round(max(errors), 4) if errors else None,
        "inside": round(sum(inside) / len(inside), 4) if inside else None,
        "nominal": round(sum(said.nominal for _, said in tried) / len(tried), 4) if tried else None,
    }
