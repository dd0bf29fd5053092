"""Every page in a browser, for everyone who may open it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app import PAGES
from data.store import Store, Viewer
from pages.parts.shell import allowed
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser
PEOPLE = {"head": "M01", "hr": "H01", "clerk": "N01", "rep": "R03"}
REFUSED = "您的岗位不能打开这一页"


@pytest.mark.parametrize("role", PEOPLE)
def test_every_page_of_a_role_opens_without_a_fault(visitor: Visitor, role: str) -> None:
    entries = allowed(PAGES, role)
    visitor.open(entries[0].url, me=PEOPLE[role])
    for entry in entries:
        if entry is not entries[0]:
            visitor.turn_to(entry.title)
        expect(visitor.page.get_by_test_id("stMainBlockContainer")).to_contain_text("本机模式")
        assert REFUSED not in visitor.text
        assert visitor.faults() == [], entry.path
    menu = visitor.page.get_by_test_id("stTopNavLink").all_inner_texts()
    assert [title.splitlines()[-1] for title in menu] == [entry.title for entry in entries]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_shows_the_scorecard_without_sideways_scrolling(visitor: Visitor, language: str) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.page.emulate_media(color_scheme="dark")
    visitor.open("scorecard", me="R03", lang=language)
    main = visitor.page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0
    assert visitor.faults() == []


@pytest.mark.parametrize(("person", "path"), [("R03", "overview"), ("R03", "imports"), ("H01", "imports")])
def test_a_page_of_others_is_refused(visitor: Visitor, person: str, path: str) -> None:
    visitor.open(path, me=person)
    assert REFUSED in visitor.text
    assert visitor.page.locator("[data-testid=stMetric], [data-testid=stFileUploader]").count() == 0
    assert visitor.faults() == []


def test_nobody_sees_anything_before_saying_who_they_are(visitor: Visitor) -> None:
    visitor.open("overview")
    visitor.says("您是谁？")
    assert visitor.page.get_by_test_id("stMetric").count() == 0
    visitor.page.get_by_role("button", name="张伟").click()
    expect(visitor.page.get_by_test_id("stTopNavLink").first).to_be_visible()
    visitor.settle()
    assert visitor.query["me"] == "R03"


def test_the_evidence_adds_up_to_the_card(visitor: Visitor) -> None:
    visitor.open("overview", me="M01")
    value = visitor.page.get_by_test_id("stMetricValue").first.inner_text()
    visitor.page.get_by_role("button", name="查看依据").first.click()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"= {value}")
    visitor.settle()
    assert visitor.faults() == []


def accounts(store: Store, rep: str) -> tuple[set[str], set[str]]:
    """Return names and numbers of the accounts that a rep ever held, and of those that they never held."""
    cursor = store.open(Viewer("", "system"))
    own = set(cursor.execute("select account_id from tenure where rep_id = ?", [rep]).fetchall())
    mine: set[str] = set()
    others: set[str] = set()
    for number, name in cursor.execute("select account_id, account_name from account").fetchall():
        (mine if (number,) in own else others).update({number, name} - {None})
    return mine, {text for text in others if not any(text in each for each in mine)}


def test_a_rep_receives_no_account_of_another_rep(visitor: Visitor, sample_store: Store) -> None:
    mine, others = accounts(sample_store, "R03")
    entries = allowed(PAGES, "rep")
    visitor.open(entries[0].url, me="R03")
    for entry in entries[1:]:
        visitor.turn_to(entry.title)
    for path, query in (("scorecard", {"rep": "R01"}), ("account", {"account": "KH0001"}), ("overview", {})):
        visitor.open(path, me="R03", **query)
    assert len(others) > 100
    assert len({text for text in mine if visitor.received(text)}) > len(mine) / 2, "the scan does not see what came in"
    asked_for = {"KH0001"}  # what this address itself says may be echoed; its name may not
    assert {text for text in others - asked_for if visitor.received(text)} == set()


def test_filters_stay_over_pages_and_in_the_address(visitor: Visitor) -> None:
    visitor.open("overview", me="M01")
    choose(visitor, "季度", "2026年第一季度")
    choose(visitor, "专员", "张伟")
    for title in ("专员记分卡", "开发漏斗", "客户档案", "季度总览"):
        visitor.turn_to(title)
        assert (visitor.query["quarter"], visitor.query["rep"]) == ("2026Q1", "R03")
        assert chosen(visitor) == ["2026年第一季度", "张伟"]
    visitor.page.reload()
    visitor.settle()
    assert chosen(visitor) == ["2026年第一季度", "张伟"]
    assert visitor.faults() == []


def choose(visitor: Visitor, label: str, wanted: str) -> None:
    """Choose in a filter and wait until the address says it."""
    before = visitor.page.url
    visitor.page.get_by_role("combobox", name=label, exact=True).click()
    visitor.page.get_by_role("option", name=wanted).click()
    visitor.page.wait_for_url(lambda url: url != before)
    visitor.settle()


def chosen(visitor: Visitor) -> list[str]:
    """Return what the filters show."""
    return [visitor.page.get_by_role("combobox", name=label, exact=True).input_value() for label in ("季度", "专员")]


def test_the_language_changes_everything_and_stays(visitor: Visitor) -> None:
    visitor.open("overview", me="M01")
    visitor.page.get_by_role("radio", name="EN").click()
    expect(visitor.page.get_by_test_id("stTopNavLink").first).to_contain_text("Overview")
    visitor.settle()
    visitor.turn_to("Scorecard")
    assert visitor.query["lang"] == "en"
    visitor.says("Rep scorecards · 2026 Q3")
    assert visitor.faults() == []
