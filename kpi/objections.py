"""A rep's objection to being charged with a lost account, and the head's answer: records that no build takes over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.records import Decision, Records
from kpi.churn_evidence import REJECT, VERDICT, subject

OBJECTION, ANSWER = "churn_objection", "churn_answer"
UNBUILT = frozenset({OBJECTION, ANSWER})
ACCEPTED, REFUSED = "accepted", "refused"
SUSPECTED = frozenset({"lost_inferred", "lost_waiting"})
CHARGED = SUSPECTED | {"lost_confirmed", "lost_declared"}


class NotConcernedError(PermissionError):
    """Somebody objects to a loss that is not charged to them, or answers without being the head."""


@dataclass(frozen=True)
class Objection:
    """One objection of a rep about one silence (`account|last order day`), with its answer once there is one."""

    made: Decision
    answer: Decision | None = None

    @property
    def silence(self) -> str:
        """The account and its last order day, as verdicts name them."""
        return self.made.subject.rpartition("|")[0]

    @property
    def account_id(self) -> str:
        """The account."""
        return self.silence.rpartition("|")[0]

    @property
    def rep_id(self) -> str:
        """Who objects."""
        return self.made.subject.rpartition("|")[2]

    @property
    def quarter(self) -> str:
        """The quarter in which they were charged with it."""
        return self.made.value


def may_object(row: Mapping[str, Any], rep_id: str) -> bool:
    """Say whether a judged account is charged, or may come to be charged, to this rep."""
    return bool(rep_id) and row["rep_id"] == rep_id and row["reason"] in CHARGED


def file(records: Records, row: Mapping[str, Any], quarter: str, rep_id: str, *, who: str, reason: str) -> Objection:
    """Record a rep's objection to a judged account; raises `NotConcernedError`, `ReasonError`, `ChangedError`."""
    if not may_object(row, rep_id):
        raise NotConcernedError(rep_id)
    about = f"{subject(row)}|{rep_id}"
    return Objection(records.decide(OBJECTION, about, quarter, who=who, reason=reason, seen=0))


def answer(records: Records, objection: Objection, said: str, role: str, *, who: str, reason: str) -> Objection:
    """Record the head's answer; raises `NotConcernedError`, `ReasonError`, `ChangedError`."""
    if role != "head":
        raise NotConcernedError(role)
    answered = records.decide(ANSWER, str(objection.made.id), said, who=who, reason=reason, seen=0)
    return Objection(objection.made, answered)


def settle(records: Records, objection: Objection, *, who: str, reason: str) -> None:
    """Let an accepted objection count: the verdict about that silence is now that it is no loss."""
    found = [each for each in records.decisions(VERDICT) if each.subject == objection.silence]
    records.decide(VERDICT, objection.silence, REJECT, who=who, reason=reason, seen=found[0].id if found else 0)


def listed(records: Records) -> list[Objection]:
    """List all objections in force with their answers, the open ones first, then the newest."""
    answers = {each.subject: each for each in records.decisions(ANSWER)}
    found = [Objection(each, answers.get(str(each.id))) for each in records.decisions(OBJECTION)]
    return sorted(found, key=lambda each: (each.answer is not None, -_moment(each).timestamp()))


def _moment(objection: Objection) -> datetime:
    return (objection.answer or objection.made).decided_at


def readable(found: Iterable[Objection], role: str, rep_id: str, reps: Iterable[str]) -> list[Objection]:
    """Keep those that a viewer is concerned in: a rep's own; for the head those of `reps`, the head's people."""
    if role == "rep":
        return [each for each in found if each.rep_id == rep_id]
    known = set(reps) if role == "head" else set()
    return [each for each in found if each.rep_id in known]
