"""Real exports through the Imports page of an empty store, and the known figures on the pages afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data.store import Store, Viewer
from kpi.rollup import value
from tests.browser.conftest import serving
from tests.browser.visitor import Visitor
from tests.shared import SHARED, needs_shared

pytestmark = pytest.mark.browser
EXPORTS = SHARED / "data" / "adventureworks" / "exports"
# ../shared/data/README.md: attainment of all reps, plan period by plan period from 2011-05-31.
ATTAINMENT = "0.8218 0.8658 0.8567 0.8196 0.8428 0.8136 0.8906 0.8377 0.7964 0.8365 0.8837 0.8633"
WAIT = 120_000


def test_an_empty_store_asks_for_files(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path / "store") as address:
        visitor = Visitor(page, address)
        for path in ("", "overview", "scorecard", "imports"):
            visitor.open(path)
            assert "还没有数据" in visitor.text, path
        expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
        assert visitor.faults() == []


@needs_shared
def test_real_exports_go_in_through_the_page_and_give_the_known_figures(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with serving(folder) as address:
        visitor = Visitor(page, address)
        visitor.open("imports")
        load(visitor)
        assert " ".join(attainment(Store(folder))) == ATTAINMENT
        visitor.open("overview", me="head")
        expect(page.get_by_test_id("stMetricValue").first).to_have_text("86.33%")
        expect(page.get_by_test_id("stHeading").first).to_contain_text(
            "计划期 2014-03-01 至 2014-06-30 完成计划 86.33%"
        )
        for title, told in (
            ("开发漏斗", "没有阶段的记录"),
            ("客户档案", "A Bike Store"),
            ("专员记分卡", "专员记分卡 ·"),
        ):
            visitor.turn_to(title)
            assert told in visitor.text
        visitor.open("overview", me="head", quarter="2011Q3")
        expect(page.get_by_test_id("stMetricValue").first).to_have_text("82.18%")
        assert visitor.faults() == []


def load(visitor: Visitor) -> None:
    """Drop the four files, look at the preview, import, and put the outcome away."""
    page = visitor.page
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(sorted(EXPORTS.iterdir()))
    page.get_by_role("button", name="检查文件").click()
    expect(page.get_by_text("预览：还没有导入")).to_be_visible(timeout=WAIT)
    for rows in ("1,336 行", "3,806 行", "163 行", "17 行"):
        expect(page.get_by_text(rows).first).to_be_visible()
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_text("已导入：第 1 次导入，数据版本 1。")).to_be_visible(timeout=WAIT)
    visitor.settle()
    assert visitor.faults() == []


def attainment(store: Store) -> list[str]:
    """Return the completion of each plan period to four decimals."""
    rows = value(store.open(Viewer("", "system")), "plan_completion", by=("plan_period",))
    return [f"{row['value']:.4f}" for row in rows]
