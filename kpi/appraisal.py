"""The rules of the quarter's appraisal: who may take which step when; pure, over the steps so far (domain.md §4.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from data.appraisals import Step
from kpi import contest, exclusion, exclusion_checks, standing
from kpi.asking import Actor, RefusedError, Rule
from kpi.cadence import add_working_days

APPRAISERS = frozenset({"head", "hr"})
MOVES = {
    "lock": "locked",
    "reopen": "draft",
    "submit": "reviewing",
    "return": "locked",
    "publish": "published",
    "seal": "sealed",
}
OPEN = ("draft", "locked", "reviewing", "published")
STATES = (*OPEN, "sealed")
CONSENT_ABOVE = Decimal(10)
CALIBRATE_FROM = Decimal(15)
APPEAL_DAYS = 7
DEADLINES = {"lock": 5, "submit": 10, "review": 10, "publish": 11, "seal": 20}
OUTCOMES = ("keep", "change", "redo")


def _in(*states: str) -> frozenset[str]:
    return frozenset(states)


HR, HEAD, ANYONE = frozenset({"hr"}), frozenset({"head"}), frozenset({"head", "hr", "rep", "clerk"})
RULES = {
    "lock": Rule(HR, _in("draft")),
    "reopen": Rule(HR, _in("locked", "reviewing"), reason=True),
    "rate": Rule(APPRAISERS, _in("locked", "reviewing", "published")),
    "consent": Rule(APPRAISERS, _in("locked", "reviewing", "published")),
    "calibrate": Rule(APPRAISERS, _in("reviewing", "published"), reason=True),
    "submit": Rule(HEAD, _in("locked")),
    "return": Rule(HR, _in("reviewing"), reason=True),
    "publish": Rule(HR, _in("reviewing")),
    "agree": Rule(ANYONE, _in("published", "sealed"), own=True),
    "appeal": Rule(ANYONE, _in("published"), own=True, reason=True),
    "find": Rule(HR, _in("published"), reason=True),
    "countersign": Rule(HEAD, _in("published")),
    "sign": Rule(APPRAISERS, _in("published")),
    "seal": Rule(HR, _in("published")),
    "propose": Rule(APPRAISERS, _in("sealed"), reason=True),
    "approve": Rule(APPRAISERS, _in("sealed")),
    exclusion.PROPOSE: Rule(HEAD, _in(*OPEN), reason=True),
    exclusion.APPROVE: Rule(HR, _in(*OPEN)),
    exclusion.WITHDRAW: Rule(APPRAISERS, _in(*OPEN), reason=True),
    "warn": Rule(APPRAISERS, _in("published", "sealed"), reason=True),
    "cosign": Rule(APPRAISERS, _in("published", "sealed")),
    "acknowledge": Rule(ANYONE, _in("published", "sealed"), own=True),
    "sign_scheme": Rule(ANYONE, frozenset(STATES), own=True),
    "comment": Rule(ANYONE, frozenset(STATES), reason=True),
}


def state(steps: Sequence[Step]) -> str:
    """Say where the quarter stands: one of `STATES`."""
    now = "draft"
    for step in steps:
        now = MOVES.get(step.kind, now)
    return now


def topic(kind: str, rep_id: str, role: str, value: Mapping[str, Any]) -> str:
    """Name what a step is about: two people who change the same topic at once must not overwrite each other."""
    if kind in MOVES:
        return "state"
    if kind in {"rate", "consent"}:
        return f"rate:{rep_id}:{value.get('item')}:{value.get('appraiser', role)}"
    if kind in exclusion.KINDS:
        return f"exclude:{value.get('loss')}"
    if kind in {"find", "countersign"}:
        return f"appeal:{value.get('appeal')}"
    group = {"propose": "correction", "approve": "correction", "cosign": "warn", "acknowledge": "warn"}.get(kind, kind)
    return f"{group}:{rep_id}:{role}" if group in {"sign", "comment", "calibrate"} else f"{group}:{rep_id}"


def last_of(steps: Sequence[Step], about: str) -> Step | None:
    """Find the newest step of a topic."""
    return next((step for step in reversed(steps) if step.topic == about), None)


def deadlines(period_end: date, published: date | None = None) -> dict[str, date]:
    """Give the last day of each step, in working days after the quarter's last day (domain.md §8a.11).

    `period_end` is the first day after the quarter.
    """
    last = date.fromordinal(period_end.toordinal() - 1)
    due = {step: add_working_days(last, days) for step, days in DEADLINES.items()}
    return due | {"appeal": add_working_days(published or due["publish"], APPEAL_DAYS)}


def decided(
    steps: Sequence[Step],
    actor: Actor,
    kind: str,
    rep_id: str = "",
    value: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
) -> Step:
    """Make the step that an actor asks for; raise `RefusedError` where the rules do not allow it."""
    said, moment = dict(value or {}), at or datetime.now(UTC)
    rule = RULES[kind]
    if actor.role not in rule.roles:
        raise RefusedError("not_your_step")
    if kind in exclusion.KINDS and state(steps) == "sealed":
        raise RefusedError("sealed_no_exclusion")
    if state(steps) not in rule.states:
        raise RefusedError("not_now", state=state(steps))
    if rule.own and (not actor.number or actor.number != rep_id):
        raise RefusedError("only_about_yourself")
    if not rule.own and kind != "comment" and actor.number and actor.number == rep_id:
        raise RefusedError("not_about_yourself")
    if rule.reason and not str(said.get("reason", "")).strip():
        raise RefusedError("reason_needed")
    check = CHECKS.get(kind)
    if check:
        check(steps, actor, rep_id, said, moment)
    return Step(kind, actor.name, actor.role, said, rep_id, topic(kind, rep_id, actor.role, said), at=moment)


def _rate(steps: Sequence[Step], actor: Actor, rep_id: str, said: dict[str, Any], _at: datetime) -> None:
    item = standing.item(steps, rep_id, str(said.get("item")))
    if item is None:
        raise RefusedError("nothing_to_rate")
    now = state(steps)
    if now == "published" and not standing.redo_open(steps, rep_id, str(said["item"]), actor.role):
        raise RefusedError("not_now", state=now)
    if (now, actor.role) == ("locked", "hr") or (
        (now, actor.role) == ("reviewing", "head") and not standing.redo_open(steps, rep_id, item["metric"], "head")
    ):
        raise RefusedError("not_your_turn")
    score = _number(said.get("score"))
    if not 0 <= score <= Decimal(item["cap"]):
        raise RefusedError("score_out_of_range", cap=item["cap"])
    said["score"] = str(score)
    _explained(item, score, str(said.get("reason", "")).strip())


def _number(found: object) -> Decimal:
    number = contest.number(found)
    if number is None:
        raise RefusedError("score_out_of_range", cap="…")
    return number


def _explained(item: Mapping[str, Any], score: Decimal, why: str) -> None:
    system = standing.system_score(item)
    changed = system is not None and score != system
    extreme = system is None and (score >= 90 or score < 60)
    if (changed or extreme) and not why:
        raise RefusedError("reason_needed_for_change" if changed else "example_needed")


def _consent(steps: Sequence[Step], actor: Actor, rep_id: str, said: dict[str, Any], _at: datetime) -> None:
    other = standing.rating(steps, rep_id, str(said.get("item")), str(said.get("appraiser")))
    if other is None or said.get("appraiser") == actor.role or other.who == actor.name:
        raise RefusedError("nothing_to_consent")
    said["score"] = other.value["score"]


def _submit(steps: Sequence[Step], _actor: Actor, _rep: str, _said: dict[str, Any], _at: datetime) -> None:
    _all_rated(steps, ("head",))


def _publish(steps: Sequence[Step], actor: Actor, _rep: str, _said: dict[str, Any], _at: datetime) -> None:
    _all_rated(steps, ("head", "hr"))
    _settled(steps)
    if any(step.who == actor.name for step in standing.ratings(steps).values() if step.role == "head"):
        raise RefusedError("two_people_needed")


def _all_rated(steps: Sequence[Step], roles: Sequence[str]) -> None:
    missing = standing.missing(steps, roles)
    if missing:
        raise RefusedError("ratings_missing", count=len(missing), first=f"{missing[0][0]} {missing[0][1]}")


def _settled(steps: Sequence[Step]) -> None:
    """Refuse while a large change lacks the other's consent, or appraisers are far apart without a calibration."""
    for (rep_id, name, role), step in standing.ratings(steps).items():
        item = standing.item(steps, rep_id, name)
        system = standing.system_score(item) if item else None
        large = system is not None and abs(Decimal(step.value["score"]) - system) > CONSENT_ABOVE
        if large and not standing.consented(steps, step):
            raise RefusedError("consent_needed", rep=rep_id, item=name, role=role)
    for rep_id in standing.people(steps):
        score = standing.score(steps, rep_id)
        if score and score.gap >= CALIBRATE_FROM and not standing.calibrated(steps, rep_id):
            raise RefusedError("calibration_needed", rep=rep_id, gap=score.gap)


