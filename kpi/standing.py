"""What the steps of a quarter amount to: cards as locked, ratings, appeals, signatures, scores, sealed documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from data.appraisals import Step
from kpi import exclusion, kept
from kpi.points import band, final, rounded, total
from kpi.scheme import Band, Scheme, parse

Document = dict[str, Any]
Rated = dict[tuple[str, str, str], Step]


@dataclass(frozen=True)
class Score:
    """Both appraisers' totals, what they come to, and how far they are apart."""

    head: Decimal
    hr: Decimal
    final: Decimal
    grade: str | None
    coefficient: Decimal | None

    @property
    def gap(self) -> Decimal:
        """How many points the appraisers are apart."""
        return abs(self.head - self.hr)


@dataclass(frozen=True)
class Appeal:
    """An appeal with its finding (HR) and the head's signature under it."""

    filed: Step
    finding: Step | None = None
    countersigned: Step | None = None

    @property
    def closed(self) -> bool:
        """Whether both have signed an outcome."""
        return self.countersigned is not None


def locked(steps: Sequence[Step]) -> Step | None:
    """Find the lock in force."""
    for step in reversed(steps):
        if step.kind == "reopen":
            return None
        if step.kind == "lock":
            return step
    return None


def cards(steps: Sequence[Step]) -> dict[str, Document]:
    """Give the cards as locked, by person, with the losses left out of the score that are left out by record now."""
    found = locked(steps)
    if found is None:
        return {}
    left_out = exclusion.in_force(steps)
    return {rep_id: kept.excluding(card, left_out) for rep_id, card in found.value["cards"].items()}


def people(steps: Sequence[Step]) -> list[str]:
    """List who is appraised: those with something to rate."""
    return [rep_id for rep_id, card in cards(steps).items() if card["appraised"]]


def item(steps: Sequence[Step], rep_id: str, name: str) -> Document | None:
    """Find an item of a person that the appraisers rate; None where it does not count."""
    card = cards(steps).get(rep_id)
    if not card or not card["appraised"]:
        return None
    return next((each for each in card["items"] if each["metric"] == name and _counts(each)), None)


def _counts(found: Mapping[str, Any]) -> bool:
    return found["score"] is not None or found["rated"]


def system_score(found: Mapping[str, Any]) -> Decimal | None:
    """Give the points that the system proposes, to two places; None for an item that people rate."""
    return None if found["rated"] or found["score"] is None else rounded(Decimal(found["score"]))


def ratings(steps: Sequence[Step]) -> Rated:
    """Give the newest rating by (person, item, appraiser) under the lock in force.

    A re-appraisal drops a person's earlier ratings; a changed score replaces both appraisers'. A loss left out of
    the score, or taken in again, drops those of the item that it moves: they were given on another system score.
    """
    found: Rated = {}
    closing = {appeal.countersigned.seq: appeal for appeal in appeals(steps).values() if appeal.countersigned}
    start = locked(steps)
    for step in steps:
        if start is None or step.seq <= start.seq:
            continue
        if step.kind == "rate":
            found[step.rep_id, step.value["item"], step.role] = step
        elif step.seq in closing:
            _apply(found, closing[step.seq])
        elif exclusion.moves(step):
            _drop(found, start.value["cards"], str(step.value.get("loss")))
    return found


def _drop(found: Rated, locked_cards: Mapping[str, Document], loss: str) -> None:
    """Drop the ratings of items that count a loss."""
    for rep_id, card in locked_cards.items():
        for each in card["items"]:
            if any(exclusion.subject(account, day) == loss for account, day, _ in each.get("losses") or ()):
                for role in ("head", "hr"):
                    found.pop((rep_id, each["metric"], role), None)


def _apply(found: Rated, appeal: Appeal) -> None:
    finding, rep_id = appeal.finding, appeal.filed.rep_id
    if finding is None:
        return
    if finding.value["outcome"] == "redo":
        for key in [key for key in found if key[0] == rep_id]:
            del found[key]
    elif finding.value["outcome"] == "change" and appeal.countersigned:
        for name, score in changed_scores(finding.value).items():
            for step in (finding, appeal.countersigned):
                if step.role in changed_roles(finding.value):
                    value = {**finding.value, "item": name, "score": score}
                    found[rep_id, name, step.role] = replace(step, value=value, rep_id=rep_id)


