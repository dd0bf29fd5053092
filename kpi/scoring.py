"""The scorecard of a person in a quarter: the items of the scheme with their values, points and flags."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from kpi.card import Line, Scorecard, assembled, leaving_out, line_points, noted
from kpi.catalogue import metrics
from kpi.churn_evidence import CONFIRM
from kpi.exclusion import Exclusion
from kpi.points import final, rounded
from kpi.refusals import UnknownNameError
from kpi.rollup import value
from kpi.scheme import Item, Scheme, known, scheme_for

__all__ = ["SHIPPED", "Line", "Rules", "Scorecard", "scorecard", "scorecards"]

LEAST_DAYS = 30


@dataclass(frozen=True)
class Rules:
    """What people decided that scores depend on: own schemes, verdicts on suspected losses, losses left out by record.

    A verdict is (account_id, last order day as ISO, `confirm` or `reject`); an exclusion stands with its quarter.
    """

    stored: tuple[Scheme, ...] = ()
    verdicts: tuple[tuple[str, str, str], ...] = ()
    excluded: tuple[tuple[str, Exclusion], ...] = ()


SHIPPED = Rules()


def scorecard(
    cur: duckdb.DuckDBPyConnection,
    rep_id: str,
    quarter: str,
    scheme: str | Scheme | None = None,
    rules: Rules = SHIPPED,
) -> Scorecard:
    """Score one person's quarter on a cursor that may see it; raise `UnknownNameError` for an unknown scheme.

    `scheme` is one, or the name of one; by default the one in force for the person's role in the quarter.
    """
    person = _person(cur, rep_id)
    chosen = _scheme(scheme, rules) or scheme_for(person["role"], quarter, rules.stored)
    head = (rep_id, person["rep_name"], person["role"] or "专员", person["dept"], quarter, chosen)
    span = cur.execute(
        "select q.period_start, q.period_end, q.year_start, p.as_of from quarter q "
        "left join period p on p.quarter = q.quarter and p.dept = ? where q.quarter = ?",
        [person["dept"], quarter],
    ).fetchone()
    if chosen is None or span is None:
        return Scorecard(*head, flags=("no_scheme" if chosen is None else "no_such_quarter",))
    start, end, year_start, as_of = span
    asked = _Asked(rep_id, person["dept"], quarter, start, end, year_start, as_of, rules)
    lines = tuple(_line(cur, chosen, item, asked) for item in chosen.items)
    return assembled(Scorecard(*head), lines, _flags(person, asked, lines, chosen))


def _scheme(asked: str | Scheme | None, rules: Rules) -> Scheme | None:
    if not isinstance(asked, str):
        return asked
    if asked not in known(rules.stored):
        raise UnknownNameError("scheme", asked, known(rules.stored))
    return known(rules.stored)[asked]


def scorecards(
    cur: duckdb.DuckDBPyConnection, quarter: str, scheme: str | Scheme | None = None, rules: Rules = SHIPPED
) -> list[Scorecard]:
    """Score everyone of the roles that have a scheme who was in service in the quarter, by number."""
    people = cur.execute(
        "select m.rep_id, m.role from member m, quarter q "
        "where q.quarter = ? and (m.hired_at is null or m.hired_at < q.period_end) "
        "and (m.left_at is null or m.left_at >= q.period_start) order by m.rep_id",
        [quarter],
    ).fetchall()
    chosen = _scheme(scheme, rules)
    return [
        scorecard(cur, rep_id, quarter, chosen, rules)
        for rep_id, role in people
        if scheme_for(role, quarter, rules.stored) is not None and (not chosen or chosen.role == (role or "专员"))
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
    dept: str
    quarter: str
    start: date
    end: date
    year_start: date
    as_of: date | None
    rules: Rules = SHIPPED


_CELLS = ("numerator", "denominator", "value", "low", "high", "n")


def _line(cur: duckdb.DuckDBPyConnection, scheme: Scheme, item: Item, asked: _Asked) -> Line:
    if item.rating:
        return _rated(cur, scheme, item, asked)
    metric = metrics()[item.metric]
    by_plan = _planned(cur, item, asked) if item.planned else None
    if by_plan:
        return replace(by_plan, score=line_points(scheme, by_plan))
    found = value(cur, item.metric, by=("rep", "quarter"), where={"rep": asked.rep_id, "quarter": asked.quarter})
    row: dict[str, Any] = found[0] if found else dict.fromkeys(_CELLS) | {"n": 0, "status": metric.no_base}
    cells = {key: row[key] for key in _CELLS}
    line = Line(item, metric.title("zh"), metric.title("en"), **cells, status=row["status"], rate=_exact(row))
    line = _with_year(cur, _with_files(cur, _without_unscored(cur, line, asked), asked), asked)
    score = line_points(scheme, line)
    if item.metric in scheme.first_quarter_unscored and score is not None and _is_first(cur, asked.quarter):
        return replace(line, status="首季不计分")
    return replace(line, score=score)


def _exact(row: dict[str, Any]) -> Decimal | None:
    """Give the rate without a float's error where it is a plain ratio; a mean keeps its twelve places."""
    if row["value"] is None:
        return None
    ratio = Decimal(row["numerator"]) / Decimal(row["denominator"])
    stored = Decimal(str(row["value"]))
    return ratio if abs(ratio - stored) < Decimal("1e-11") else stored


