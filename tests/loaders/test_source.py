"""Columns of awkward tables told before the shape is applied, and remembered for the next file of the form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from data.store import Store, Viewer
from loaders.build import Request, check, load, rebuild
from tests.loaders.whole import facts

Rows = list[list[Any]]
SYSTEM = Viewer("", "system")
PLANS = "select rep_name, strftime(period_start, '%m'), cast(plan_value as int) from sales_plan order by all"


class Folder:
    """A store and the workbooks loaded into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store(path / "store")

    def ask(self, name: str, rows: Rows, answers: dict[str, str] | None = None, **told: Any) -> Request:  # noqa: ANN401
        """Write a workbook of one sheet and ask for it, with answers about its only table."""
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "表"
        for row in rows:
            sheet.append(row)
        file = self.path / f"{name}.xlsx"
        book.save(file)
        return Request([file], answered={(file.name, "表", 1): answers} if answers else {}, who="tests", **told)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the version in force."""
        return self.store.open(SYSTEM).execute(sql).fetchall()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def plan(year: int, first: int) -> Rows:
    """Give a wide plan in 万元 whose person stands under a header that nobody knows."""
    heads = [f"{year}年{month}月(万元)" for month in range(first, first + 4)]
    return [[f"{year}年销售计划"], ["担当", "替补", *heads], ["张伟", "李娜", 1, 2, 3, 4], ["刘洋", "王芳", 5, 6, 7, 8]]


def test_a_column_told_before_the_months_is_remembered_for_other_months(folder: Folder) -> None:
    [asked] = check(folder.store, folder.ask("一", plan(2026, 1), entity="sales_plan"))["files"]
    assert (asked["mapping"]["shape"], asked["source"]["columns"][0]) == ("months", "担当")
    assert asked["source"]["taken"][2:] == ["@shape"] * 4
    told = {"source:0": "rep_name", "source:5": ""}
    [file] = load(folder.store, folder.ask("一", plan(2026, 1), told))["files"]
    assert (file["entity"], file["rejected"], file["mapping"]["fields"]["rep_name"]) == ("sales_plan", 0, "担当")
    assert file["source"]["taken"] == ["rep_name", "", "@shape", "@shape", "@shape", ""]
    months = [("刘洋", "01", 50000), ("刘洋", "02", 60000), ("刘洋", "03", 70000)]
    assert folder.rows(PLANS) == [*months, ("张伟", "01", 10000), ("张伟", "02", 20000), ("张伟", "03", 30000)]
    assert '"替补":"李娜"' in folder.rows("select extra from sales_plan where plan_value = 10000")[0][0]
    before = facts(folder.store)
    rebuild(folder.store)
    assert facts(folder.store) == before
    [file] = load(folder.store, folder.ask("二", plan(2026, 5)))["files"]
    assert (file["mapping"]["remembered"], file["rejected"], file["inserted"]) == (True, 0, 8)


def test_columns_that_no_shape_knows_become_months_when_told(folder: Folder) -> None:
    rows: Rows = [["2026年"], ["姓名", "M1", "M2", "M3"], ["张伟", 1, 2, 3]]
    told = {"source:1": "1月", "source:2": "2月", "source:3": "3月"}
    for name in ("一", "二"):
        asked = folder.ask(name, rows, told if name == "一" else None, entity="sales_plan" if name == "一" else None)
        [file] = load(folder.store, asked)["files"]
        assert file["mapping"]["shape"] == "months"
        assert folder.rows(PLANS) == [("张伟", "01", 1), ("张伟", "02", 2), ("张伟", "03", 3)]
    assert file["source"]["taken"] == ["rep_name", "1月", "2月", "3月"]
    at = file["mapping"]["numbers"]["period"]
    assert all(row["read"][at] == row["typed"]["period"] for row in file["became"])


def test_columns_of_lists_side_by_side_are_told_apart_by_their_place(folder: Folder) -> None:
    heads = ["客户编号", "客户名称", "客户等级", "所属行业", "负责人", "备注", None, "工号", "姓名", "岗位", "备注"]
    rows: Rows = [heads, ["A1", "华晟机械", "A", "电机", "张伟", "一类", None, "R1", "张伟", "专员", "大客户一部"]]
    rows += [
        ["A2", "东方重工", "B", "重工", "刘洋", "二类", None, "R2", "刘洋", "专员", "大客户二部"],
        ["A3", "科达", "B", "电子", "张伟", "二类"],
    ]
    [left, right] = check(folder.store, folder.ask("并排", rows))["files"]
    assert [left["mapping"]["shape"], left["entity"], right["entity"]] == ["beside", "account", "rep"]
    load(folder.store, folder.ask("并排", rows, {"source:9": "dept"}))
    assert folder.rows("select rep_id, dept from rep order by 1") == [("R1", "大客户一部"), ("R2", "大客户二部")]
    assert folder.rows("select extra from account order by account_id") == [
        ('{"备注":"一类"}',), ('{"备注":"二类"}',), ('{"备注":"二类"}',)
    ]  # fmt: skip
    again = check(folder.store, folder.ask("再并排", [*rows, ["A4", "瑞丰", "A", "食品", "刘洋", "一类"]]))
    assert [file["mapping"]["remembered"] for file in again["files"]] == [True, True]
    assert again["files"][1]["mapping"]["fields"]["dept"] == "备注"


def test_a_fault_names_the_column_as_the_file_writes_it(folder: Folder) -> None:
    rows = plan(2026, 1)
    rows[2][2] = "面议"
    [file] = load(folder.store, folder.ask("错", rows, {"source:0": "rep_name"}))["files"]
    assert [(fault["row"], fault["value"]) for fault in file["errors"]] == [(3, "面议")]


def test_a_role_that_does_not_exist_is_refused(folder: Folder) -> None:
    refused = check(folder.store, folder.ask("错", plan(2026, 1), {"source:0": "x"}))["refused"]
    assert (refused["code"], "x" in refused["en"]) == ("unknown_field", True)
