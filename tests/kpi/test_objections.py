"""A rep's objection to a loss and the head's answer: who may make it, who may read it, what it changes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from data.records import ChangedError, ReasonError, Records
from data.store import Store
from kpi import objections
from kpi.churn_evidence import VERDICT
from loaders.draft import settings_of

if TYPE_CHECKING:
    from pathlib import Path

LOST: dict[str, Any] = {
    "account_id": "A|1",
    "last_order": date(2025, 12, 20),
    "rep_id": "R1",
    "reason": "lost_inferred",
}


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "records.db")


def filed(records: Records) -> objections.Objection:
    return objections.file(records, LOST, "2026Q2", "R1", who="张伟", reason="停产检修")


@pytest.mark.parametrize(
    ("change", "rep", "may"),
    [
        ({}, "R1", True),
        ({"reason": "lost_waiting"}, "R1", True),
        ({"reason": "lost_declared"}, "R1", True),
        ({"reason": "lost_confirmed"}, "R1", True),
        ({"reason": "active"}, "R1", False),
        ({"reason": "not_key"}, "R1", False),
        ({"rep_id": "R2"}, "R1", False),
        ({"rep_id": ""}, "", False),
    ],
)
def test_only_a_loss_of_ones_own_can_be_objected_to(
    records: Records, change: dict[str, str], rep: str, *, may: bool
) -> None:
    row = LOST | change
    assert objections.may_object(row, rep) is may
    if may:
        return
    with pytest.raises(objections.NotConcernedError):
        objections.file(records, row, "2026Q2", rep, who="张伟", reason="停产检修")
    assert objections.listed(records) == []


def test_an_objection_names_its_silence_and_needs_a_reason(records: Records) -> None:
    with pytest.raises(ReasonError):
        objections.file(records, LOST, "2026Q2", "R1", who="张伟", reason="  ")
    made = filed(records)
    assert (made.silence, made.account_id, made.rep_id) == ("A|1|2025-12-20", "A|1", "R1")
    assert (made.quarter, made.answer) == ("2026Q2", None)
    with pytest.raises(ChangedError):
        filed(records)


def test_only_the_head_answers_once_and_with_a_reason(records: Records) -> None:
    made = filed(records)
    for role in ("rep", "hr", "clerk", "system"):
        with pytest.raises(objections.NotConcernedError):
            objections.answer(records, made, objections.REFUSED, role, who="周静", reason="无")
    with pytest.raises(ReasonError):
        objections.answer(records, made, objections.REFUSED, "head", who="赵敏", reason="")
    objections.answer(records, made, objections.REFUSED, "head", who="赵敏", reason="客户已转投同行")
    with pytest.raises(ChangedError):
        objections.answer(records, made, objections.ACCEPTED, "head", who="赵敏", reason="改主意")
    (found,) = objections.listed(records)
    assert found.answer is not None
    assert (found.answer.value, found.answer.reason) == ("refused", "客户已转投同行")
    assert records.decisions(VERDICT) == []


def test_an_accepted_one_turns_the_heads_own_verdict_round(records: Records) -> None:
    made = filed(records)
    records.decide(VERDICT, made.silence, "confirm", who="赵敏", reason="没有订单")
    objections.settle(records, made, who="赵敏", reason="停产证明已收到")
    assert [(each.subject, each.value) for each in records.decisions(VERDICT)] == [("A|1|2025-12-20", "reject")]


def test_those_concerned_read_it_and_nobody_else(records: Records) -> None:
    found = [filed(records)]
    seen = {
        (role, rep): len(objections.readable(found, role, rep, people))
        for role, rep, people in (
            ("rep", "R1", ()),
            ("rep", "R2", ("R1", "R2")),
            ("head", "", ("R1", "R2")),
            ("hr", "", ("R1",)),
            ("clerk", "", ("R1",)),
            ("system", "", ("R1",)),
        )
    }
    assert {who for who, count in seen.items() if count} == {("rep", "R1"), ("head", "")}
    assert objections.readable(found, "head", "", ("R9",)) == []


def test_the_open_ones_come_first(records: Records) -> None:
    first = filed(records)
    later = objections.file(records, LOST | {"account_id": "B"}, "2026Q2", "R1", who="张伟", reason="已补单")
    objections.answer(records, later, objections.REFUSED, "head", who="赵敏", reason="未见订单")
    assert [each.account_id for each in objections.listed(records)] == [first.account_id, "B"]


def test_no_build_takes_over_what_was_said(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.db")
    made = filed(records)
    objections.answer(records, made, objections.ACCEPTED, "head", who="赵敏", reason="停产证明已收到")
    objections.settle(records, made, who="赵敏", reason="停产证明已收到")
    taken = settings_of(Store(tmp_path), records).decisions
    assert [(each["kind"], each["value"]) for each in taken] == [("churn", "reject")]