def _agree(steps: Sequence[Step], _actor: Actor, rep_id: str, _said: dict[str, Any], _at: datetime) -> None:
    if state(steps) == "sealed" and not standing.asked_again(steps, rep_id):
        raise RefusedError("not_asked_again")
    if standing.score(steps, rep_id) is None:
        raise RefusedError("no_score_yet")


def _comment(_steps: Sequence[Step], actor: Actor, rep_id: str, _said: dict[str, Any], _at: datetime) -> None:
    if actor.role not in APPRAISERS and (not actor.number or actor.number != rep_id):
        raise RefusedError("only_about_yourself")


def _appeal(steps: Sequence[Step], _actor: Actor, rep_id: str, said: dict[str, Any], at: datetime) -> None:
    published = next(step for step in reversed(steps) if step.kind == "publish")
    if rep_id not in standing.cards(steps):
        raise RefusedError("nothing_to_rate")
    if at.date() > add_working_days(published.at.date(), APPEAL_DAYS):
        raise RefusedError("appeal_too_late", day=add_working_days(published.at.date(), APPEAL_DAYS))
    fault = contest.fault(steps, rep_id, said["row"]) if said.get("row") is not None else None
    if fault:
        raise RefusedError(fault[0], **fault[1])
    said["appeal"] = f"{rep_id}-{sum(step.kind == 'appeal' for step in steps) + 1}"


