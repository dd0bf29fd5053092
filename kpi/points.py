"""From a value to points: the scoring rules of a scheme, in exact decimals."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpi.scheme import Band, Item, Scheme

HUNDRED = Decimal(100)
_PARTIAL = {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING}


def rounded(number: Decimal) -> Decimal:
    """Round half up to two places (四舍五入)."""
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)


def points(
    item: Item, rate: Decimal, base: Decimal = Decimal(0), *, lower_is_better: bool = False, partial: str = "linear"
) -> Decimal:
    """Give the points, 0…cap, of a rate (a fraction) under an item's rule (domain.md §4.2, §8a.2–6).

    `base` is the count behind the rate; `partial` the rule for parts of a percentage point.
    """
    if item.floor is not None and (rate > item.floor if lower_is_better else rate < item.floor):
        return Decimal(0)
    scored = (
        _linear(item, rate, base, lower_is_better=lower_is_better, partial=partial)
        if item.rule == "linear"
        else _ratio(item, rate)
    )
    return max(Decimal(0), min(Decimal(item.cap), scored))


def _ratio(item: Item, rate: Decimal) -> Decimal:
    share = rate / item.target
    if item.steep_below is not None and share < item.steep_below:
        return item.steep_below * HUNDRED - item.steep_points * (item.steep_below - share) * HUNDRED
    return share * HUNDRED


def _linear(item: Item, rate: Decimal, base: Decimal, *, lower_is_better: bool, partial: str) -> Decimal:
    better = (item.target - rate if lower_is_better else rate - item.target) * HUNDRED
    allowed = max(item.target, 1 / base) if item.one_account_free and base else item.target
    worse = (rate - allowed if lower_is_better else allowed - rate) * HUNDRED
    if worse > 0:
        return HUNDRED - item.points_worse * _whole(worse, partial)
    return HUNDRED + item.points_better * max(Decimal(0), better)


def _whole(points_off: Decimal, partial: str) -> Decimal:
    """Cut a part of a percentage point: not at all (linear), 不足1%不计 (floor) or 不足1%按1%计 (ceil)."""
    return points_off.to_integral_value(_PARTIAL[partial]) if partial in _PARTIAL else points_off


def total(scheme: Scheme, scored: Sequence[tuple[int, Decimal | None]], policy: str | None = None) -> Decimal | None:
    """Weigh (weight, points) pairs into a total; None points follow the missing-item policy.

    reweight drops the item, zero counts it as 0, neutral as 100. None where nothing is left.
    """
    chosen = policy or scheme.na_policy
    filler = {"zero": Decimal(0), "neutral": HUNDRED}.get(chosen)
    used = [
        (weight, filler if found is None else found)
        for weight, found in scored
        if found is not None or filler is not None
    ]
    weights = sum(weight for weight, _ in used)
    return (
        sum((weight * found for weight, found in used if found is not None), Decimal(0)) / weights if weights else None
    )


def final(scheme: Scheme, head: Decimal, hr: Decimal) -> Decimal:
    """Combine the head's and HR's totals, rounded (domain.md §4.2)."""
    return rounded(scheme.head_share * head + scheme.hr_share * hr)


def band(scheme: Scheme, score: Decimal) -> Band | None:
    """Find the grade of a total, judged on the rounded number; None in a scheme without bands."""
    fitting = [band for band in scheme.bands if rounded(score) >= band.least]
    return max(fitting, key=lambda band: band.least, default=None)
