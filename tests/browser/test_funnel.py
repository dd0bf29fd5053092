"""The funnel in a browser: choose a model, switch the view, click a bar, reach the account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serving
from tests.browser.visitor import Visitor
from tests.kpi import morning

pytestmark = pytest.mark.browser
PARTS = ("流向", "时间", "分组与对比", "展望", "危机与忠诚", "各流程对账")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(morning.store(tmp_path_factory.mktemp("funnel")).folder) as address:
        yield address


@pytest.fixture
def head(page: Page, served: str) -> Visitor:
    visitor = Visitor(page, served)
    visitor.open("funnel", me="M1")
    return visitor


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("radio", name=name, exact=True).click()
    visitor.settle()


def test_a_model_and_a_view_are_chosen_and_the_model_stays_in_the_address(head: Visitor) -> None:
    expect(head.page.get_by_role("combobox", name="流程")).to_have_value("五阶段大客户开发流程")
    head.page.get_by_role("combobox", name="流程").click()
    head.page.get_by_role("option", name="大客户开发四步").click()
    head.settle()
    assert head.query["model"] == "four_step"
    assert head.received("培养感情")
    press(head, "期末快照")
    head.says("没有转化率")
    assert head.faults() == []


def test_a_click_on_a_bar_lists_its_accounts_and_one_opens_its_page(head: Visitor) -> None:
    page = head.page
    bars = page.locator(".barlayer .trace").nth(1).locator(".point path")
    box = bars.first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("radio", name="在途", exact=True)).to_be_checked()
    head.settle()
    grid = page.locator(".st-key-funnel-members")
    grid.evaluate("node => node.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(300)
    place = grid.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + 20, place["y"] + 52)
    page.wait_for_url("**/account?**")
    head.settle()
    assert head.query["account"] in morning.LEADS or head.query["account"] in {*morning.CALM, "B1"}
    assert head.faults() == []


def test_every_part_of_the_page_draws(head: Visitor) -> None:
    for part in PARTS:
        press(head, part)
        assert head.faults() == [], part
    head.says("每个客户在每个流程中恰好出现一次：各行合计都是 10 户")
