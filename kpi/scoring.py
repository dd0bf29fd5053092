"""The scorecard of a person in a quarter: the items of the scheme with their values, points and flags."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpi.catalogue import metrics
from kpi.points import band, final, points, rounded, total
from kpi.rollup import value
from kpi.scheme import Item, Scheme, scheme_for, schemes

if TYPE_CHECKING:
    import duckdb

LEAST_DAYS = 30


class UnknownSchemeError(LookupError):
    """No scheme has that name."""


@dataclass(frozen=True)
class Line:
    """One scored item. `score` is None where the item does not count, `status` says why; `weighted` is out of 100.

    `status` is that of the value (ok, 无计划, …) or 首季不计分, 待评.
    """

    item: Item
    title_zh: str
    title_en: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    status: str = "ok"
    score: Decimal | None = None
    weighted: Decimal | None = None
    year_to_date: float | None = None

    @property
    def metric(self) -> str:
        """Name the metric, or the rated item."""
        return self.item.metric or self.item.rating


@dataclass(frozen=True)
class Scorecard:
    """A person's lines, the total (two places, half up) and its grade; flags are codes of reasons.toml."""

    rep_id: str
    rep_name: str
    role: str
    dept: str
    quarter: str
    scheme: Scheme | None
    lines: tuple[Line, ...] = ()
    total: Decimal | None = None
    grade: str | None = None
    coefficient: Decimal | None = None
    effective_weight: int = 0
    flags: tuple[str, ...] = field(default_factory=tuple)


def scorecard(cur: duckdb.DuckDBPyConnection, rep_id: str, quarter: str, scheme: str | None = None) -> Scorecard:
    """Score one person's quarter on a cursor that may see it; raise `UnknownSchemeError` for an unknown scheme.

    `scheme` names a file of `kpi/schemes/`; by default the newest of the person's role.
    """
    person = _person(cur, rep_id)
    if scheme is not None and scheme not in schemes():
        raise UnknownSchemeError(f"{scheme}; {', '.join(schemes())}")
    chosen = schemes()[scheme] if scheme else scheme_for(person["role"])
    head = (rep_id, person["rep_name"], person["role"] or "专员", person["dept"], quarter, chosen)
    span = cur.execute(
        "select q.period_start, q.period_end, q.year_start, p.as_of from quarter q "
        "left join period p on p.quarter = q.quarter and p.dept = ? where q.quarter = ?",
        [person["dept"], quarter],
    ).fetchone()
    if chosen is None or span is None:
        return Scorecard(*head, flags=("no_scheme" if chosen is None else "no_such_quarter",))
    asked = _Asked(rep_id, quarter, *span)
    lines = tuple(_line(cur, chosen, item, asked) for item in chosen.items)
    scored = [(line.item.weight, line.score) for line in lines]
    weight = sum(weight for weight, found in scored if found is not None)
    flags = _flags(person, asked, lines, weight, chosen)
    summed = None if "not_appraised" in flags else total(chosen, scored)
    grade = band(chosen, summed) if summed is not None and "observation" not in flags else None
    return Scorecard(
        *head,
        lines=tuple(_weighed(line, weight) for line in lines),
        total=None if summed is None else rounded(summed),
        grade=grade.grade if grade else None,
        coefficient=grade.coefficient if grade else None,
        effective_weight=weight,
        flags=flags,
    )


def scorecards(cur: duckdb.DuckDBPyConnection, quarter: str, scheme: str | None = None) -> list[Scorecard]:
    """Score everyone of the roles that have a scheme who was in service in the quarter, by number."""
    people = cur.execute(
        "select m.rep_id, m.role from member m, quarter q "
        "where q.quarter = ? and (m.hired_at is null or m.hired_at < q.period_end) "
        "and (m.left_at is null or m.left_at >= q.period_start) order by m.rep_id",
        [quarter],
    ).fetchall()
    wanted = schemes()[scheme].role if scheme else None
    return [
        scorecard(cur, rep_id, quarter, scheme)
        for rep_id, role in people
        if (scheme_for(role) is not None and wanted in {None, role or "专员"})
    ]


def _person(cur: duckdb.DuckDBPyConnection, rep_id: str) -> dict[str, Any]:
    result = cur.execute(
        "select m.rep_name, m.role, m.dept, m.hired_at, m.left_at, r.probation_end from member m "
        "left join rep r on r.rep_id = m.rep_id where m.rep_id = ?",
        [rep_id],
    )
    names = [column[0] for column in result.description or []]
    row = result.fetchone()
    return dict(zip(names, row, strict=True)) if row else dict.fromkeys(names) | {"rep_name": rep_id, "dept": ""}


