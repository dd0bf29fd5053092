"""Tables are taken for the right kind of export and their columns for the right fields."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loaders.labels import normal, spellings, unit_of
from loaders.match import Mapping, propose, signature
from loaders.messages import Refused, text
from loaders.read import Table, tables
from tests.loaders.tables import table
from tests.shared import SHARED, needs_shared


def named(mapping: Mapping, source: Table) -> dict[str, str]:
    return {name: source.columns[column] for name, column in mapping.fields.items()}


def codes(mapping: Mapping) -> list[str]:
    return [note.code for note in mapping.questions]


ACCOUNTS = table(
    ["客户编号", "客户名称", "客户级别", "公司负责人", "负责人", "所属行业", "详细地址"],
    [["K001", "华东精密机械有限公司", "A（重点客户）", "王建国", "张伟", "机械", "苏州市工业园区"],
     ["K002", "北方化工股份公司", "B（普通客户）", "李强", "刘洋", "化工", "天津市滨海新区"]],
)  # fmt: skip


def test_our_rep_is_not_the_head_of_the_client() -> None:
    fields = named(propose(ACCOUNTS), ACCOUNTS)
    assert (fields["rep_name"], fields["client_head_name"]) == ("负责人", "公司负责人")


def test_the_head_of_the_client_alone_is_never_our_rep() -> None:
    source = table(["客户编号", "客户名称", "公司负责人", "主营产品"], [["K1", "甲公司", "王建国", "轴承"]])
    mapping = propose(source)
    assert mapping.entity == "account"
    assert named(mapping, source)["client_head_name"] == "公司负责人"
    assert not {"rep_name", "rep_id"} & set(mapping.fields)


def test_a_bracket_that_says_whose_is_not_dropped() -> None:
    source = table(["客户编号", "客户名称", "负责人(客户方)", "主营产品"], [["K1", "甲公司", "王建国", "轴承"]])
    assert "rep_name" not in propose(source).fields


@pytest.mark.parametrize("values", [("A", "B"), ("A（重点客户）", "C（非优先客户）"), ("a类", "D")])
def test_a_class_is_claimed_where_values_are_classes(values: tuple[str, str]) -> None:
    source = table(["客户编号", "客户名称", "客户类型"], [["K1", "甲公司", values[0]], ["K2", "乙公司", values[1]]])
    assert named(propose(source), source)["account_class"] == "客户类型"


def test_other_types_are_no_class_and_it_is_said() -> None:
    source = table(
        ["Account ID", "Account Name", "Type", "Industry"],
        [["1", "A Bike Store", "BM", "Road"], ["2", "Bs", "OS", "x"]],
    )
    mapping = propose(source)
    assert mapping.entity == "account"
    assert "account_class" not in mapping.fields
    assert mapping.extra == (2,)
    assert codes(mapping) == ["values_do_not_fit"]


@pytest.mark.parametrize("header", ["客户名称 Account Name", "客户名称 / Account Name", "客户名称(Account Name)"])
def test_double_headers_read_by_either_half(header: str) -> None:
    source = table(["客户编号 / CustomerCode", header, "行业"], [["K1", "甲公司", "机械"]])
    assert named(propose(source), source)["account_name"] == header


def test_a_date_in_visits_is_the_day_of_the_visit() -> None:
    source = table(
        ["日期", "客户名称", "拜访人", "拜访方式", "拜访结果"], [["2026-03-05", "甲公司", "张伟", "上门", "有意向"]]
    )
    mapping = propose(source)
    assert mapping.entity == "visit"
    assert named(mapping, source)["visit_at"] == "日期"


def test_a_name_is_the_account_in_accounts_and_the_person_in_contacts() -> None:
    accounts = table(["Id", "Name", "Industry", "AnnualRevenue"], [["1", "Edge", "Energy", "100"]], file="Account.csv")
    contacts = table(
        ["Id", "AccountId", "Name", "Title", "Email"], [["3", "1", "Rose", "CFO", "r@e"]], file="Contact.csv"
    )
    assert named(propose(accounts), accounts)["account_name"] == "Name"
    mapping = propose(contacts)
    assert mapping.entity == "kdm"
    assert named(mapping, contacts)["kdm_name"] == "Name"


def test_a_return_visit_after_the_sale_is_a_survey() -> None:
    source = table(
        ["回访编号", "客户名称", "回访时间", "回访人", "客户满意度"], [["H1", "甲公司", "2026-03-05", "张伟", "9"]]
    )
    assert propose(source).entity == "survey"


def test_an_owner_column_of_codes_is_the_number_of_the_rep() -> None:
    coded = table(
        ["客户编号", "客户名称", "负责人", "行业"], [["K1", "甲公司", "R03", "机械"], ["K2", "乙公司", "R11", "化工"]]
    )
    assert named(propose(coded), coded)["rep_id"] == "负责人"
    assert named(propose(ACCOUNTS), ACCOUNTS)["rep_name"] == "负责人"


def test_amount_with_tax_is_preferred_and_the_rest_kept() -> None:
    source = table(
        ["订单编号", "客户名称", "下单日期", "订单金额", "价税合计", "金额(不含税)"],
        [["S1", "甲公司", "2026-03-05", "100", "113", "100"]],
    )
    mapping = propose(source)
    assert named(mapping, source)["amount"] == "价税合计"
    assert named(mapping, source)["amount_net"] == "金额(不含税)"
    assert mapping.extra == (3,)
    assert codes(mapping) == ["two_columns"]


def test_of_two_columns_the_filled_one_is_taken_and_it_is_asked() -> None:
    source = table(["客户编号", "客户名称", "电话", "手机"], [["K1", "甲公司", "", "138"], ["K2", "乙公司", "", "139"]])
    mapping = propose(source)
    assert named(mapping, source)["client_head_contact"] == "手机"
    assert codes(mapping) == ["two_columns"]
    assert "电话" in text(mapping.questions[0], "zh")


def test_units_come_from_header_and_title() -> None:
    source = table(
        ["人员", "开始日期", "结束日期", "计划金额(万元)"], [["张伟", "2026-01-01", "2026-03-31", "30"]],
        title="2026年销售计划 单位：千元",
    )  # fmt: skip
    assert propose(source).options == {"unit": "千元", "unit:plan_value": "万元"}


def test_what_is_missing_is_asked_for() -> None:
    source = table(
        ["商品名称", "销售数量", "单价", "销售日期", "销售区域", "客户名称"],
        [["轴承", "1", "2", "2026-01-01", "华东", "甲"]],
    )
    mapping = propose(source)
    assert mapping.entity == "orders"
    assert codes(mapping) == ["missing_fields"]
    assert "订单编号" in text(mapping.questions[0], "zh")


def test_a_lottery_is_no_sales_data() -> None:
    source = table(["开奖日期", "期号", "中奖号码", "销售额(元)"], [["2020/1/16", "2020007", "05 12", "358035962"]])
    mapping = propose(source)
    assert (mapping.entity, mapping.fields, mapping.extra) == ("", {}, (0, 1, 2, 3))
    assert codes(mapping) == ["not_claimed"]


def test_what_the_user_gives_wins() -> None:
    mapping = propose(ACCOUNTS, given={"client_head_name": "负责人", "负责人": "公司负责人"})
    assert named(mapping, ACCOUNTS)["client_head_name"] == "负责人"
    assert named(mapping, ACCOUNTS)["rep_name"] == "公司负责人"


def test_a_field_can_be_left_without_a_column() -> None:
    mapping = propose(ACCOUNTS, given={"industry": ""})
    assert "industry" not in mapping.fields
    assert ACCOUNTS.columns.index("所属行业") in mapping.extra


def test_a_wrong_header_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refused) as caught:
        propose(ACCOUNTS, given={"account_name": "单位全称"})
    assert caught.value.code == "unknown_header"
    assert "单位全称" in text(caught.value, "zh")
    assert "客户级别" in text(caught.value, "en")


def test_unknown_fields_and_entities_are_refused() -> None:
    with pytest.raises(Refused, match="colour"):
        propose(ACCOUNTS, entity="account", given={"colour": "客户级别"})
    with pytest.raises(Refused, match="stage_history"):
        propose(ACCOUNTS, entity="deal")


def test_a_remembered_mapping_is_used_and_shown_as_such() -> None:
    remembered = ("account", {normal("客户编号"): "account_id", normal("公司负责人"): "rep_name", normal("负责人"): ""})
    mapping = propose(ACCOUNTS, remembered=remembered)
    assert mapping.remembered
    assert named(mapping, ACCOUNTS) == {"account_id": "客户编号", "rep_name": "公司负责人"}


def test_the_signature_is_the_set_of_headers() -> None:
    shuffled = replace(ACCOUNTS, columns=tuple(reversed([f" *{header}" for header in ACCOUNTS.columns])))
    assert signature(shuffled) == signature(ACCOUNTS)
    assert signature(ACCOUNTS) != signature(replace(ACCOUNTS, columns=ACCOUNTS.columns[1:]))


@pytest.mark.parametrize(
    ("header", "reading"),
    [
        ("＊客户 名称：", "客户名称"),
        ("金额（万元）", "金额"),
        ("StageName", "stagename"),
        ("Active__c", "active"),
        ("手机(必填)", "手机"),
    ],
)
def test_headers_are_read_past_marks(header: str, reading: str) -> None:
    assert reading in dict(spellings(header))


def test_no_header_reads_as_part_of_itself() -> None:
    assert [word for word, _ in spellings("公司负责人")] == ["公司负责人"]


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ("单位：万元", "万元"),
        ("2026年计划（单位: 元）", "元"),
        ("金额单位：百万", "百万元"),
        ("Unit: 千元", "千元"),
        ("万达集团", ""),
    ],
)
def test_units_in_titles(said: str, unit: str) -> None:
    assert unit_of(said) == unit


CASES = tomllib.loads((Path(__file__).parent / "dialects.toml").read_text(encoding="utf-8"))
DIALECTS = [(name, headers) for name, lists in CASES["dialects"].items() for headers in lists]


@pytest.mark.parametrize(("entity", "headers"), DIALECTS)
def test_dialects_are_recognised_by_their_headers_alone(entity: str, headers: list[str]) -> None:
    source = table(headers)
    mapping = propose(source)
    assert mapping.entity == entity
    assert len(mapping.fields) >= len(headers) - 2


@needs_shared
@pytest.mark.parametrize("real", CASES["real"], ids=[f"{r['path']}-{r.get('sheet', '')}" for r in CASES["real"]])
def test_real_exports_need_no_hand_made_mapping(real: dict[str, Any], tmp_path: Path) -> None:
    found = tables(SHARED / "data" / real["path"], tmp_path)
    source = next(one for one in found if one.sheet == real.get("sheet", ""))
    mapping = propose(source)
    assert mapping.entity == real["entity"]
    assert real["fields"].items() <= named(mapping, source).items()
