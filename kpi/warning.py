"""Warning suggestions: only below a line that the company set, and only where no single account would lift it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kpi.card import UNGRADED, Line, Scorecard
from kpi.flip import Flip, best


@dataclass(frozen=True)
class Suggestion:
    """What two people may decide about: a `warning`, or a `question` where one account decides.

    It never goes without its evidence: the line, the total, the smallest base `n`, the intervals and the flip.
    """

    kind: str
    line: Decimal
    total: Decimal
    n: int
    intervals: tuple[Line, ...]
    flip: Flip | None


def suggestion(card: Scorecard, total: Decimal | None = None) -> Suggestion | None:
    """Say whether a card calls for a warning (domain.md §8a.12); `total` is the appraisers' where there is one.

    None without a line, for people who are not graded, and at or above the line (strictly below counts).
    """
    score = card.total if total is None else total
    line = card.scheme.warn_below if card.scheme else None
    if line is None or score is None or UNGRADED & set(card.flags) or score >= line:
        return None
    helpful = best(card)
    gain = Decimal(0) if helpful is None or helpful.total is None or card.total is None else helpful.total - card.total
    counted = tuple(each for each in card.lines if each.low is not None)
    smallest = min((each.n for each in card.lines if each.item.metric and each.n), default=0)
    kind = "question" if score + max(gain, Decimal(0)) >= line else "warning"
    return Suggestion(kind, line, score, smallest, counted, helpful)
