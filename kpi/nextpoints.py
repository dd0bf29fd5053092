"""What would change a score most cheaply: files to fill in, money to the next point and band, one account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Any

from kpi.card import Line, Scorecard, rescored

FILES = 3
STEP = Decimal(1000)


@dataclass(frozen=True)
class Gain:
    """One thing to do: `code` (files, money, band, new, near), how much or many, the account, and the total then."""

    code: str
    amount: Decimal
    account: str
    total: Decimal
    points: Decimal


def gains(card: Scorecard, missing: Sequence[Mapping[str, Any]], near: Sequence[Mapping[str, Any]]) -> list[Gain]:
    """List what would change a total, the largest gain first; accounts about to churn as what they would cost.

    `missing` are the rows of `kpi.overview.missing_points`, `near` those of the list `near_churn`.
    """
    if card.total is None:
        return []
    lines = {line.item.metric: line for line in card.lines if line.score is not None}
    found = [_files(card, lines, missing), _money(card, lines), _band(card, lines), _new(card, lines)]
    gained = sorted((gain for gain in found if gain and gain.points > 0), key=lambda gain: -gain.points)
    return gained + _near(card, lines, near)


def _gain(card: Scorecard, code: str, amount: Decimal, changed: Line, account: str = "") -> Gain | None:
    total = rescored(card, {changed.metric: changed}).total
    return None if total is None or card.total is None else Gain(code, amount, account, total, total - card.total)


def _files(card: Scorecard, lines: Mapping[str, Line], missing: Sequence[Mapping[str, Any]]) -> Gain | None:
    line = lines.get("file_completeness")
    if line is None or line.rate is None or not missing:
        return None
    cost: dict[str, Decimal] = defaultdict(Decimal)
    for row in missing:
        cost[row["account_id"]] += Decimal(str(row["cost"] or 0))
    emptiest = sorted(cost, key=lambda account: -cost[account])[:FILES]
    rate = min(Decimal(1), line.rate + sum((cost[account] for account in emptiest), Decimal(0)))
    return _gain(card, "files", Decimal(len(emptiest)), replace(line, rate=rate), "、".join(emptiest))


def _sold(line: Line, more: Decimal) -> Line:
    """Give the line with more sales in the quarter, which count in the year too."""
    if line.numerator is None or not line.denominator or line.rate is None:
        return line
    share = more / line.denominator
    year = line.year_rate
    if year is not None:
        base = line.year_base or line.denominator
        year += more / base
    return replace(line, numerator=line.numerator + more, rate=line.rate + share, year_rate=year)


def _needed(card: Scorecard, line: Line, total: Decimal) -> Decimal | None:
    """Find the smallest amount, in whole thousands, that lifts the total to a wanted one; None where it cannot."""
    base = line.denominator or Decimal(0)
    low, high = 0, int((base * 2 / STEP).to_integral_value(ROUND_CEILING))
    if _with(card, line, high * STEP) < total:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _with(card, line, middle * STEP) >= total else (middle + 1, high)
    return low * STEP


def _with(card: Scorecard, line: Line, more: Decimal) -> Decimal:
    return rescored(card, {line.metric: _sold(line, more)}).total or Decimal(0)


def _money(card: Scorecard, lines: Mapping[str, Line]) -> Gain | None:
    line = lines.get("plan_completion")
    needed = _needed(card, line, (card.total or Decimal(0)) + 1) if line else None
    return None if line is None or needed is None else _gain(card, "money", needed, _sold(line, needed))


def _band(card: Scorecard, lines: Mapping[str, Line]) -> Gain | None:
    line = lines.get("plan_completion")
    above = [band.least for band in card.scheme.bands if band.least > (card.total or 0)] if card.scheme else []
    needed = _needed(card, line, min(above)) if line and above else None
    return None if line is None or needed is None else _gain(card, "band", needed, _sold(line, needed))


def _new(card: Scorecard, lines: Mapping[str, Line]) -> Gain | None:
    line = lines.get("new_development")
    if line is None or line.numerator is None or not line.denominator:
        return None
    more = line.numerator + 1
    return _gain(card, "new", Decimal(1), replace(line, numerator=more, rate=more / line.denominator))


def _near(card: Scorecard, lines: Mapping[str, Line], near: Sequence[Mapping[str, Any]]) -> list[Gain]:
    line = lines.get("churn")
    if line is None or line.scored_numerator is None or not line.denominator or not near:
        return []
    worse = replace(line, rate=(line.scored_numerator + 1) / line.denominator)
    rows = [_gain(card, "near", Decimal(row["days_left"]), worse, row["account_id"]) for row in near[:FILES]]
    return [gain for gain in rows if gain]
