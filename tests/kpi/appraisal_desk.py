"""A quarter to appraise: two cards, the people around it, and a desk with a clock of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from data.appraisals import Step
from data.records import Records
from kpi import quarter, standing
from kpi.appraisal import Actor
from kpi.card import Line, Scorecard, assembled, line_points
from kpi.kept import written_down
from kpi.quarter import Ask
from kpi.scheme import Item, Scheme, schemes

PLACE = ("大客户部", "2026Q3")
HEAD, HR = Actor("陈国栋", "head", "M01"), Actor("赵敏", "hr", "H01")
ZHANG, LI = Actor("张伟", "rep", "R03"), Actor("李娜", "clerk", "N01")
EVERYONE = (HEAD, HR, Actor("周婷", "head", "M02"), Actor("钱红", "hr", "H02"), ZHANG, LI)
START = datetime(2026, 10, 9, 9, tzinfo=UTC)
V1 = schemes()["ka_rep_v1"]


LOSSES = (("A7", "2026-06-10", False), ("A8", "2026-06-12", False))
RATES = {
    "plan_completion": Decimal("0.875"),
    "file_completeness": Decimal("0.88"),
    "churn": Decimal("0.1"),
    "new_development": Decimal("0.125"),
}


def line(scheme: Scheme, item: Item) -> Line:
    """Give a line of Zhang Wei's (domain.md §4.4, Ex. 1), or a rated one that waits; his churn is 2 of 20."""
    if item.rating:
        return Line(item, item.rating, item.rating, status="待评")
    made = Line(item, item.metric, item.metric, rate=RATES[item.metric], value=float(RATES[item.metric]))
    if item.metric == "churn":
        made = replace(made, numerator=Decimal(2), denominator=Decimal(20), n=20, losses=LOSSES)
    return replace(made, score=line_points(scheme, made))


def card(rep_id: str, scheme: str) -> dict[str, Any]:
    """Write down the card of a person under a scheme that ships."""
    chosen = schemes()[scheme]
    lines = tuple(line(chosen, item) for item in chosen.items)
    flags = ("not_appraised",) if lines[0].item.rating else ()
    head = (rep_id, rep_id, chosen.role, PLACE[0], PLACE[1], chosen)
    return written_down(assembled(Scorecard(*head), lines, flags))


CARDS = {"R03": card("R03", "ka_rep_v1"), "N01": card("N01", "ka_clerk_v1")}
LOCK: dict[str, Any] = {"cards": CARDS, "version": 7, "files": [["订单.csv", "ab"]], "behind": []}


class Desk:
    """A quarter with a clock of its own."""

    def __init__(self, place: Path) -> None:
        self.records = Records(place)
        self.now = START

    def do(self, actor: Actor, kind: str, rep_id: str = "", *, seen: int | None = None, **value: object) -> Step:
        """Take a step now."""
        return quarter.act(self.records, PLACE, actor, Ask(kind, rep_id, value, seen), at=self.now)

    @property
    def steps(self) -> list[Step]:
        """The steps so far."""
        return quarter.steps(self.records, *PLACE)

    def rate_all(self, actor: Actor, changes: dict[str, tuple[str, str]] | None = None) -> None:
        """Give what an appraiser still owes: the system's points, 80, or the changes."""
        for rep_id, name, _ in standing.missing(self.steps, (actor.role,)):
            found = standing.item(self.steps, rep_id, name)
            assert found is not None
            score, why = (changes or {}).get(name, (standing.system_score(found) or Decimal(80), ""))
            self.do(actor, "rate", rep_id, item=name, score=str(score), reason=why)

    def published(self, changes: dict[str, tuple[str, str]] | None = None) -> None:
        """Bring the quarter to its publication."""
        self.do(HR, "lock", **LOCK)
        self.rate_all(HEAD, changes)
        self.do(HEAD, "submit")
        self.rate_all(HR)
        self.do(HR, "publish")

    def sealed(self) -> None:
        """Bring the quarter to its seal."""
        self.published()
        for each in (ZHANG, LI):
            self.do(each, "agree", each.number)
        self.do(HEAD, "sign")
        self.do(HR, "sign")
        self.do(HR, "seal")
