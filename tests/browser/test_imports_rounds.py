"""The rounds of an import: told columns, rows corrected, a cancel, an undo, and the clerk's week with finance."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from data.store import Store, Viewer
from loaders.build import Request, load
from tests.browser.conftest import serving
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser
WAIT = 60_000
PEOPLE = "工号,姓名,岗位,部门\nN01,王芳,内勤,大客户部\nR01,张伟,专员,大客户部\n"
HEAD = "订单编号,下单日期,客户编号,客户名称,业务员,订单金额\n"
ORDERS = HEAD + "SO1,2026-09-01,A1,华晟,张伟,100\nSO2,2026-09-02,A1,华晟,张伟,200\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    """Serve a department of two orders, the second of which is gone from a later, complete export."""
    folder = tmp_path_factory.mktemp("rounds")
    store = Store(folder / "store")
    span = (date(2026, 9, 1), date(2026, 9, 30))
    for name, texts, told in (
        ("一", {"人员.csv": PEOPLE, "订单.csv": ORDERS}, {"exported_on": date(2026, 9, 5)}),
        (
            "二",
            {"订单.csv": "\n".join(ORDERS.splitlines()[:2])},
            {"exported_on": date(2026, 9, 12), "complete_for": span},
        ),
    ):
        paths = [written(folder / name / file, text) for file, text in texts.items()]
        load(store, Request(paths, who="tests", **told))
    with serving(store.folder) as address:
        yield store, address


@pytest.fixture(autouse=True)
def _tidy(served: tuple[Store, str]) -> Iterator[None]:
    """Put away what a failed test left open, so that it fails alone."""
    yield
    shutil.rmtree(served[0].folder / "jobs", ignore_errors=True)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.open(Viewer("", "system")).execute(sql).fetchall()


def drop(visitor: Visitor, *files: Path, place: int = 0) -> None:
    visitor.page.get_by_test_id("stFileUploaderDropzoneInput").nth(place).set_input_files(files)
    visitor.settle()


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name).first.click()
    visitor.settle()


def see(visitor: Visitor, text: str) -> None:
    expect(visitor.page.get_by_text(text).first).to_be_visible(timeout=WAIT)
    visitor.settle()


def point(visitor: Visitor, x: int, within: str = "stMain", text: str = "") -> None:
    """Click into the first row of the first table within a part of the page."""
    part = visitor.page.get_by_test_id(within).filter(has_text=text).last
    box = part.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + x, box["y"] + 52)
    visitor.settle()


def put_in(visitor: Visitor, *files: Path) -> None:
    """Drop files, look at the preview, import."""
    drop(visitor, *files)
    press(visitor, "检查文件")
    see(visitor, "预览：还没有导入")
    visitor.page.get_by_role("button", name="导入", exact=True).click()
    see(visitor, "已导入：第")


def test_faulty_rows_come_home_and_are_cleared_by_their_correction(
    page: Page, served: tuple[Store, str], tmp_path: Path
) -> None:
    store, address = served
    visitor = Visitor(page, address)
    visitor.open("imports", me="N01")
    put_in(
        visitor,
        written(tmp_path / "补.csv", HEAD + "SO3,2026-09-03,A1,华晟,张伟,面议\nSO4,2026-09-04,A1,华晟,张伟,4\n"),
    )
    link = page.get_by_role("link", name=re.compile("下载 补.csv 的错误行（1 处）")).get_attribute("href")
    home = tmp_path / "改.xlsx"
    home.write_bytes(page.request.get(urljoin(address, link or "")).body())
    book = load_workbook(home)
    sheet = book.active
    assert sheet is not None
    spot = next(cell for line in sheet.iter_rows() for cell in line if cell.value == "面议")
    assert spot.fill.fgColor.rgb != "00000000"
    spot.value = 300
    book.save(home)
    press(visitor, "完成")
    put_in(visitor, home)
    press(visitor, "完成")
    assert rows(store, "select cast(amount as int) from orders where order_no = 'SO3'") == [(300,)]
    assert rows(store, "select count(*) filter (where cleared_by is null), count(*) from source_error") == [(0, 1)]
    assert visitor.faults() == []


def test_a_check_that_waits_is_cancelled_and_leaves_nothing(
    page: Page, served: tuple[Store, str], tmp_path: Path
) -> None:
    store, address = served
    before = store.version
    visitor = Visitor(page, address)
    visitor.open("imports", me="N01")
    with store.locked(who="别人"):
        drop(visitor, written(tmp_path / "等.csv", ORDERS))
        page.get_by_role("button", name="检查文件").click()
        see(visitor, "正在排队，等另一次导入完成")
        press(visitor, "取消")
        expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible(timeout=WAIT)
    assert store.version == before
    assert list((store.folder / "jobs").iterdir()) == []


def test_a_load_is_undone_after_a_yes(page: Page, served: tuple[Store, str], tmp_path: Path) -> None:
    store, address = served
    visitor = Visitor(page, address)
    visitor.open("imports", me="N01")
    put_in(visitor, written(tmp_path / "多.csv", HEAD + "SO9,2026-09-09,A1,华晟,张伟,900\n"))
    press(visitor, "完成")
    point(visitor, 15)
    press(visitor, "撤销这次导入")
    page.get_by_role("dialog").get_by_role("button", name="撤销", exact=True).click()
    see(visitor, "已撤销第")
    press(visitor, "完成")
    assert rows(store, "select * from orders where order_no = 'SO9'") == []
    assert visitor.faults() == []


def test_a_column_is_told_before_the_layout_is_taken_apart(
    page: Page, served: tuple[Store, str], tmp_path: Path
) -> None:
    store, address = served
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (["2026年销售计划"], ["担当", "1月", "2月", "3月"], ["张伟", 1000, 2000, 3000]):
        sheet.append(line)
    file = tmp_path / "计划.xlsx"
    book.save(file)
    visitor = Visitor(page, address)
    visitor.open("imports", me="N01")
    drop(visitor, file)
    press(visitor, "检查文件")
    see(visitor, "预览：还没有导入")
    page.get_by_label("这张表是").click()
    page.get_by_role("option", name="销售计划").click()
    press(visitor, "按修改重新检查")
    see(visitor, "拆开后")
    point(visitor, 200, "stExpander", "拆开后")
    page.keyboard.press("Enter")
    page.locator("#portal").get_by_text("人员", exact=True).click()
    visitor.settle()
    press(visitor, "按修改重新检查")
    expect(page.get_by_role("button", name="导入", exact=True)).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="导入", exact=True).click()
    see(visitor, "已导入：第")
    press(visitor, "完成")
    assert rows(store, "select distinct rep_id from sales_plan") == [("R01",)]
    assert visitor.faults() == []


def test_the_clerk_answers_reconciles_and_publishes(page: Page, served: tuple[Store, str], tmp_path: Path) -> None:
    store, address = served
    visitor = Visitor(page, address)
    visitor.open("week", me="N01")
    visitor.says("上次有、这次没有的订单：1 张待答")
    press(visitor, "作废")
    visitor.says("请先写明原因，再作废或保留。")
    page.get_by_label("原因（必填，记入日志）").fill("客户取消")
    page.keyboard.press("Enter")
    visitor.settle()
    press(visitor, "作废")
    visitor.says("1 个答复还没有计入指标，发布后生效。")
    drop(visitor, written(tmp_path / "财务.csv", "订单编号,日期,金额\nSO1,2026-09-01,150\n"), place=1)
    visitor.says("差额由")
    press(visitor, "发布")
    see(visitor, "已发布：数据版本")
    press(visitor, "完成")
    assert rows(store, "select count(*) from vanished_order")[0][0] == 1
    drop(visitor, written(tmp_path / "周.csv", HEAD + "SO5,2026-09-10,A1,华晟,张伟,500\n"))
    press(visitor, "检查文件")
    see(visitor, "预览：还没有导入")
    page.get_by_role("button", name="导入", exact=True).click()
    see(visitor, "已导入：第")
    press(visitor, "完成")
    assert visitor.faults() == []