def _find(steps: Sequence[Step], _actor: Actor, _rep: str, said: dict[str, Any], _at: datetime) -> None:
    appeal = standing.appeals(steps).get(str(said.get("appeal")))
    if appeal is None or appeal.closed:
        raise RefusedError("no_open_appeal")
    if said.get("outcome") not in OUTCOMES:
        raise RefusedError("unknown_outcome")
    if said["outcome"] != "change":
        return
    given = said.get("scores") or {str(said.get("item")): said.get("score")}
    for name, wanted in given.items():
        item = standing.item(steps, appeal.filed.rep_id, str(name))
        score = _number(wanted)
        if item is None or not 0 <= score <= Decimal(item["cap"]):
            raise RefusedError("score_out_of_range", cap=item["cap"] if item else "")
    said["scores"] = {str(name): str(_number(wanted)) for name, wanted in given.items()}
    said["item"], said["score"] = next(iter(said["scores"].items()))


def _countersign(steps: Sequence[Step], actor: Actor, _rep: str, said: dict[str, Any], _at: datetime) -> None:
    appeal = standing.appeals(steps).get(str(said.get("appeal")))
    if appeal is None or appeal.closed or appeal.finding is None or appeal.finding.who == actor.name:
        raise RefusedError("no_open_appeal")


def _sign(steps: Sequence[Step], actor: Actor, _rep: str, _said: dict[str, Any], _at: datetime) -> None:
    _all_rated(steps, ("head", "hr"))
    _settled(steps)
    if any(step.who == actor.name and step.role != actor.role for step in standing.signatures(steps).values()):
        raise RefusedError("two_people_needed")


