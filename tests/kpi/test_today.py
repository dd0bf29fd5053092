"""The day's list on a fixed date: the right accounts for the right reasons, and what answers to it do."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from data.follow_ups import FollowUp
from data.store import Store, Viewer
from kpi import sheet, today
from kpi.today import Due, Facts
from tests.kpi import morning
from tests.kpi.morning import CALM, LEADS, TODAY

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return morning.store(tmp_path_factory.mktemp("morning"))


@pytest.fixture(scope="module")
def con(opened: Store) -> duckdb.DuckDBPyConnection:
    return opened.open(Viewer("张伟", "rep", rep_id="R1", dept="大客户部"))


@pytest.fixture(scope="module")
def found(con: duckdb.DuckDBPyConnection) -> Facts:
    return today.facts(con, "R1")


def note(account: str, answer: str, day: date = TODAY, **more: Any) -> FollowUp:  # noqa: ANN401 - fields of a note
    said = {"id": 1, "reason": "promised", "result": "谈好了", "next_date": None, "who": "张伟"}
    return FollowUp(account_id=account, day=day, answer=answer, at=datetime.now(UTC), **{**said, **more})


def leads(rows: Sequence[Due]) -> dict[str, str]:
    return {row.account_id: row.reasons[0].code for row in rows if row.reasons}


def row_of(rows: Sequence[Due], account: str) -> Due:
    return next(row for row in rows if row.account_id == account)


def test_each_account_is_led_by_its_reason_and_the_calm_ones_are_left_out(found: Facts) -> None:
    rows = today.listed(found)
    assert leads(rows) == LEADS
    assert not set(CALM) & set(leads(rows))
    assert list(leads(rows).values()) == sorted(LEADS.values(), key=today.ORDER.index)


def test_at_most_seven_cards_the_most_urgent_first(found: Facts) -> None:
    shown = today.cards(today.listed(found))
    assert [row.account_id for row in shown] == ["A1", "A2", "A3", "A4", "A5", "A6", "A7"]


def test_another_rep_has_a_list_of_their_own(opened: Store) -> None:
    other = opened.open(Viewer("李强", "rep", rep_id="R2", dept="大客户部"))
    assert set(leads(today.listed(today.facts(other, "R2")))) == {"B1"}
    head = opened.open(Viewer("赵敏", "head", dept="大客户部"))
    assert set(leads(today.listed(today.facts(head)))) == {*LEADS, "B1"}


@pytest.mark.parametrize("answer", ["done", "postponed", "skipped"])
def test_an_answer_puts_the_card_away_for_the_day(found: Facts, answer: str) -> None:
    given = note("A2", answer, next_date=TODAY + 3 * DAY if answer == "postponed" else None)
    rows = today.listed(found, [given])
    assert row_of(rows, "A2").hidden == answer
    assert "A2" not in {row.account_id for row in today.cards(rows)}
    assert "A8" in {row.account_id for row in today.cards(rows)}


def test_what_was_not_for_yesterday_is_for_today_again(found: Facts) -> None:
    rows = today.listed(found, [note("A2", "skipped", TODAY - DAY)])
    assert row_of(rows, "A2").hidden == ""


def test_a_postponement_counts_until_its_day(found: Facts) -> None:
    put_off = note("A2", "postponed", TODAY - 2 * DAY, next_date=TODAY + DAY)
    assert row_of(today.listed(found, [put_off]), "A2").hidden == "postponed"
    due_now = note("A2", "postponed", TODAY - 2 * DAY, next_date=TODAY)
    row = row_of(today.listed(found, [due_now]), "A2")
    assert (row.hidden, row.reasons[0].code) == ("", "promised")


def test_a_noted_contact_counts_until_an_export_holds_it(found: Facts) -> None:
    contact = note("A4", "done", TODAY - DAY)
    row = next((row for row in today.listed(found, [contact]) if row.account_id == "A4"), None)
    assert row is None or row.reasons[0].code != "cadence_red"
    assert today.waiting([contact], []) == [contact]
    assert today.waiting([contact], [TODAY - DAY]) == []
    assert today.waiting([contact], [TODAY - 2 * DAY]) == [contact]


def test_the_newest_note_speaks_on_the_card(found: Facts) -> None:
    row = row_of(today.listed(found, [note("A2", "done", result="同意试样", next_date=TODAY + 5 * DAY)]), "A2")
    assert (row.account["last_words"], row.last_on, row.next_on) == ("同意试样", TODAY, TODAY + 5 * DAY)


def test_the_calendar_holds_what_is_due_today_and_what_was_promised(found: Facts) -> None:
    days = today.planned(found, today.listed(found))
    assert (TODAY, "planned", "A3", "送样") in days
    assert (date(2026, 10, 20), "promised", "A1", "") in days
    assert min(day for day, *_rest in days) == TODAY


def test_the_sheet_before_a_visit(con: duckdb.DuckDBPyConnection) -> None:
    known = sheet.before_visit(con, "A2")
    assert [(row["kdm_name"], row["kdm_title"], row["phone"]) for row in known["people"]] == [
        ("陈刚", "采购总监", "13800138000")
    ]
    assert [row["day"] for row in known["contacts"]] == [date(2026, 9, 22)]
    assert [row["competitor_name"] for row in known["competitors"]] == ["宏图"]
    assert [(row["words"], row["next_date"]) for row in known["promises"]] == [("回复报价", TODAY)]
    assert known["standing"]["stage"] == 1
    assert [row["orders"] for row in sheet.before_visit(con, "A5")["sales"]] == [0, 1, 3]
    assert [row["amount"] for row in sheet.before_visit(con, "A6")["overdue"]] == [5000]


def test_a_clerk_sees_that_there_is_a_number_and_not_the_number(opened: Store) -> None:
    clerk = opened.open(Viewer("内勤", "clerk", dept="大客户部"))
    assert [row["phone"] for row in sheet.before_visit(clerk, "A2")["people"]] == ["有"]
