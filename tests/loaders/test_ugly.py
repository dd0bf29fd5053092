"""Workbooks as sales departments draw them, loaded through the command line and compared value by value."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data.store import Store, Viewer
from loaders.__main__ import main

Rows = list[list[Any]]
ORDERS = "select order_no, order_date, account_name, rep_id, amount from orders order by order_no, amount desc"
HEAD = ["订单编号", "下单日期", "客户名称", "订单金额"]


@dataclass(frozen=True)
class Loaded:
    """What loading a file said, and the store it went into."""

    document: dict[str, Any]
    store: Store

    @property
    def kinds(self) -> list[tuple[str | None, int, int]]:
        """What each table was taken for, its rows and how many of them were rejected."""
        return [(file["entity"], file["rows"], file["rejected"]) for file in self.document["files"]]

    @property
    def codes(self) -> set[str]:
        """The codes of all notes."""
        return {note["code"] for file in self.document["files"] for note in file["notes"]}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the facts in force."""
        with self.store.open(Viewer("tests", "system")) as con:
            return con.execute(sql).fetchall()


@pytest.fixture
def loading(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Loaded]:
    def load(path: Path, *words: str) -> Loaded:
        folder = str(tmp_path / "store")
        code = main(["load", str(path), "--store", folder, "--json", *words])
        document = json.loads(capsys.readouterr().out)
        assert code == 0, document
        return Loaded(document, Store(Path(folder)))

    return load