def _seal(steps: Sequence[Step], _actor: Actor, _rep: str, said: dict[str, Any], at: datetime) -> None:
    _all_rated(steps, ("head", "hr"))
    _settled(steps)
    if still := [appeal.filed.value["appeal"] for appeal in standing.appeals(steps).values() if not appeal.closed]:
        raise RefusedError("appeals_open", count=len(still), first=still[0])
    published = next(step for step in reversed(steps) if step.kind == "publish")
    over = at.date() > add_working_days(published.at.date(), APPEAL_DAYS)
    waiting = [rep_id for rep_id in standing.people(steps) if not standing.agreed(steps, rep_id)]
    if waiting and not over:
        raise RefusedError("window_open", count=len(waiting), day=add_working_days(published.at.date(), APPEAL_DAYS))
    if waiting_for_hr := [each.proposed.value["account_id"] for each in exclusion.asked(steps).values() if each.open]:
        raise RefusedError("exclusions_open", count=len(waiting_for_hr), first=waiting_for_hr[0])
    if set(standing.signatures(steps)) != APPRAISERS:
        raise RefusedError("both_signatures_needed")
    said["people"] = standing.sealed_documents(steps)


def _propose(steps: Sequence[Step], _actor: Actor, rep_id: str, said: dict[str, Any], _at: datetime) -> None:
    before = standing.sealed(steps, rep_id)
    if before is None:
        raise RefusedError("nothing_sealed")
    if standing.proposal(steps, rep_id) is not None:
        raise RefusedError("correction_pending")
    said["document"] = {**before, **dict(said.get("document") or {}), "revision": before["revision"] + 1}


def _approve(steps: Sequence[Step], actor: Actor, rep_id: str, said: dict[str, Any], at: datetime) -> None:
    proposed = standing.proposal(steps, rep_id)
    if proposed is None:
        raise RefusedError("no_correction")
    if actor.role == proposed.role or actor.name == proposed.who:
        raise RefusedError("two_people_needed")
    signed = {proposed.role: [proposed.who, proposed.at.isoformat()], actor.role: [actor.name, at.isoformat()]}
    said["document"] = {**proposed.value["document"], "signers": signed, "agreed": []}
    said["reason"] = proposed.value["reason"]


def _warn(steps: Sequence[Step], _actor: Actor, rep_id: str, _said: dict[str, Any], _at: datetime) -> None:
    if rep_id not in standing.people(steps):
        raise RefusedError("nothing_to_rate")


def _cosign(steps: Sequence[Step], actor: Actor, rep_id: str, _said: dict[str, Any], _at: datetime) -> None:
    issued = last_of(steps, f"warn:{rep_id}")
    if issued is None or issued.kind != "warn":
        raise RefusedError("no_warning")
    if issued.role == actor.role or issued.who == actor.name:
        raise RefusedError("two_people_needed")


def _acknowledge(steps: Sequence[Step], _actor: Actor, rep_id: str, _said: dict[str, Any], _at: datetime) -> None:
    issued = last_of(steps, f"warn:{rep_id}")
    if issued is None or issued.kind != "cosign":
        raise RefusedError("no_warning")


def _lock(_steps: Sequence[Step], _actor: Actor, _rep: str, said: dict[str, Any], _at: datetime) -> None:
    if said.get("behind"):
        raise RefusedError("data_ends_early", kinds="、".join(said["behind"]))
    if not said.get("cards"):
        raise RefusedError("nobody_to_appraise")


CHECKS = {
    "lock": _lock,
    "rate": _rate,
    "consent": _consent,
    "submit": _submit,
    "publish": _publish,
    "agree": _agree,
    "comment": _comment,
    "appeal": _appeal,
    "find": _find,
    "countersign": _countersign,
    "sign": _sign,
    "seal": _seal,
    "propose": _propose,
    "approve": _approve,
    exclusion.PROPOSE: exclusion_checks.propose,
    exclusion.APPROVE: exclusion_checks.approve,
    exclusion.WITHDRAW: exclusion_checks.withdraw,
    "warn": _warn,
    "cosign": _cosign,
    "acknowledge": _acknowledge,
}

__all__ = ["Actor", "RefusedError", "deadlines", "decided", "state"]
