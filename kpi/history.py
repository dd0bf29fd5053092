"""A person's sealed quarters: the difference to the one before, what speaks for a promotion (domain.md §4.2, §4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from data.appraisals import Appraisals, Step
from data.records import Records
from kpi.standing import scheme_of

Document = Mapping[str, Any]
LOOK_BACK, NEEDED = 4, 3


@dataclass(frozen=True)
class Sealed:
    """One sealed quarter of a person, as it stands after corrections."""

    quarter: str
    document: Document

    @property
    def grade(self) -> str:
        """The grade; empty where there is none."""
        return str((self.document["score"] or {}).get("grade") or "")

    @property
    def best(self) -> bool:
        """Whether the grade is the best that its scheme gives."""
        bands = scheme_of(self.document["card"]).bands
        return bool(bands) and self.grade == max(bands, key=lambda each: each.least).grade

    @property
    def at_zero(self) -> list[str]:
        """The items that came to no point at all: as rated by both, else as the system scored them."""
        rated: dict[str, list[Decimal]] = {}
        for mark in self.document["ratings"]:
            rated.setdefault(mark["item"], []).append(Decimal(mark["score"]))
        found = []
        for item in self.document["card"]["items"]:
            marks = rated.get(item["metric"]) or ([] if item["score"] is None else [Decimal(item["score"])])
            if marks and not any(marks):
                found.append(str(item["metric"]))
        return found


@dataclass(frozen=True)
class Difference:
    """A score against that of the sealed quarter before: of finals, or of system totals while there is no final."""

    quarter: str
    before: Decimal
    now: Decimal
    final: bool
    other_scheme: bool

    @property
    def moved(self) -> Decimal:
        """How many points up or down."""
        return self.now - self.before


@dataclass(frozen=True)
class Promotion:
    """What the reference for a promotion rests on: grades, how many were the best, zeros, open questions."""

    grades: tuple[tuple[str, str], ...]
    at_zero: tuple[tuple[str, str], ...]
    questions: int
    excellent: int

    @property
    def met(self) -> bool:
        """Whether all of it speaks for a promotion; people decide."""
        return self.excellent >= NEEDED and not self.at_zero and not self.questions


def sealed_quarters(records: Records, upto: str) -> dict[str, list[Sealed]]:
    """Give everyone's sealed quarters up to and with one, oldest first, of whichever department they were in."""
    found: dict[str, dict[str, Document]] = {}
    for quarter, step in _sealing(records, upto):
        people = step.value["people"] if step.kind == "seal" else {step.rep_id: step.value["document"]}
        for rep_id, document in people.items():
            found.setdefault(rep_id, {})[quarter] = document
    return {rep_id: [Sealed(*each) for each in sorted(kept.items())] for rep_id, kept in found.items()}


def _sealing(records: Records, upto: str) -> Iterable[tuple[str, Step]]:
    return ((quarter, step) for _, quarter, step in Appraisals(records).of_kinds(("seal", "approve"), upto))


def difference(
    past: Sequence[Sealed], card: Mapping[str, Any], final: Decimal | None, quarter: str
) -> Difference | None:
    """Compare with the last sealed quarter before; None without one, or where either side has no score."""
    before = next((each for each in reversed(past) if each.quarter < quarter), None)
    if before is None:
        return None
    kept = before.document
    then = (kept["score"] or {}).get("final") if final is not None else kept["card"]["total"]
    now = final if final is not None else _number(card["total"])
    if then is None or now is None:
        return None
    other = _scheme(kept["card"]) != _scheme(card)
    return Difference(before.quarter, Decimal(then), now, final is not None, other)


def _scheme(card: Mapping[str, Any]) -> tuple[str, object]:
    return (card["scheme_name"], card["scheme"]["version"])


def _number(found: str | None) -> Decimal | None:
    return None if found is None else Decimal(found)


def promotion(past: Sequence[Sealed], questions: Mapping[str, int]) -> Promotion:
    """Weigh the last sealed quarters; `questions` counts what the detectors ask about the person by quarter."""
    looked = past[-LOOK_BACK:]
    zero = tuple((each.quarter, item) for each in looked for item in each.at_zero)
    asked = sum(questions.get(each.quarter, 0) for each in looked)
    best = sum(each.best for each in looked)
    return Promotion(tuple((each.quarter, each.grade) for each in looked), zero, asked, best)
