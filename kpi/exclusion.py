"""Losses left out of the scored churn (破产, 并购, 公司主动终止): the head proposes, HR approves (domain.md §3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from data.appraisals import Step
from kpi.parameters import defaults

SETTING = "appraisal_excludes"
NO_CAUSE = "无"
PROPOSE, APPROVE, WITHDRAW = "exclude", "exclude_approve", "exclude_withdraw"
KINDS = (PROPOSE, APPROVE, WITHDRAW)
WORDS = {"破产": "bankruptcy", "并购": "merger", "公司主动终止": "terminated by ourselves"}


@dataclass(frozen=True)
class Exclusion:
    """One approved record: the loss (account and its last order day), the cause, and who decided when and why."""

    account_id: str
    day: str
    cause: str
    reason: str
    proposed_by: str
    proposed_at: str
    approved_by: str
    approved_at: str

    @property
    def loss(self) -> tuple[str, str]:
        """The loss that it is about."""
        return (self.account_id, self.day)


@dataclass(frozen=True)
class Asked:
    """A proposal with HR's approval, and the step that ended it: withdrawn by either, or declined by HR."""

    proposed: Step
    approved: Step | None = None
    ended: Step | None = None

    @property
    def open(self) -> bool:
        """Whether it waits for HR."""
        return self.approved is None and self.ended is None

    @property
    def counts(self) -> bool:
        """Whether the loss is left out of what is scored."""
        return self.approved is not None and self.ended is None

    @property
    def record(self) -> Exclusion:
        """Write it down by value."""
        said, approved = self.proposed.value, self.approved or self.proposed
        words = (str(said.get(name, "")) for name in ("account_id", "day", "cause", "reason"))
        signed = (step_of for each in (self.proposed, approved) for step_of in (each.who, each.at.isoformat()))
        return Exclusion(*words, *signed)


def subject(account_id: str, day: str) -> str:
    """Name the loss that a step is about: the account and its last order day, so that a new order asks anew."""
    return f"{account_id}|{day}"


def asked(steps: Iterable[Step]) -> dict[str, Asked]:
    """Give the newest proposal about each loss, by `subject`."""
    found: dict[str, Asked] = {}
    for step in steps:
        loss = str(step.value.get("loss", ""))
        if step.kind == PROPOSE:
            found[loss] = Asked(step)
        elif loss in found and step.kind == APPROVE:
            found[loss] = replace(found[loss], approved=step)
        elif loss in found and step.kind == WITHDRAW:
            found[loss] = replace(found[loss], ended=step)
    return found


def in_force(steps: Iterable[Step]) -> tuple[Exclusion, ...]:
    """Give the approved records that nobody withdrew."""
    return tuple(each.record for each in asked(steps).values() if each.counts)


def moves(step: Step) -> bool:
    """Tell whether a step changes what is scored."""
    return step.kind == APPROVE or (step.kind == WITHDRAW and bool(step.value.get("counted")))


def causes(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """List the causes that the company lets be left out; the setting 无 allows none."""
    said = parameters.get(SETTING) or defaults()[SETTING]
    return tuple(cause for cause in said.split(",") if cause != NO_CAUSE)


def cause_words(cause: str, language: str) -> str:
    """Word a cause; one of the company's own stands for itself."""
    return WORDS.get(cause, cause) if language == "en" else cause


LOSSES = """
select account_id, rep_id, cast(day as varchar) as day, reason, cast(reason_date as varchar) as reason_date
from contribution_churn where quarter = ? and coalesce(dept, '未归属') = ? and numerator > 0 order by rep_id, account_id
"""


def losses(cur: duckdb.DuckDBPyConnection, dept: str, quarter: str) -> list[dict[str, Any]]:
    """List the losses that a department's headline churn counts: account_id, rep_id, day, reason, reason_date."""
    result = cur.execute(LOSSES, [quarter, dept])
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def worded(records: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """Say of each record, as written down, who left out what, when and why."""
    return [_said(each, language) for each in records]


def _said(each: Mapping[str, Any], language: str) -> str:
    cause, told = cause_words(str(each["cause"]), language), {**each}
    days = {name: str(each[name])[:10] for name in ("proposed_at", "approved_at")}
    told |= days | {"cause": cause}
    if language == "en":
        return (
            "{account_id} (last order {day}): {cause} — {reason}; proposed by {proposed_by} on {proposed_at}, "
            "approved by {approved_by} on {approved_at}"
        ).format(**told)
    return (
        "{account_id}（最近订单 {day}）：{cause}——{reason}；{proposed_by} 于 {proposed_at} 提出，"
        "{approved_by} 于 {approved_at} 批准"
    ).format(**told)