@dataclass(frozen=True)
class _Asked:
    """Whose quarter is scored, and its bounds: start, end, start of the year, last day that counts."""

    rep_id: str
    quarter: str
    start: date
    end: date
    year_start: date
    as_of: date | None


def _line(cur: duckdb.DuckDBPyConnection, scheme: Scheme, item: Item, asked: _Asked) -> Line:
    if item.rating:
        return _rated(cur, scheme, item, asked)
    metric = metrics()[item.metric]
    found = value(cur, item.metric, by=("rep", "quarter"), where={"rep": asked.rep_id, "quarter": asked.quarter})
    row: dict[str, Any] = found[0] if found else dict.fromkeys(_CELLS) | {"n": 0, "status": metric.no_base}
    score, to_date, status = _points(scheme, item, row), None, row["status"]
    if score is not None and item.year_to_date_share:
        year = value(cur, item.metric, by=("rep",), start=asked.year_start, end=asked.end, where={"rep": asked.rep_id})
        through = _points(scheme, item, year[0]) if year else None
        if through is not None:
            to_date = year[0]["value"]
            score = (1 - item.year_to_date_share) * score + item.year_to_date_share * through
    if item.metric in scheme.first_quarter_unscored and score is not None and _is_first(cur, asked.quarter):
        score, status = None, "首季不计分"
    cells = {key: row[key] for key in _CELLS}
    return Line(item, metric.title("zh"), metric.title("en"), **cells, status=status, score=score, year_to_date=to_date)


_CELLS = ("numerator", "denominator", "value", "low", "high", "n")


def _points(scheme: Scheme, item: Item, row: dict[str, Any]) -> Decimal | None:
    rate = _exact(row)
    if rate is None:
        return None
    lower = metrics()[item.metric].better == "lower"
    return points(item, rate, Decimal(row["denominator"]), lower_is_better=lower, partial=scheme.partial_point)


def _exact(row: dict[str, Any]) -> Decimal | None:
    """Give the rate without a float's error where it is a plain ratio; a mean keeps its twelve places."""
    if row["value"] is None:
        return None
    ratio = Decimal(row["numerator"]) / Decimal(row["denominator"])
    stored = Decimal(str(row["value"]))
    return ratio if abs(ratio - stored) < Decimal("1e-11") else stored


def _is_first(cur: duckdb.DuckDBPyConnection, quarter: str) -> bool:
    """Tell whether the store saw its first account export in a quarter (domain.md §8a.5)."""
    found = cur.execute(
        "select 1 from first_export e join quarter q on q.period_start <= e.first_export "
        "and e.first_export < q.period_end where q.quarter = ?",
        [quarter],
    ).fetchone()
    return found is not None


def _rated(cur: duckdb.DuckDBPyConnection, scheme: Scheme, item: Item, asked: _Asked) -> Line:
    found = dict(
        cur.execute(
            "select appraiser_role, max(score) from rating "
            "where rep_id = ? and replace(period, ' ', '') = ? and item = ? group by appraiser_role",
            [asked.rep_id, asked.quarter, item.rating],
        ).fetchall()
    )
    head, hr = (
        next((mark for role, mark in found.items() if str(role or "").startswith(kind)), None)
        for kind in ("经理", "人力")
    )
    score = final(scheme, Decimal(head), Decimal(hr)) if head is not None and hr is not None else None
    status = "ok" if score is not None else "待评"
    return Line(item, item.rating, item.en.partition(":")[0], status=status, score=score)


def _weighed(line: Line, weight: int) -> Line:
    if line.score is None or not weight:
        return line
    return replace(line, weighted=line.item.weight * line.score / weight)


def _flags(
    person: dict[str, Any], asked: _Asked, lines: tuple[Line, ...], weight: int, scheme: Scheme
) -> tuple[str, ...]:
    """Say what must stand beside a total: not appraised, under observation, reweighted, small samples."""
    closing = asked.end - timedelta(days=1)
    last = min(day for day in (closing, asked.as_of, person["left_at"]) if day)
    first = max(day for day in (asked.start, person["hired_at"]) if day)
    known_days = (min(closing, asked.as_of or closing) - asked.start).days + 1
    in_service = (last - first).days + 1 >= min(LEAST_DAYS, known_days)
    flags = []
    if not scheme.items:
        flags.append("no_items")
    undivided = any(line.status == "待分解" for line in lines)
    if undivided:
        flags.append("to_divide")
    if weight < scheme.least_weight or not in_service or undivided:
        flags.append("not_appraised")
    if person["probation_end"] and asked.as_of and person["probation_end"] > asked.as_of:
        flags.append("observation")
    if 0 < weight < 100:
        flags.append("reweighted")
    if any(line.status == "样本过小" for line in lines):
        flags.append("small_sample")
    return tuple(flags)
