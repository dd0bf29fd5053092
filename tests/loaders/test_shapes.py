"""Awkward tables become plain ones: each fact once, from the row it came from, read like any other table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from loaders import shapes
from loaders.match import propose
from loaders.read import Table, tables
from tests.loaders.tables import table
from tests.shared import SHARED, needs_shared


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


Read = tuple[str, list[dict[str, str | int | None]]]


def read(con: duckdb.DuckDBPyConnection, source: Table, shape: str) -> list[Read]:
    """Propose, reshape, propose again: the entity of each piece and its rows as field -> text."""
    assert propose(source).shape == shape
    found: list[Read] = []
    for piece in shapes.reshape(con, source, shape):
        mapping = propose(piece)
        rows = con.execute(f"SELECT * FROM ({piece.sql}) ORDER BY _row").fetchall()
        assert piece.rows == len(rows)
        found.append((mapping.entity, [
            {"_row": row[0]} | {name: row[column + 1] for name, column in mapping.fields.items()} for row in rows
        ]))  # fmt: skip
    return found


def plans(con: duckdb.DuckDBPyConnection, source: Table, shape: str = "months") -> list[tuple[object, ...]]:
    [(entity, rows)] = read(con, source, shape)
    assert entity == "sales_plan"
    return [(row["_row"], row["rep_name"], row["period_start"], row["period_end"], row["plan_value"]) for row in rows]


TWELVE = ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"]


def test_a_wide_plan_is_one_row_per_person_and_month(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ["姓名", "年", *TWELVE, "年目标"],
        [["张伟", "2026", *map(str, range(1, 13)), "78"], ["刘洋", "2026年", "5", *[""] * 11, "5"]],
        sheet="销售目标", title="单位：万元", first_row=4,
    )  # fmt: skip
    found = plans(con, source)
    assert len(found) == 13
    assert set(found) >= {(4, "张伟", "2026-01-01", "2026-01-31", "1"), (4, "张伟", "2026-12-01", "2026-12-31", "12")}
    assert (5, "刘洋", "2026-01-01", "2026-01-31", "5") in found
    [piece] = shapes.reshape(con, source, "months")
    assert propose(piece).options == {"unit": "万元"}
    assert "年目标" not in piece.columns


@pytest.mark.parametrize(
    ("heads", "kwargs"),
    [
        (["1月", "2月", "3月"], {"title": "2026年销售计划"}),
        (["1月份", "2月份", "3月份"], {"file": "2026年销售任务.xlsx"}),
        (["Jan", "Feb", "Mar"], {"file": "Quota 2026.csv"}),
        (["2026年1月", "2026年2月", "2026年3月"], {"sheet": "目标"}),
        (["2026-01", "2026-02", "2026-03"], {"sheet": "目标"}),
        (["1月计划", "2月计划", "3月计划"], {"sheet": "2026"}),
        (["1月 / 计划", "2月 / 计划", "3月 / 计划"], {"title": "2026年度"}),
    ],
)
def test_months_and_their_year_are_read_wherever_they_stand(
    con: duckdb.DuckDBPyConnection, heads: list[str], kwargs: dict[str, str]
) -> None:
    found = plans(con, table(["负责人", *heads, "合计"], [["张伟", "10", "20", "30", "60"]], **kwargs))  # type: ignore[arg-type]
    assert sorted(row[2:] for row in found) == [
        ("2026-01-01", "2026-01-31", "10"), ("2026-02-01", "2026-02-28", "20"), ("2026-03-01", "2026-03-31", "30"),
    ]  # fmt: skip


def test_of_plan_and_actual_only_the_plan_is_read(con: duckdb.DuckDBPyConnection) -> None:
    heads = [f"{month}月 / {kind}" for month in (1, 2, 3) for kind in ("计划", "实际", "完成率")]
    source = table(
        ["业务员", *heads], [["张伟", "10", "9", "90%", "20", "21", "105%", "30", "0", "0%"]], title="2026年"
    )
    assert sorted(str(row[4]) for row in plans(con, source)) == ["10", "20", "30"]


def test_quarters_side_by_side_are_read_too(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ["业务员", "一季度", "二季度", "三季度", "四季度"], [["张伟", "1", "2", "3", "4"]], title="2026年销售计划"
    )
    assert (2, "张伟", "2026-10-01", "2026-12-31", "4") in plans(con, source)


def test_quarters_beside_months_are_sums(con: duckdb.DuckDBPyConnection) -> None:
    source = table(["业务员", "1月", "2月", "3月", "一季度"], [["张伟", "1", "2", "3", "6"]], title="2026年销售计划")
    assert sorted(str(row[4]) for row in plans(con, source)) == ["1", "2", "3"]


def test_a_unit_in_the_month_headers_stays(con: duckdb.DuckDBPyConnection) -> None:
    source = table(["业务员", "1月(万元)", "2月(万元)", "3月(万元)"], [["张伟", "1", "2", "3"]], title="2026年销售计划")
    [piece] = shapes.reshape(con, source, "months")
    assert propose(piece).options == {"unit:plan_value": "万元"}


def test_a_wide_payment_plan_says_so(con: duckdb.DuckDBPyConnection) -> None:
    source = table(["业务员", "1月", "2月", "3月"], [["张伟", "1", "2", "3"]], sheet="2026回款目标")
    [(_, rows)] = read(con, source, "months")
    assert {row["metric"] for row in rows} == {"回款"}


def test_a_wide_sheet_of_products_is_no_plan() -> None:
    assert propose(table(["产品名称", *TWELVE], [["键盘", *["1"] * 12]], file="产品销售统计.xlsx")).shape == ""


def test_a_wide_sheet_without_a_year_leaves_the_period_open(con: duckdb.DuckDBPyConnection) -> None:
    source = table(["业务员", "1月", "2月", "3月"], [["张伟", "1", "2", "3"]], sheet="销售计划")
    assert {row[2:4] for row in plans(con, source)} == {(None, None)}
    [piece] = shapes.reshape(con, source, "months")
    assert [(note.code, note.values["count"]) for note in piece.notes] == [("period_unread", 3)]


@pytest.mark.parametrize(
    ("heads", "row", "days"),
    [
        (["季度"], ["2026Q1"], ("2026-01-01", "2026-03-31")),
        (["季度"], ["2026年第二季度"], ("2026-04-01", "2026-06-30")),
        (["年度", "季度"], ["2026", "三季度"], ("2026-07-01", "2026-09-30")),
        (["月份"], ["2026-02"], ("2026-02-01", "2026-02-28")),
        (["计划月份"], ["202604"], ("2026-04-01", "2026-04-30")),
        (["月份"], ["2026-05-01"], ("2026-05-01", "2026-05-31")),
        (["年", "月"], ["2026年", "7"], ("2026-07-01", "2026-07-31")),
        (["年度"], ["2026"], ("2026-01-01", "2026-12-31")),
        (["期间"], ["2026年上半年"], ("2026-01-01", "2026-06-30")),
        (["Month"], ["Feb 2024"], ("2024-02-01", "2024-02-29")),
    ],
)
def test_a_period_label_becomes_its_days(
    con: duckdb.DuckDBPyConnection, heads: list[str], row: list[str], days: tuple[str, str]
) -> None:
    source = table([*heads, "负责人", "计划金额"], [[*row, "张伟", "50"]])
    assert plans(con, source, "periods") == [(2, "张伟", *days, "50")]


def test_stated_dates_of_a_plan_stay_as_delivered() -> None:
    source = table(
        ["Salesperson ID", "Start Date", "End Date", "Quota"], [["274", "2011-05-31", "2011-08-30", "28000"]]
    )
    assert propose(source).shape == ""


def test_one_date_column_per_stage_becomes_one_row_per_stage(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ["Record ID", "Deal Name", "Deal Stage", "Close Date", 'Date entered "Appointment" (Sales Pipeline)',
         'Date exited "Appointment" (Sales Pipeline)', 'Date entered "Closed won" (Sales Pipeline)'],
        [["1", "Big", "Closed won", "2026-02-01", "2026-01-05", "2026-01-20", "2026-02-01"],
         ["2", "Small", "Appointment", "2026-03-31", "2026-01-07", "", ""]],
        file="deals.csv",
    )  # fmt: skip
    [(entity, rows)] = read(con, source, "stage_dates")
    assert entity == "stage_history"
    told = [(row["_row"], row["deal_id"], row["stage"], row["entered_at"], row["exited_at"]) for row in rows]
    assert sorted(told, key=str) == [
        (2, "1", "Appointment", "2026-01-05", "2026-01-20"),
        (2, "1", "Closed won", "2026-02-01", None),
        (3, "2", "Appointment", "2026-01-07", None),
    ]
    assert all("closed_at" not in row for row in rows)


def test_chinese_stage_dates_are_read_as_well(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ["商机名称", "客户名称", "初步接触进入时间", "方案报价进入时间"],
        [["扩产", "甲公司", "2026-01-05", "2026-02-01"]],
    )
    [(_, rows)] = read(con, source, "stage_dates")
    assert {(row["stage"], row["entered_at"]) for row in rows} == {
        ("初步接触", "2026-01-05"),
        ("方案报价", "2026-02-01"),
    }


def test_a_stage_log_dates_the_entry_by_the_change(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ["Opportunity Name", "From Stage", "To Stage", "Last Modified", "Amount"],
        [["Big", "Qualification", "Proposal", "2026-01-05", "10"]],
    )
    [(entity, rows)] = read(con, source, "stage_log")
    assert entity == "stage_history"
    assert rows == [{
        "_row": 2, "deal_name": "Big", "from_stage": "Qualification", "stage": "Proposal", "entered_at": "2026-01-05",
        "amount": "10",
    }]  # fmt: skip


def test_a_field_log_gives_owners_and_stages_and_counts_the_rest(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ["Account Name", "Field", "Old Value", "New Value", "Edit Date"],
        [["甲公司", "Account Owner", "张伟", "刘洋", "2026-01-05"], ["甲公司", "Phone", "1", "2", "2026-01-06"]],
    )
    [(entity, rows)] = read(con, source, "field_history")
    assert entity == "rep_assignment"
    assert rows == [
        {"_row": 2, "account_name": "甲公司", "previous_rep": "张伟", "rep_name": "刘洋", "from_date": "2026-01-05"}
    ]
    [piece] = shapes.reshape(con, source, "field_history")
    assert [(note.code, note.values) for note in piece.notes] == [("other_changes", {"count": 1})]


def test_contacts_in_account_rows_become_contacts(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ["客户编号", "客户名称", "所属行业", "联系人1", "联系人1电话", "职务1", "联系人2", "联系人2电话", "职务2"],
        [["K1", "甲公司", "机械", "王建国", "138", "采购总监", "李强", "139", "厂长"],
         ["K2", "乙公司", "化工", "赵敏", "137", "总经理", "", "", ""]],
    )  # fmt: skip
    (first, accounts), (second, people) = read(con, source, "contacts")
    assert (first, second) == ("account", "kdm")
    assert accounts[0] == {"_row": 2, "account_id": "K1", "account_name": "甲公司", "industry": "机械"}
    told = {(row["_row"], row["account_id"], row["kdm_name"], row["kdm_title"], row["work_phone"]) for row in people}
    assert told == {
        (2, "K1", "王建国", "采购总监", "138"),
        (2, "K1", "李强", "厂长", "139"),
        (3, "K2", "赵敏", "总经理", "137"),
    }


def test_a_list_of_contacts_is_left_whole() -> None:
    source = table(
        ["客户名称", "联系人", "职务", "手机", "决策角色"], [["甲公司", "王建国", "采购总监", "138", "拍板"]]
    )
    mapping = propose(source)
    assert (mapping.entity, mapping.shape) == ("kdm", "")


@pytest.mark.parametrize(
    ("row", "whole"),
    [
        (["江苏省", "苏州市", "工业园区", "星湖街1号"], "江苏省苏州市工业园区星湖街1号"),
        (["江苏省", "苏州市", "", "苏州市星湖街1号"], "苏州市星湖街1号"),
        (["上海市", "上海市", "浦东新区", ""], "上海市浦东新区"),
        (["", "", "", ""], None),
    ],
)
def test_province_city_and_district_join_the_street(
    con: duckdb.DuckDBPyConnection, row: list[str], whole: str | None
) -> None:
    source = table(["客户编号", "客户名称", "行业", "省份", "城市", "区县", "地址"], [["K1", "甲公司", "机械", *row]])
    [(entity, rows)] = read(con, source, "address")
    assert entity == "account"
    assert rows[0]["address"] == whole


def test_family_and_given_name_make_a_name(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ["Contact ID", "First Name", "Last Name", "Account Name", "Title", "Email"],
        [["1", "Rose", "Gonzalez", "Edge", "CFO", "r@e"], ["2", "伟", "张", "甲公司", "厂长", "z@j"]],
    )
    [(entity, rows)] = read(con, source, "names")
    assert entity == "kdm"
    assert [row["kdm_name"] for row in rows] == ["Rose Gonzalez", "张伟"]


ORDER_HEADS = ["订单编号", "下单日期", "客户名称", "业务员", "产品名称", "数量", "金额"]


def test_continuing_lines_inherit_the_order(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ORDER_HEADS,
        [["S1", "2026-01-05", "甲公司", "张伟", "轴承", "1", "10"], ["", "", "", "", "齿轮", "2", "20"],
         ["S2", "2026-01-06", "乙公司", "", "链条", "3", "30"], ["", "", "", "", "皮带", "4", "40"],
         ["", "", "", "", "", "", "100"]],
    )  # fmt: skip
    [(entity, rows)] = read(con, source, "continuation")
    assert entity == "orders"
    told = [(row["_row"], row["order_no"], row["order_date"], row["account_name"], row["rep_name"]) for row in rows]
    assert told == [
        (2, "S1", "2026-01-05", "甲公司", "张伟"),
        (3, "S1", "2026-01-05", "甲公司", "张伟"),
        (4, "S2", "2026-01-06", "乙公司", None),
        (5, "S2", "2026-01-06", "乙公司", None),
        (6, None, None, None, None),
    ]


def test_without_a_line_column_nothing_is_inherited() -> None:
    source = table(
        ["订单编号", "下单日期", "客户名称", "订单金额"], [["S1", "2026-01-05", "甲公司", "10"], ["", "", "", "20"]]
    )
    assert propose(source).shape == ""


def test_shapes_follow_one_another(con: duckdb.DuckDBPyConnection) -> None:
    source = table(
        ["客户编号", "客户名称", "行业", "客户来源", "主营产品", "省份", "城市", "联系人", "联系人电话"],
        [["K1", "甲公司", "机械", "展会", "轴承", "江苏省", "苏州市", "王建国", "138"]],
    )
    (first, accounts), (second, people) = read(con, source, "contacts")
    assert (first, accounts[0]["address"]) == ("account", "江苏省苏州市")
    assert (second, people[0]["kdm_name"]) == ("kdm", "王建国")


@needs_shared
def test_the_opportunity_history_of_salesforce_is_a_log(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    [source] = tables(SHARED / "data/crm_exports/salesforce/OpportunityHistory.csv", tmp_path)
    [(entity, rows)] = read(con, source, "stage_log")
    assert entity == "stage_history"
    assert len(rows) == 48
    assert (rows[0]["deal_id"], rows[0]["stage"], rows[0]["entered_at"]) == (
        "006bm00000LKJNNAA5", "Qualification", "02/23/26 08:55 PM",
    )  # fmt: skip


@needs_shared
@pytest.mark.parametrize("name", ["fade_产品销售统计.xlsx", "nikai_销售数据.xlsx"])
def test_sales_by_product_or_city_are_no_plans(name: str, tmp_path: Path) -> None:
    found = tables(SHARED / "data/cn_excel" / name, tmp_path)
    assert {propose(source).shape for source in found} == {""}
