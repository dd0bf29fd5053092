"""Any steps by anyone in any order: no seal without both appraisers, no sealed value changed, no reason lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from data.appraisals import Step
from kpi import appraisal, contest, exclusion, quarter, standing
from kpi.appraisal import RULES, Actor, RefusedError, state
from tests.kpi.appraisal_desk import CARDS, EVERYONE, HEAD, HR, LOCK, START

SCORES = st.sampled_from(["", "NaN", "80", "86", "83.33", "87.5", "95", "60", "200", "x"])
REASONS = st.sampled_from(["", " ", "核对过档案"])


LOSS = {"loss": "A7|2026-06-10", "account_id": "A7", "day": "2026-06-10", "cause": "破产"}


class Appraised(RuleBasedStateMachine):
    """Anyone tries any step in any order; what the records must never hold is checked after each."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.now = START
        self.seals: dict[int, dict[str, Any]] = {}

    def attempt(self, actor: Actor, kind: str, rep_id: str = "", **value: object) -> None:
        """Try a step; a refusal must be worded."""
        try:
            step = appraisal.decided(self.steps, actor, kind, rep_id, value, at=self.now)
        except RefusedError as error:
            quarter.worded(error, "zh")
            return
        self.steps.append(Step(**{**vars(step), "seq": len(self.steps) + 1}))
        if step.kind == "seal":
            self.seals[len(self.steps)] = {key: dict(found) for key, found in step.value["people"].items()}

    @rule(actor=st.sampled_from(EVERYONE), kind=st.sampled_from(sorted(RULES)), rep=st.sampled_from(["R03", "N01", ""]),
          item=st.sampled_from(["churn", "专业技能", "nothing"]), score=SCORES, reason=REASONS)  # fmt: skip
    def anything(self, actor: Actor, kind: str, rep: str, item: str, score: str, reason: str) -> None:
        """Try any step about anything."""
        value: dict[str, object] = {"item": item, "score": score, "reason": reason, "outcome": "redo"}
        value |= {"row": contest.stored_account("A7")} if reason else {}
        value |= LOSS if reason else {}
        numbers = sorted(standing.appeals(self.steps))
        value |= {"appeal": numbers[-1]} if numbers else {}
        self.attempt(actor, kind, rep, **(LOCK if kind == "lock" else value))

    @rule(actor=st.sampled_from(EVERYONE), reason=REASONS, score=SCORES)
    def rate_everything(self, actor: Actor, reason: str, score: str) -> None:
        """Give all missing ratings."""
        for rep_id, name, _ in standing.missing(self.steps, (actor.role,)):
            found = standing.item(self.steps, rep_id, name)
            system = standing.system_score(found) if found else None
            self.attempt(actor, "rate", rep_id, item=name, score=score or str(system or 80), reason=reason)

    @rule(
        whose=st.sampled_from([("head", "churn"), ("hr", "churn"), ("head", "专业技能"), ("hr", "专业技能")]),
        score=SCORES,
        reason=REASONS,
        outcome=st.sampled_from(["keep", "change", "redo", "?"]),
        only=st.booleans(),
        signs=st.booleans(),
    )
    def a_rating_is_appealed(
        self, whose: tuple[str, str], score: str, reason: str, outcome: str, *, only: bool, signs: bool
    ) -> None:
        """Let the person appeal a rating and HR decide; the head may sign."""
        role, item = whose
        rep_id = "R03" if item == "churn" else "N01"
        given = standing.ratings(self.steps).get((rep_id, item, role))
        if given is None:
            return
        person = next(each for each in EVERYONE if each.number == rep_id)
        row = contest.stored_rating(item, role, given.seq, given.value["score"], score)
        self.attempt(person, "appeal", rep_id, item=item, row=row, reason=reason)
        numbers = list(standing.appeals(self.steps))
        said: dict[str, object] = {"appeal": numbers[-1] if numbers else "", "outcome": outcome, "reason": reason}
        said |= {"scores": {item: score}} | ({"of": role} if only else {})
        self.attempt(HR, "find", "", **said)
        if signs:
            self.attempt(HEAD, "countersign", appeal=said["appeal"])

    @rule(kind=st.sampled_from(exclusion.KINDS), reason=REASONS)
    def a_loss_is_left_out(self, kind: str, reason: str) -> None:
        """Let everyone try a step about leaving a loss out."""
        for actor in EVERYONE:
            self.attempt(actor, kind, "R03", **LOSS, reason=reason)

    @precondition(lambda self: state(self.steps) == "sealed")
    @rule(signs=st.booleans(), agrees=st.booleans())
    def a_result_is_corrected(self, *, signs: bool, agrees: bool) -> None:
        """Let HR propose a correction; the head may sign it, and the person may agree to it."""
        self.attempt(HR, "propose", "R03", reason="迟到的退货单", document={"score": {"final": "80.00"}})
        if signs:
            self.attempt(HEAD, "approve", "R03")
        if agrees:
            self.attempt(next(each for each in EVERYONE if each.number == "R03"), "agree", "R03")

    @invariant()
    def an_agreement_is_to_the_version_in_force(self) -> None:
        """Compare agreements with corrections: one before a correction never stands for the corrected result."""
        for rep_id in CARDS:
            given = [at for at, step in enumerate(self.steps) if step.kind == "agree" and step.rep_id == rep_id]
            fixed = [at for at, step in enumerate(self.steps) if step.kind == "approve" and step.rep_id == rep_id]
            if fixed:
                stands = bool(given) and given[-1] > fixed[-1]
                assert standing.agreed(self.steps, rep_id) == stands
                assert standing.asked_again(self.steps, rep_id) != stands
                kept = standing.sealed(self.steps, rep_id)
                assert kept is not None
                assert kept["agreed"] == []
                assert len({who for who, _ in kept["signers"].values()}) == 2

    @invariant()
    def a_loss_is_left_out_by_two_and_never_after_the_seal(self) -> None:
        """Look at each record in force, at the steps after the seal, and at the points of the locked card."""
        for each in exclusion.asked(self.steps).values():
            if each.counts and each.approved:
                assert (each.proposed.role, each.approved.role) == ("head", "hr")
                assert each.proposed.who != each.approved.who
                assert str(each.proposed.value["reason"]).strip()
        for at in self.seals:
            assert not [step for step in self.steps[at:] if step.kind in exclusion.KINDS]
            assert not [each for each in exclusion.asked(self.steps[:at]).values() if each.open]
        churn = next(
            (i for i in standing.cards(self.steps).get("R03", {"items": []})["items"] if i["metric"] == "churn"), None
        )
        if churn:
            counts = any(each.counts for each in exclusion.asked(self.steps).values())
            found = (float(churn["value"]), float(churn["rate"]), float(churn["score"]))
            assert found == ((0.1, 0.05, 100) if counts else (0.1, 0.1, 80))

    @invariant()
    def no_score_is_out_of_its_range(self) -> None:
        """Look at every rating in force: between 0 and the item's cap, whoever gave or changed it."""
        for (rep_id, name, _role), step in standing.ratings(self.steps).items():
            item = standing.item(self.steps, rep_id, name)
            assert item is not None
            assert 0 <= Decimal(step.value["score"]) <= Decimal(item["cap"])

    @rule(kind=st.sampled_from(["lock", "submit", "publish", "sign", "seal", "agree"]))
    def everyone_tries(self, kind: str) -> None:
        """Let everyone try a move."""
        for actor in EVERYONE:
            self.attempt(actor, kind, actor.number if kind == "agree" else "", **(LOCK if kind == "lock" else {}))

    @rule(skip=st.sampled_from(["", "", "head", "hr"]))
    def carry_on(self, skip: str) -> None:
        """Do what comes next, honestly, but for what one appraiser forgets."""
        now = state(self.steps)
        if now == "draft":
            self.attempt(HR, "lock", **LOCK)
        elif now in {"locked", "reviewing"}:
            actor, kind = (HEAD, "submit") if now == "locked" else (HR, "publish")
            if actor.role != skip:
                self.rate_everything(actor, "", "")
            self.attempt(actor, kind)
        elif now == "published":
            self.now += timedelta(days=15)
            for actor in (HEAD, HR):
                if actor.role != skip:
                    self.attempt(actor, "sign")
            self.attempt(HR, "seal")

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        """Let days go by."""
        self.now += timedelta(days=days)

    @invariant()
    def a_seal_has_both_appraisers_on_every_item(self) -> None:
        """Look at each seal as it was taken."""
        for at in self.seals:
            before = self.steps[: at - 1]
            assert not standing.missing(before, ("head", "hr"))
            signed = standing.signatures(before)
            assert set(signed) == {"head", "hr"}
            assert signed["head"].who != signed["hr"].who
            assert all(appeal.closed for appeal in standing.appeals(before).values())

    @invariant()
    def what_is_sealed_stays_unless_two_people_corrected_it(self) -> None:
        """Compare what is sealed with the seal."""
        for rep_id, kept in (next(iter(self.seals.values()), {})).items():
            now = standing.sealed(self.steps, rep_id)
            assert now is not None
            approved = [step for step in self.steps if step.kind == "approve" and step.rep_id == rep_id]
            assert now["revision"] == 1 + len(approved)
            if not approved:
                assert now == kept
        assert len(self.seals) <= 1

    @invariant()
    def no_reason_is_lost_or_missing(self) -> None:
        """Look for reasons in steps and seals."""
        for step in self.steps:
            if step.kind == "rate":
                found = standing.cards(self.steps[: step.seq - 1])[step.rep_id]["items"]
                item = next(each for each in found if each["metric"] == step.value["item"])
                system = standing.system_score(item)
                if system is not None and Decimal(step.value["score"]) != system:
                    assert str(step.value["reason"]).strip()
        if state(self.steps) == "sealed" and not any(step.kind == "approve" for step in self.steps):
            for (rep_id, name, role), step in standing.ratings(self.steps).items():
                kept = standing.sealed(self.steps, rep_id)
                assert kept is not None
                assert any(
                    (mark["item"], mark["role"], mark["reason"]) == (name, role, step.value.get("reason", ""))
                    for mark in kept["ratings"]
                )


Appraised.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAppraised = Appraised.TestCase