def book(folder: Path, sheets: dict[str, Rows], *merged: str, hidden: str = "") -> Path:
    """Write a workbook; `merged` are ranges of its first sheet."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name == hidden:
            sheet.sheet_state = "hidden"
    for cells in merged:
        made.worksheets[0].merge_cells(cells)
    made.save(folder / "表.xlsx")
    return folder / "表.xlsx"


def text(path: Path, rows: Rows, encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows(rows)
    return path


def money(value: str) -> Decimal:
    return Decimal(value).quantize(Decimal("0.0001"))


def test_a_report_with_everything_around_its_rows(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    rows: Rows = [
        ["2026年第三季度大客户订单明细表"],
        ["单位：万元", None, None, None, None, None, "导出日期：2026-09-30"],
        ["订单信息", None, "客户信息", None, "业务员", "金额信息", None, "备注"],
        ["订单编号", "下单日期", "客户编号", "客户名称", None, "金额", "数量"],
        ["SO-001", date(2026, 7, 1), "K001", "华东精密", " 张伟 ", 3.5, 10],
        ["SO-002", "2026.7.3", "K002", "北方化工", "李娜", "(0.5)", "２", "退"],
        ["小计", None, None, None, None, 3.0, 12],
        ["订单信息", None, "客户信息", None, "业务员", "金额信息", None, "备注"],
        ["订单编号", "下单日期", "客户编号", "客户名称", None, "金额", "数量"],
        ["SO-003", "2026年7月5日", "K001", "华东精密", "张伟", "１．２", 1],
        ["SO-004", "26/7/6", "K003", "南洋", "张伟", "3.5亿", 1],
        ["合计", None, None, None, None, 9, 14],
        [],
        ["注：以上金额不含运费"],
        ["制表人：王芳", "审核：李强"],
    ]
    found = loading(book(tmp_path, {"Q3": rows}, "A1:H1", "A3:B3", "C3:D3", "E3:E4", "F3:G3", "H3:H4"))
    assert found.kinds == [("orders", 4, 0)]
    assert found.codes >= {"double_header", "total_rows", "repeated_header", "text_below"}
    assert found.rows(ORDERS) == [
        ("SO-001", date(2026, 7, 1), "华东精密", "张伟", money("35000")),
        ("SO-002", date(2026, 7, 3), "北方化工", "李娜", money("-5000")),
        ("SO-003", date(2026, 7, 5), "华东精密", "张伟", money("12000")),
        ("SO-004", date(2026, 7, 6), "南洋", "张伟", money("350000000")),
    ]
    assert found.rows("select known_on from delivery")[:1] == [(date(2026, 9, 30),)]


def test_captions_over_the_header_are_no_groups(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    rows: Rows = [["单位：万元", None, None, "导出日期：2026-09-30"], HEAD, ["S1", date(2026, 1, 5), "甲", 5]]
    found = loading(book(tmp_path, {"订单": rows}))
    assert found.rows(ORDERS) == [("S1", date(2026, 1, 5), "甲", None, money("50000"))]
    assert found.document["files"][0]["mapping"]["columns"] == HEAD


def test_merged_cells_hold_for_every_row_and_amounts_once(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    day = date(2026, 1, 5)
    rows: Rows = [
        ["客户名称", "单号", "日期", "品名", "数量", "金额", "业务员"],
        ["甲公司", 10001, day, "轴承", 2, 100, "张伟"],
        [None, None, None, "齿轮", 1, 50],
        [None, 10002, day, "轴承", 2, 70],
        ["乙公司", 10003, day, "轴承", 2, 300, "李娜"],
    ]
    found = loading(book(tmp_path, {"销售单": rows}, "A2:A4", "B2:B3", "C2:C3", "G2:G4"))
    assert found.rows(ORDERS) == [
        ("10001", day, "甲公司", "张伟", money("100")),
        ("10001", day, "甲公司", "张伟", money("50")),
        ("10002", day, "甲公司", "张伟", money("70")),
        ("10003", day, "乙公司", "李娜", money("300")),
    ]
    assert "merged_cells" in found.codes


def test_an_amount_merged_over_lines_is_not_counted_for_each(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    rows: Rows = [
        ["订单编号", "下单日期", "客户名称", "产品", "订单金额"],
        ["S1", date(2026, 1, 5), "甲公司", "轴承", 100],
        [None, None, None, "齿轮"],
        ["S2", date(2026, 1, 6), "乙公司", "轴承", 40],
    ]
    found = loading(book(tmp_path, {"订单": rows}, "A2:A3", "B2:B3", "C2:C3", "E2:E3"))
    assert found.rows("select sum(amount) from orders") == [(money("140"),)]
    assert [error["row"] for error in found.document["files"][0]["errors"]] == [3]


def test_owners_merged_over_their_accounts(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    rows: Rows = [
        ["部门", "负责人", "客户名称", "客户级别"],
        ["一部", "张伟", "甲公司", "A"],
        [None, None, "乙公司", "B"],
        [None, "李娜", "丙公司", "C"],
    ]
    found = loading(book(tmp_path, {"客户": rows}, "A2:A4", "B2:B3"))
    owners = found.rows("select account_name, rep_id, dept from account order by account_name")
    assert owners == [("丙公司", "李娜", "一部"), ("乙公司", "张伟", "一部"), ("甲公司", "张伟", "一部")]


LEFT: Rows = [
    ["客户编号", "客户名称", "行业"],
    ["K1", "甲公司", "机械"],
    ["K2", "乙公司", "化工"],
    ["K3", "丙公司", "电子"],
]
RIGHT: Rows = [["工号", "姓名", "部门"], ["R1", "张伟", "一部"], ["R2", "李娜", "一部"]]


def _beside() -> Rows:
    return [[*row, None, *(RIGHT[place] if place < len(RIGHT) else [])] for place, row in enumerate(LEFT)]


@pytest.mark.parametrize(
    "rows",
    [
        _beside(),
        [*LEFT, [], *RIGHT],
        [*LEFT, *RIGHT],
        [*LEFT, ["人员名单"], *RIGHT],
        [["客户"], *LEFT, [], ["人员"], *RIGHT],
    ],
    ids=["side by side", "a blank row between", "nothing between", "a title between", "titles"],
)
def test_two_lists_on_one_sheet(rows: Rows, tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    found = loading(book(tmp_path, {"Sheet1": rows}))
    assert [(kind, inserted) for kind, inserted, _ in found.kinds] == [("account", 3), ("rep", 2)]
    assert found.rows("select account_id, account_name, industry, rep_id from account order by 1") == [
        (*row, None) for row in LEFT[1:]
    ]
    assert found.rows("select rep_id, rep_name, dept from rep order by 1") == [tuple(row) for row in RIGHT[1:]]


def test_a_blank_column_within_one_list_parts_nothing(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    rows: Rows = [["订单编号", "下单日期", "订单金额", None, "客户编号", "客户名称", "行业"]]
    rows += [[f"S{n}", date(2026, 1, n), n, None, f"K{n}", f"客户{n}", "机械"] for n in range(1, 4)]
    found = loading(book(tmp_path, {"订单": rows}))
    assert found.kinds == [("orders", 3, 0)]
    assert found.rows("select account_id from orders order by 1") == [("K1",), ("K2",), ("K3",)]


def test_a_template_with_instructions_lists_and_a_hidden_sheet(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    sheets: dict[str, Rows] = {
        "填写说明": [["一、带*为必填"], ["二、客户级别只能填A/B/C"]],
        "客户": [["*客户名称", "客户级别", "*负责人", "手机"], ["甲公司", "A", "张伟", "'13800000000"]],
        "字典": [["级别"], ["A"], ["B"]],
        "旧客户": [["客户名称", "客户级别", "负责人"], ["丙公司", "C", "张伟"]],
    }
    found = loading(book(tmp_path, sheets, hidden="旧客户"))
    assert [kind for kind, _, _ in found.kinds] == [None, "account", None, "account"]
    assert "hidden_sheet" in found.codes
    told = found.rows("select account_name, account_class, client_head_contact from account order by 1")
    assert told == [("丙公司", "C", None), ("甲公司", "A", "13800000000")]


MONTHS = [f"{month}月" for month in range(1, 13)]


def test_a_wide_plan_with_merged_departments_and_totals(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    rows: Rows = [
        ["2026年度销售计划（单位：万元）"],
        ["部门", "姓名", *MONTHS, "合计", "备注"],
        ["一部", "张伟", *range(1, 13), 78],
        [None, "李娜", *[10] * 12, 120],
        ["二部", "王五", None, *[5] * 11, 55, "新人"],
        ["合计", None, *[11] * 12, 253],
    ]
    found = loading(book(tmp_path, {"计划": rows}, "A1:P1", "A3:A4"))
    said = found.rows("select rep_id, dept, period_start, plan_value from sales_plan order by 1, 3")
    months = [date(2026, month, 1) for month in range(1, 13)]
    expected = [("张伟", "一部", day, money(str(10_000 * n))) for n, day in enumerate(months, 1)]
    expected += [("李娜", "一部", day, money("100000")) for day in months]
    expected += [("王五", "二部", day, money("50000")) for day in months[1:]]
    assert said == sorted(expected)


@pytest.mark.parametrize(
    ("top", "low", "merged"),
    [
        (["业务员", "一季度", None, None, "二季度", None, None], [None, *MONTHS[:6]], ("A2:A3", "B2:D2", "E2:G2")),
        (
            ["业务员", *[cell for n in range(1, 7) for cell in (f"2026年{n}月", None)]],
            [None, *["目标", "实际"] * 6],
            ("A2:A3", "B2:C2", "D2:E2", "F2:G2", "H2:I2", "J2:K2", "L2:M2"),
        ),
    ],
    ids=["months under quarters", "plan and actual under months"],
)
def test_plans_with_two_header_rows(
    top: Rows, low: Rows, merged: tuple[str, ...], tmp_path: Path, loading: Callable[..., Loaded]
) -> None:
    step = 2 if len(top) > 7 else 1
    values = [[n if place % step == 0 else 99 for n in range(1, 7) for place in range(step)] for _ in range(2)]
    rows: Rows = [["2026年销售任务"], top, low, ["张伟", *values[0]], ["李娜", *values[1]]]
    found = loading(book(tmp_path, {"任务": rows}, *merged))
    said = found.rows("select rep_id, month(period_start), plan_value from sales_plan order by 1, 2")
    assert said == [(rep, n, money(str(n))) for rep in ("张伟", "李娜") for n in range(1, 7)]


HTML = (
    '<html><head><meta charset="gb2312"></head><body><table><tr><td colspan=4>订单明细</td></tr><tr>'
    "<th rowspan=2>订单编号</th><th rowspan=2>下单日期</th><th colspan=2>客户</th></tr>"
    "<tr><th>客户名称</th><th>订单金额</th></tr>"
    "<tr><td>00123</td><td>2026-01-01</td><td>甲&amp;乙</td><td>1,200.00</td></tr></table></body></html>"
)


@pytest.mark.parametrize(
    "content",
    [HTML, "订单编号\t下单日期\t客户名称\t订单金额\n00123\t2026-01-01\t甲&乙\t1,200.00\n",
     "sep=;\n订单编号;下单日期;客户名称;订单金额\n00123;2026-01-01;甲&乙;1,200.00\n"],
    ids=["a web page", "tabs", "sep="],
)  # fmt: skip
def test_books_that_are_none(content: str, tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    path = tmp_path / "订单.xls"
    path.write_bytes(content.encode("gb18030"))
    assert loading(path).rows(ORDERS) == [("00123", date(2026, 1, 1), "甲&乙", None, money("1200"))]


def test_ids_that_excel_destroyed_are_never_guessed(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    rows: Rows = [HEAD, ["1.18E+11", "2026-01-01", "甲", "5"], ["S3", "2026-01-02", "乙", "6"]]
    found = loading(text(tmp_path / "订单.csv", rows))
    assert found.rows("select order_no from orders") == [("S3",)]
    assert [(e["row"], e["value"], e["rejected"]) for e in found.document["files"][0]["errors"]] == [
        (2, "1.18E+11", True)
    ]


DAYS: Rows = [
    ["订单编号", "下单日期", "客户名称", "订单金额"],
    ["S1", "03/04/2026", "甲", "5"],
    ["S2", "05/06/2026", "甲", "7"],
]


def test_an_order_of_day_and_month_is_asked_answered_and_remembered(
    tmp_path: Path, loading: Callable[..., Loaded], capsys: pytest.CaptureFixture[str]
) -> None:
    path = text(tmp_path / "订单.csv", DAYS)
    main(["check", str(path), "--store", str(tmp_path / "other"), "--json"])
    asked = json.loads(capsys.readouterr().out)["files"][0]
    assert "date_order_question" in {note["code"] for note in asked["notes"]}
    assert asked["rejected"] == 2
    found = loading(path, "--map", "date_order:order_date=dmy")
    assert found.rows("select order_date from orders order by 1") == [(date(2026, 4, 3),), (date(2026, 6, 5),)]
    again = loading(text(tmp_path / "订单2.csv", [DAYS[0], ["S9", "07/08/2026", "乙", "1"]]))
    assert again.rows("select order_date from orders where order_no = 'S9'") == [(date(2026, 8, 7),)]
    assert main(["rebuild", "--store", str(tmp_path / "store"), "--json"]) == 0
    assert again.rows("select max(order_date) from orders") == [(date(2026, 8, 7),)]


def test_an_answer_that_there_is_not_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = text(tmp_path / "订单.csv", DAYS)
    assert main(["check", str(path), "--store", str(tmp_path), "--json", "--map", "date_order=ydm"]) == 2
    assert "dmy" in json.loads(capsys.readouterr().out)["refused"]["zh"]


def test_a_short_list_of_accounts_needs_no_help(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    rows: Rows = [
        ["客户编号 ", "客户名称　", " 负责人", "", ""],
        [" K1 ", "甲公司　", "张伟", "", ""],
        ["", "", "", "", ""],
    ]
    found = loading(text(tmp_path / "17.csv", rows, "gb18030"))
    assert found.rows("select account_id, account_name, rep_id, extra from account") == [("K1", "甲公司", "张伟", None)]


def test_a_folder_is_taken_without_its_litter(tmp_path: Path, loading: Callable[..., Loaded]) -> None:
    (tmp_path / "交件" / "子").mkdir(parents=True)
    text(tmp_path / "交件" / "客户.csv", LEFT)
    text(
        tmp_path / "交件" / "子" / "订单.csv",
        [["订单编号", "下单日期", "客户编号", "订单金额"], ["S1", "2026-01-01", "K1", 5]],
    )
    for name in ("~$客户.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / "交件" / name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    found = loading(tmp_path / "交件")
    assert sorted(found.kinds) == [("account", 3, 0), ("orders", 1, 0)]
    assert found.rows("select a.account_name from orders o join account a using (account_id)") == [("甲公司",)]