def changed_scores(finding: Mapping[str, Any]) -> dict[str, str]:
    """Give the points that a finding gives, by item: one item, or all that a contested row moves."""
    found = finding.get("scores") or {finding["item"]: finding["score"]}
    return {str(name): str(score) for name, score in found.items()}


def changed_roles(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Name whose ratings a finding replaces: both appraisers', or the one whose rating was contested."""
    return (finding["of"],) if finding.get("of") else ("head", "hr")


def rating(steps: Sequence[Step], rep_id: str, name: str, role: str) -> Step | None:
    """Find one appraiser's rating of one item."""
    return ratings(steps).get((rep_id, name, role))


def missing(steps: Sequence[Step], roles: Sequence[str]) -> list[tuple[str, str, str]]:
    """List the ratings that are still to be given."""
    given = ratings(steps)
    return [
        (rep_id, each["metric"], role)
        for rep_id in people(steps)
        for each in cards(steps)[rep_id]["items"]
        if _counts(each)
        for role in roles
        if (rep_id, each["metric"], role) not in given
    ]


def redo_open(steps: Sequence[Step], rep_id: str, name: str, role: str) -> bool:
    """Tell whether an appeal ordered this person to be rated again and this rating is not given yet."""
    return (rep_id, name, role) in missing(steps, (role,))


def consented(steps: Sequence[Step], rated: Step) -> bool:
    """Tell whether the other appraiser agreed to a rating as it stands, or both signed it in an appeal."""
    if rated.kind != "rate":
        return True
    return any(
        step.kind == "consent" and step.topic == rated.topic and step.seq > rated.seq and step.role != rated.role
        for step in steps
    )


def calibrated(steps: Sequence[Step], rep_id: str) -> bool:
    """Tell whether a calibration was noted after the last rating of a person."""
    last = max((step.seq for (rep, _, _), step in ratings(steps).items() if rep == rep_id), default=0)
    return any(step.kind == "calibrate" and step.rep_id == rep_id and step.seq > last for step in steps)


def appeals(steps: Sequence[Step]) -> dict[str, Appeal]:
    """Give the appeals under the lock in force, by number."""
    found: dict[str, Appeal] = {}
    for step in steps:
        number = str(step.value.get("appeal", ""))
        if step.kind == "appeal":
            found[number] = Appeal(step)
        elif step.kind == "find" and number in found and not found[number].closed:
            found[number] = Appeal(found[number].filed, step)
        elif step.kind == "countersign" and number in found:
            found[number] = Appeal(found[number].filed, found[number].finding, step)
    return found


def agreed(steps: Sequence[Step], rep_id: str) -> bool:
    """Tell whether a person agreed to the result as it stands."""
    return agreement(steps, rep_id) is not None


def agreement(steps: Sequence[Step], rep_id: str) -> Step | None:
    """Find a person's agreement to the result as it stands; one to an earlier version does not count."""
    last = _last_change(steps, rep_id)
    return next((s for s in reversed(steps) if s.kind == "agree" and s.rep_id == rep_id and s.seq > last), None)


def asked_again(steps: Sequence[Step], rep_id: str) -> bool:
    """Tell whether a correction after the seal waits for the person's agreement."""
    corrected = any(step.kind == "approve" and step.rep_id == rep_id for step in steps)
    return corrected and agreement(steps, rep_id) is None


def opinions(steps: Sequence[Step], rep_id: str) -> dict[str, Step]:
    """Give the newest comment of the head, of HR and of the person (`own`) for the form.

    Those of a sealed form were written before it was last sealed, corrected or agreed to.
    """
    ends = [s.seq for s in steps if s.kind == "seal" or (s.kind in {"approve", "agree"} and s.rep_id == rep_id)]
    limit = max(ends) if any(step.kind == "seal" for step in steps) else len(steps) + 1
    said = [step for step in steps if step.kind == "comment" and step.rep_id == rep_id and step.seq <= limit]
    return {step.role if step.role in {"head", "hr"} else "own": step for step in said}


def signatures(steps: Sequence[Step]) -> dict[str, Step]:
    """Give the appraisers' signatures under the results as they stand, by role; any later change voids them."""
    last = _last_change(steps)
    return {step.role: step for step in steps if step.kind == "sign" and step.seq > last}


def _last_change(steps: Sequence[Step], rep_id: str | None = None) -> int:
    changing = {"lock", "reopen", "rate", "consent", "calibrate", "countersign", "publish", "return", "approve"}
    return max(
        (
            step.seq
            for step in steps
            if (step.kind in changing or exclusion.moves(step)) and (not rep_id or step.rep_id in {"", rep_id})
        ),
        default=0,
    )


def scheme_of(card: Mapping[str, Any]) -> Scheme:
    """Make the scheme again under which a card was locked."""
    return parse(card["scheme_name"], card["scheme"])


def score(steps: Sequence[Step], rep_id: str, instead: Mapping[tuple[str, str], Decimal] | None = None) -> Score | None:
    """Combine both appraisers' ratings of a person; None while one is missing (never filled in).

    `instead` puts other points in the place of some ratings, by (item, appraiser): what the score would be then.
    """
    card = cards(steps).get(rep_id)
    if card is None or not card["appraised"]:
        return None
    given, scheme = ratings(steps), scheme_of(card)
    marks: dict[str, list[tuple[int, Decimal | None]]] = {"head": [], "hr": []}
    for each in card["items"]:
        for role, found in marks.items():
            if not _counts(each):
                found.append((each["weight"], None))
                continue
            step = given.get((rep_id, each["metric"], role))
            if step is None:
                return None
            other = (instead or {}).get((each["metric"], role))
            found.append((each["weight"], Decimal(step.value["score"]) if other is None else other))
    totals = [total(scheme, marks[role]) for role in ("head", "hr")]
    if totals[0] is None or totals[1] is None:
        return None
    return _scored(scheme, card, rounded(totals[0]), rounded(totals[1]))


def score_in_force(steps: Sequence[Step], rep_id: str) -> Score | None:
    """Give a person's score, with final, grade and coefficient of the correction that two signed where there is one."""
    found, document = score(steps, rep_id), sealed(steps, rep_id)
    if found is None or document is None or document["revision"] == 1:
        return found
    fixed = document["score"] or {}
    coefficient = fixed.get("coefficient")
    return replace(
        found,
        final=Decimal(fixed.get("final", found.final)),
        grade=fixed.get("grade"),
        coefficient=None if coefficient is None else Decimal(coefficient),
    )


def _scored(scheme: Scheme, card: Mapping[str, Any], head: Decimal, hr: Decimal) -> Score:
    closing = final(scheme, head, hr)
    graded = graded_as(scheme, card, closing)
    return Score(head, hr, closing, graded.grade if graded else None, graded.coefficient if graded else None)


def graded_as(scheme: Scheme, card: Mapping[str, Any], closing: Decimal) -> Band | None:
    """Give the band of a final score; none for who is only observed, whatever the score came from."""
    return None if "observation" in card["flags"] else band(scheme, closing)


def sealed_documents(steps: Sequence[Step]) -> dict[str, Document]:
    """Write down every person's quarter by value: inputs, points, ratings with reasons, scores and who signed."""
    given, start = ratings(steps), locked(steps)
    signed = {role: [step.who, step.at.isoformat()] for role, step in signatures(steps).items()}
    found = {}
    for rep_id, card in cards(steps).items():
        closing = score(steps, rep_id)
        marks = [
            {"item": name, "role": role, "score": step.value["score"], "reason": step.value.get("reason", "")}
            | {"who": step.who, "at": step.at.isoformat()}
            for (rep, name, role), step in given.items()
            if rep == rep_id
        ]
        found[rep_id] = {
            "revision": 1,
            "card": card,
            "ratings": marks,
            "score": None if closing is None else {key: _text(found) for key, found in vars(closing).items()},
            "signers": signed,
            "agreed": _said(agreement(steps, rep_id)),
            "opinions": {role: [step.value["reason"], *_said(step)] for role, step in opinions(steps, rep_id).items()},
            "facts": {key: found for key, found in start.value.items() if key != "cards"} if start else {},
        }
    return found


def _said(step: Step | None) -> list[str]:
    return [] if step is None else [step.who, step.at.isoformat()]


def _text(found: object) -> object:
    return str(found) if isinstance(found, Decimal) else found


def sealed(steps: Sequence[Step], rep_id: str) -> Document | None:
    """Give the sealed document of a person in force: the seal's, or the last correction that both signed."""
    found: Document | None = None
    for step in steps:
        if step.kind == "seal":
            found = step.value["people"].get(rep_id)
        elif step.kind == "approve" and step.rep_id == rep_id:
            found = step.value["document"]
    return found


def proposal(steps: Sequence[Step], rep_id: str) -> Step | None:
    """Find a correction that waits for the other's signature."""
    last = next((step for step in reversed(steps) if step.topic == f"correction:{rep_id}"), None)
    return last if last and last.kind == "propose" else None
