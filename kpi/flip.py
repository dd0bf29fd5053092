"""One account: how a card would read if a single account had gone the other way, recomputed under its scheme."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from kpi.card import Line, Scorecard, rescored


@dataclass(frozen=True)
class Flip:
    """One account changed: `code` is worded in reasons.toml; the card as it would be."""

    code: str
    metric: str
    card: Scorecard

    @property
    def total(self) -> Decimal | None:
        """The total it would be."""
        return self.card.total


def flips(card: Scorecard) -> list[Flip]:
    """Recompute a card with one account changed, in each way that its numbers allow (domain.md §8a.12)."""
    found = []
    for line in card.lines:
        if line.score is None:
            continue
        for code, changed in _changes(line):
            found.append(Flip(code, line.metric, rescored(card, {line.metric: changed})))
    return [flip for flip in found if flip.total is not None]


def best(card: Scorecard) -> Flip | None:
    """Find the change of one account that helps most."""
    return max(flips(card), key=lambda flip: flip.total or Decimal(0), default=None)


def _changes(line: Line) -> list[tuple[str, Line]]:
    if line.item.metric == "churn":
        return _counted(line, ("one_less_lost", -1), ("one_more_lost", 1))
    if line.item.metric == "new_development":
        return _counted(line, ("one_less_new", -1), ("one_more_new", 1))
    if line.item.metric == "file_completeness":
        return _filed(line)
    return []


def _counted(line: Line, *steps: tuple[str, int]) -> list[tuple[str, Line]]:
    numerator, base = line.scored_numerator, line.denominator
    if numerator is None or line.numerator is None or not base:
        return []
    unscored = line.numerator - numerator
    moved = [(code, numerator + step, step) for code, step in steps]
    most = base if line.item.metric == "churn" else None
    return [
        (code, replace(line, numerator=now + unscored, rate=now / base, value=float(now / base)))
        for code, now, step in moved
        if now >= 0 and (most is None or now <= most)
    ]


def _filed(line: Line) -> list[tuple[str, Line]]:
    if line.rate is None or not line.n or line.least is None or line.most is None:
        return []
    full, empty = line.rate + (1 - line.least) / line.n, line.rate - line.most / line.n
    return [
        ("one_file_filled", replace(line, rate=full, value=float(full))),
        ("one_file_emptied", replace(line, rate=empty, value=float(empty))),
    ]
