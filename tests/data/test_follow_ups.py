"""Answers to the day's list are kept with who, when, result and next date; what says too little is refused."""

from datetime import date
from pathlib import Path

import pytest

from data.follow_ups import FollowUpError, FollowUps
from data.records import Records

TODAY = date(2026, 9, 25)


@pytest.fixture
def kept(tmp_path: Path) -> FollowUps:
    return FollowUps(Records(tmp_path / "records.db"))


def test_an_answer_is_kept_with_who_when_result_and_next_date(kept: FollowUps) -> None:
    given = kept.answer(
        "A1", TODAY, "done", who="张伟", reason="promised", result=" 同意试样 ", next_date=date(2026, 9, 29)
    )
    [found] = kept.since(TODAY)
    assert found == given
    assert (found.result, found.next_date, found.who, found.at.tzinfo is not None) == (
        "同意试样", date(2026, 9, 29), "张伟", True,
    )  # fmt: skip
    assert [event.what for event in kept.records.audit("A1")] == ["follow up done"]


def test_only_answers_from_a_day_on_are_given(kept: FollowUps) -> None:
    kept.answer("A1", date(2026, 9, 1), "skipped", who="张伟")
    assert kept.since(TODAY) == []
    assert len(kept.since(date(2026, 9, 1))) == 1


def test_one_takes_back_ones_own_and_nobody_elses(kept: FollowUps) -> None:
    given = kept.answer("A1", TODAY, "skipped", who="张伟")
    kept.withdraw(given.id, who="李强")
    assert len(kept.since(TODAY)) == 1
    kept.withdraw(given.id, who="张伟")
    assert kept.since(TODAY) == []


@pytest.mark.parametrize(
    ("answer", "result", "next_date", "fault"),
    [
        ("called", "", None, "answer"),
        ("done", "  ", None, "result"),
        ("postponed", "", None, "next_date"),
        ("postponed", "", TODAY, "next_date"),
        ("done", "好", date(2026, 9, 1), "next_date"),
    ],
)
def test_what_says_too_little_is_refused(
    kept: FollowUps, answer: str, result: str, next_date: date | None, fault: str
) -> None:
    with pytest.raises(FollowUpError, match=fault):
        kept.answer("A1", TODAY, answer, who="张伟", result=result, next_date=next_date)
    assert kept.since(date(2026, 1, 1)) == []
