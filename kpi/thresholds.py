"""The lines of a scheme that a total crosses on its way: the grades' lower bounds and the warning line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kpi.scheme import Scheme


@dataclass(frozen=True)
class Threshold:
    """A line that a score crosses: a grade's lower bound (`grade` set) or the warning line."""

    at: Decimal
    grade: str = ""
    upwards: bool = True


def crossed(scheme: Scheme, before: Decimal, after: Decimal) -> list[Threshold]:
    """List the thresholds between two totals in the order in which they are crossed."""
    upwards = after > before
    bands = [
        Threshold(each.least, each.grade, upwards)
        for each in scheme.bands
        if (before >= each.least) != (after >= each.least)
    ]
    line = scheme.warn_below
    if line is not None and (before < line) != (after < line):
        bands.append(Threshold(line, "", upwards))
    return sorted(bands, key=lambda each: each.at, reverse=not upwards)
