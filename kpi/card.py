"""A scorecard as values: its lines, their points from exact inputs, the total, the grade; pure, nothing is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from kpi.catalogue import metrics
from kpi.exclusion import Exclusion
from kpi.points import band, points, rounded, total
from kpi.scheme import Item, Scheme

UNGRADED = frozenset({"not_appraised", "observation"})
NOTED = ("suspected", "excluded")


@dataclass(frozen=True)
class Line:
    """One scored item. `score` is None where the item does not count, `status` says why; `weighted` is out of 100.

    `status` is that of the value (ok, 无计划, …) or 首季不计分, 待评, 待分解. `numerator` and `value` are as shown;
    `unresolved` of the numerator are suspected losses that do not score. `rate` is what was scored, exactly;
    `least` and `most` are the emptiest and the fullest file of a mean. `losses` are what the headline churn counts:
    account, last order day, whether it waits for a verdict; `excluded` are those left out of what is scored by record.
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
    rate: Decimal | None = None
    year_rate: Decimal | None = None
    year_base: Decimal | None = None
    unresolved: int = 0
    least: Decimal | None = None
    most: Decimal | None = None
    losses: tuple[tuple[str, str, bool], ...] = ()
    excluded: tuple[Exclusion, ...] = ()

    @property
    def metric(self) -> str:
        """Name the metric, or the rated item."""
        return self.item.metric or self.item.rating

    @property
    def scored_numerator(self) -> Decimal | None:
        """The numerator without what does not score."""
        return None if self.numerator is None else self.numerator - self.unresolved - len(self.excluded)

    @property
    def unscored(self) -> frozenset[tuple[str, str]]:
        """The losses that do not score: suspected ones that wait, and excluded ones."""
        waiting = {(account, day) for account, day, waits in self.losses if waits}
        return frozenset(waiting | {each.loss for each in self.excluded})


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


def line_points(scheme: Scheme, line: Line) -> Decimal | None:
    """Give the points of a line from its exact inputs; None where there is nothing to score."""
    if line.rate is None:
        return None
    lower = metrics()[line.item.metric].better == "lower"
    base = line.denominator or Decimal(0)
    found = points(line.item, line.rate, base, lower_is_better=lower, partial=scheme.partial_point)
    share = line.item.year_to_date_share
    if not share or line.year_rate is None:
        return found
    through = points(line.item, line.year_rate, base, lower_is_better=lower, partial=scheme.partial_point)
    return (1 - share) * found + share * through


def leaving_out(line: Line, excluded: Iterable[Exclusion]) -> Line:
    """Leave approved exclusions and losses that wait for a verdict out of what is scored; the base stays."""
    mine = {(account, day) for account, day, _ in line.losses}
    kept = tuple(each for each in excluded if each.loss in mine)
    out = {each.loss for each in kept}
    waiting = sum(waits and (account, day) not in out for account, day, waits in line.losses)
    changed = replace(line, excluded=kept, unresolved=waiting)
    numerator = changed.scored_numerator
    return changed if numerator is None or not line.denominator else replace(changed, rate=numerator / line.denominator)


def noted(flags: Sequence[str], lines: Iterable[Line]) -> tuple[str, ...]:
    """Give flags with those of `NOTED` as the lines call for them."""
    found = list(lines)
    wanted = {"suspected": any(line.unresolved for line in found), "excluded": any(line.excluded for line in found)}
    return (*(flag for flag in flags if flag not in NOTED), *(flag for flag in NOTED if wanted[flag]))


def assembled(card: Scorecard, lines: tuple[Line, ...], flags: tuple[str, ...]) -> Scorecard:
    """Weigh lines into a card: total, grade and coefficient follow from them, the flags and the scheme."""
    scheme = card.scheme
    if scheme is None:
        return replace(card, lines=lines, flags=flags)
    scored = [(line.item.weight, line.score) for line in lines]
    weight = sum(weight for weight, found in scored if found is not None)
    summed = None if "not_appraised" in flags else total(scheme, scored)
    grade = band(scheme, summed) if summed is not None and not UNGRADED & set(flags) else None
    return replace(
        card,
        lines=tuple(_weighed(scheme, line, weight) for line in lines),
        total=None if summed is None else rounded(summed),
        grade=grade.grade if grade else None,
        coefficient=grade.coefficient if grade else None,
        effective_weight=weight,
        flags=flags,
    )


def _weighed(scheme: Scheme, line: Line, weight: int) -> Line:
    if line.score is None or not weight:
        return replace(line, weighted=None)
    return replace(line, weighted=line.item.weight * line.score / whole_weight(scheme.na_policy, weight))


def whole_weight(policy: str, effective: int) -> int:
    """Give what the weights are shares of: those that count where a scheme spreads missing ones over them, else 100."""
    return effective if policy == "reweight" else 100


def rescored(card: Scorecard, changed: dict[str, Line]) -> Scorecard:
    """Score a card again with some lines' inputs changed, by metric; what does not score stays so."""
    if card.scheme is None:
        return card
    lines = tuple(_again(card.scheme, line, changed.get(line.metric)) for line in card.lines)
    return assembled(card, lines, noted(card.flags, lines))


def _again(scheme: Scheme, line: Line, changed: Line | None) -> Line:
    if changed is None or line.score is None:
        return line
    return replace(changed, score=line_points(scheme, changed))
