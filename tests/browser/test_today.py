"""A rep's morning on a phone, on a fixed date: the right accounts, an answer that counts, sheet, calendar file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import serving
from tests.browser.visitor import Visitor
from tests.kpi import morning

pytestmark = pytest.mark.browser
FIRST = ("A1", "A2", "A3", "A4", "A5", "A6", "A7")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(morning.store(tmp_path_factory.mktemp("morning")).folder) as address:
        yield address


@pytest.fixture
def phone(browser: Browser, served: str) -> Iterator[Visitor]:
    """Give R1's phone, opened at the address without a page: where a rep starts."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
    visitor = Visitor(context.new_page(), served)
    visitor.open("", me="R1")
    yield visitor
    context.close()


def cards(page: Page) -> list[str]:
    """Return the accounts on the cards, from the first."""
    found = page.locator("[class*='st-key-done-']").evaluate_all("nodes => nodes.map(node => node.className)")
    return [name.split("st-key-done-")[1].split(" ")[0] for name in found]


def press(page: Page, what: Locator) -> None:
    """Press something in the middle of the screen, clear of the bar at its bottom."""
    what.evaluate("node => node.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(200)
    what.click()


def test_a_rep_starts_with_the_right_accounts_the_most_urgent_first(phone: Visitor) -> None:
    expect(phone.page.get_by_role("heading", name="今天 7 件")).to_be_visible()
    assert tuple(cards(phone.page)) == FIRST
    phone.says("答应今天：回复报价")
    phone.says("再 6 天到流失判定线")
    assert "客户B1" not in phone.text
    assert phone.faults() == []


def test_nothing_is_wider_than_the_phone_and_the_thumb_bar_stays(phone: Visitor) -> None:
    page = phone.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    bar = page.locator(".st-key-thumb-bar").bounding_box()
    assert bar is not None
    assert round(bar["y"] + bar["height"]) == 844


def test_the_sheet_before_a_visit_opens_on_the_card(phone: Visitor) -> None:
    phone.page.locator(".st-key-sheet-A2 button").click()
    dialog = phone.page.get_by_role("dialog")
    expect(dialog.locator("a[href='tel:13800138000']")).to_be_visible()
    told = dialog.inner_text()
    assert [word for word in ("陈刚", "采购总监", "宏图", "回复报价") if word not in told] == []


def test_contacted_asks_for_a_result_then_the_next_card_moves_up(phone: Visitor) -> None:
    page = phone.page
    page.locator(".st-key-done-A2 button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="记下").click()
    expect(dialog.get_by_text("请写一句结果")).to_be_visible()
    dialog.get_by_role("textbox", name="结果").fill("同意下周二试样")
    dialog.get_by_text("客户A2").click()
    phone.settle()
    dialog.get_by_role("button", name="记下").click()
    expect(page.locator(".st-key-done-A2")).to_have_count(0)
    expect(page.locator(".st-key-done-A8")).to_have_count(1)
    phone.settle()
    phone.says("同意下周二试样")
    press(page, page.get_by_role("button", name="撤回"))
    expect(page.locator(".st-key-done-A2")).to_have_count(1)
    assert phone.faults() == []


def test_the_calendar_is_a_file_for_other_programs(phone: Visitor, tmp_path: Path) -> None:
    page = phone.page
    press(page, page.get_by_role("tab", name="日历"))
    with page.expect_download() as got:
        press(page, page.get_by_role("button", name="导出日历 .ics"))
    got.value.save_as(tmp_path / "follow-up.ics")
    written = (tmp_path / "follow-up.ics").read_bytes().replace(b"\r\n ", b"").decode()
    assert written.startswith("BEGIN:VCALENDAR\r\n")
    assert "SUMMARY:客户A2 · 答应今天：回复报价\r\n" in written
    assert "DTSTART;VALUE=DATE:20260925\r\n" in written
