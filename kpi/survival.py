"""Time in a stage when some are still in it: Kaplan–Meier and Aalen–Johansen (domain.md §5.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

STILL = ""
SHOWN_FROM = 5


@dataclass(frozen=True)
class Point:
    """One day on which someone left: how many stood before it, how many left, and the share still in after it.

    `left_by` holds, for each way of leaving, the share of all that has left that way by this day.
    """

    day: int
    at_risk: int
    left: int
    still_in: float
    left_by: dict[str, float]


def curve(stays: Iterable[tuple[int, str, int]]) -> list[Point]:
    """Estimate from (days, cause, how many) the share still in (Kaplan–Meier) and left by cause (Aalen–Johansen).

    The cause `STILL` marks stays that are not over; they count as at risk until their last day.
    """
    counts: Counter[tuple[int, str]] = Counter()
    for days, cause, number in stays:
        counts[days, cause] += number
    at_risk = counts.total()
    still_in, left_by = 1.0, {cause: 0.0 for _, cause in sorted(counts) if cause != STILL}
    points = []
    for day in sorted({days for days, _ in counts}):
        leaving = {cause: counts[day, cause] for cause in left_by if counts[day, cause]}
        left = sum(leaving.values())
        if left:
            for cause, number in leaving.items():
                left_by[cause] += still_in * number / at_risk
            still_in *= 1 - left / at_risk
            points.append(Point(day, at_risk, left, still_in, dict(left_by)))
        at_risk -= left + counts[day, STILL]
    return points


def quantile(points: Iterable[Point], share: float) -> int | None:
    """Return the first day by which at least `share` has left; None where that was never reached (未达到)."""
    # A product of fractions may end a hair above the share that it equals.
    return next((point.day for point in points if point.still_in <= 1 - share + 1e-12), None)


def median(stays: Iterable[tuple[int, str, int]]) -> int | None:
    """Return the median days in stage; None where fewer than five stays are known or half never left."""
    known = list(stays)
    if sum(number for _, _, number in known) < SHOWN_FROM:
        return None
    return quantile(curve(known), 0.5)