def _with_year(cur: duckdb.DuckDBPyConnection, line: Line, asked: _Asked) -> Line:
    if line.rate is None or not line.item.year_to_date_share:
        return line
    year = value(cur, line.metric, by=("rep",), start=asked.year_start, end=asked.end, where={"rep": asked.rep_id})
    rate = _exact(year[0]) if year else None
    return (
        line
        if rate is None
        else replace(line, year_rate=rate, year_to_date=year[0]["value"], year_base=Decimal(year[0]["denominator"]))
    )


def _with_files(cur: duckdb.DuckDBPyConnection, line: Line, asked: _Asked) -> Line:
    """Note the emptiest and the fullest file of a mean over files."""
    if line.rate is None or metrics()[line.metric].rollup != "mean":
        return line
    files = [
        Decimal(numerator) / Decimal(denominator)
        for numerator, denominator in cur.execute(
            f"select numerator, denominator from contribution_{metrics()[line.metric].name} "
            "where rep_id = ? and quarter = ? and denominator <> 0",
            [asked.rep_id, asked.quarter],
        ).fetchall()
    ]
    return replace(line, least=min(files), most=max(files))


def _without_unscored(cur: duckdb.DuckDBPyConnection, line: Line, asked: _Asked) -> Line:
    """Leave out what does not score: suspected losses nobody confirmed (domain.md §8a.1), exclusions (§3.3)."""
    if line.item.metric != "churn" or line.numerator is None or not line.denominator:
        return line
    lost = cur.execute(
        "select account_id, cast(day as varchar), reason = 'lost_inferred' from contribution_churn "
        "where rep_id = ? and quarter = ? and numerator > 0 order by all",
        [asked.rep_id, asked.quarter],
    ).fetchall()
    settled = {(account, day) for account, day, verdict in asked.rules.verdicts if verdict == CONFIRM}
    losses = tuple(
        (account, day, line.item.suspected_free and suspected and (account, day) not in settled)
        for account, day, suspected in lost
    )
    excluded = [each for quarter, each in asked.rules.excluded if quarter == asked.quarter]
    return leaving_out(replace(line, losses=losses), excluded)


PLANNED = """
select period_start, case when day(period_start) = 1 and day(period_end) = 1 and period_end > period_start
       then period_end else period_end + 1 end as period_end, plan_value
from sales_plan
where rep_id = ? and metric = ?
qualify row_number() over (partition by period_start, period_end order by coalesce(version, 0) desc, _row desc) = 1
"""


def _planned(cur: duckdb.DuckDBPyConnection, item: Item, asked: _Asked) -> Line | None:
    """Judge new accounts against the plan of new accounts, year to date, where the person has one (§8a.3)."""
    due = Decimal(0)
    for start, end, plan in cur.execute(PLANNED, [asked.rep_id, item.planned]).fetchall():
        overlap = (min(end, asked.end) - max(start, asked.year_start)).days
        if overlap > 0:
            due += Decimal(plan) * overlap / (end - start).days
    if not due:
        return None
    found = cur.execute(
        "select coalesce(sum(numerator), 0) from contribution_new_development "
        "where rep_id = ? and period_start >= ? and period_start < ?",
        [asked.rep_id, asked.year_start, asked.end],
    ).fetchone()
    reached, due = Decimal(found[0] if found else 0), rounded(due)
    metric, rate = metrics()[item.metric], reached / due
    judged = replace(item, target=Decimal(1))
    status = "样本过小" if due < 10 else "ok"
    titles = (f"{metric.title('zh')}（对计划，年累计）", f"{metric.title('en')} (against plan, year to date)")
    cells: dict[str, Any] = {
        "numerator": reached,
        "denominator": due,
        "value": float(rate),
        "n": int(due),
        "status": status,
    }
    return Line(judged, *titles, **cells, rate=rate)


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


def _flags(person: dict[str, Any], asked: _Asked, lines: tuple[Line, ...], scheme: Scheme) -> tuple[str, ...]:
    """Say what must stand beside a total: not appraised, under observation, reweighted, small samples."""
    closing = asked.end - timedelta(days=1)
    last = min(day for day in (closing, asked.as_of, person["left_at"]) if day)
    first = max(day for day in (asked.start, person["hired_at"]) if day)
    known_days = (min(closing, asked.as_of or closing) - asked.start).days + 1
    in_service = (last - first).days + 1 >= min(LEAST_DAYS, known_days)
    weight = sum(line.item.weight for line in lines if line.score is not None)
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
    return noted(flags, lines)
