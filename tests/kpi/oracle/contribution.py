"""One row of a number, and how rows add up to figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.kpi.oracle.facts import Department


@dataclass(frozen=True)
class Contribution:
    """What one order, plan line or account adds to the numerator and the denominator of a rep's quarter."""

    rep: str | None
    dept: str | None
    quarter: str
    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)
    account: str | None = None
    period: tuple[date, date] | None = None
    undivided: bool = False
    told: str | None = None


@dataclass(frozen=True)
class Figure:
    """A number: value is None where there is no base."""

    numerator: Decimal
    denominator: Decimal
    value: Fraction | None
    status: str
    n: int


def ratio(rows: list[Contribution]) -> Fraction | None:
    """Return Σ numerator ÷ Σ denominator."""
    base = sum((row.denominator for row in rows), Decimal(0))
    return Fraction(sum((row.numerator for row in rows), Decimal(0))) / Fraction(base) if base else None


def mean(rows: list[Contribution]) -> Fraction | None:
    """Return the mean of numerator ÷ denominator over rows that have one."""
    rates = [Fraction(row.numerator) / Fraction(row.denominator) for row in rows if row.denominator]
    return sum(rates, Fraction(0)) / len(rates) if rates else None


@dataclass(frozen=True)
class Rule:
    """How the rows of one metric become figures: its roll-up, what no base is called, whether few are few."""

    rollup: Callable[[list[Contribution]], Fraction | None]
    empty: str
    counts: bool = False
    flow: bool = False

    def figure(self, rows: list[Contribution]) -> Figure:
        """Return the figure of one group."""
        value = self.rollup(rows)
        numerator = sum((row.numerator for row in rows), Decimal(0))
        denominator = sum((row.denominator for row in rows), Decimal(0))
        n = sum(1 for row in rows if row.denominator or (self.flow and row.numerator))
        small = self.counts and n < 10
        told = next((row.told for row in rows if row.told), None)
        status = told or self.empty if value is None else "样本过小" if small else "ok"
        return Figure(numerator, denominator, value, status, n)


RULES = {
    "plan_completion": Rule(ratio, "无计划", flow=True),
    "file_completeness": Rule(mean, "无基数"),
    "churn": Rule(ratio, "无基数", counts=True),
    "new_development": Rule(ratio, "无基数", counts=True),
}


def rule(metric: str, facts: Department) -> Rule:
    """Return how a metric's rows become figures under the settings."""
    variant = (facts.setting("completeness_variant", "A1"), facts.setting("new_variant", "B"))
    if metric == "file_completeness" and variant[0] != "A1":
        return Rule(ratio, "无基数", counts=variant[0] == "B")
    return Rule(ratio, "无基数") if metric == "new_development" and variant[1] == "C" else RULES[metric]


def figures(
    how: Rule, rows: Iterable[Contribution], group: Callable[[Contribution], tuple[object, ...]]
) -> dict[tuple[object, ...], Figure]:
    """Return the figures of rows, by any property of theirs."""
    groups: dict[tuple[object, ...], list[Contribution]] = defaultdict(list)
    for row in rows:
        groups[group(row)].append(row)
    return {key: how.figure(found) for key, found in groups.items()}
