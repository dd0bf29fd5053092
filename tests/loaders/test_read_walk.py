"""Tests on real files: known ones are read as what they hold, or refused for their reason."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from loaders.messages import Refused
from loaders.read import Table, tables
from tests.shared import SHARED, needs_shared

DATA = SHARED / "data"


def read(name: str, tmp_path: Path) -> list[Table]:
    """Read a file of the shared data."""
    return tables(DATA / name, tmp_path)


@needs_shared
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("bad_inputs/calamine/tests/pass_protected.xlsx", "encrypted"),
        ("bad_inputs/calamine/tests/pass_protected.xlsb", "encrypted"),
        ("bad_inputs/calamine/tests/pass_protected.ods", "encrypted"),
        ("bad_inputs/calamine/tests/issue_385.xls", "encrypted"),
        ("bad_inputs/calamine/tests/OOM_alloc3.xls", "broken"),
        ("bad_inputs/calamine/tests/issue252.xlsx", "broken"),
        ("bad_inputs/calamine/tests/ptgexp-truncated-operand.xls", "broken"),
        ("bad_inputs/calamine/tests/issue_594_dos.ods", "too_heavy"),
        ("bad_inputs/calamine/tests/issue_174.xlsx", "far_cell"),
        ("bad_inputs/calamine/tests/empty_sheet.xlsx", "empty"),
        ("bad_inputs/chardet/tests/Big5/_ude_1.txt", "encoding"),
    ],
)
def test_refused_for_its_reason(name: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read(name, tmp_path)
    assert caught.value.code == code


@needs_shared
@pytest.mark.parametrize(
    ("name", "sheets"),
    [
        ("superstore_cn/示例 - 超市.xls", {"订单": (1, 10_000), "退货": (1, 296), "销售人员": (1, 6)}),
        ("adventureworks/SalesOrderHeader.xlsx", {"Sales.SalesOrderHeader": (1, 31_465)}),
        ("adventureworks/exports/orders.xlsx", {"Orders": (1, 3_806)}),
        ("adventureworks/exports/accounts.csv", {"": (1, 1_336)}),
        ("adventureworks/SalesPersonQuotaHistory.csv", {"": (0, 163)}),
        ("adventureworks/Store.csv", {"": (0, 701)}),
        ("maven_crm/sales_pipeline.csv", {"": (1, 8_800)}),
        ("cn_excel/telaker_销售数据.xlsx", {"销售数据": (1, 114), "Sheet1": (0, 11)}),
        ("cn_gbk/fade_data_wuliu.csv", {"": (1, 1_161)}),
        ("bad_inputs/chardet/tests/UTF-16LE/nobom-utf16le.txt", {"": (1, 19)}),
    ],
)
def test_header_row_and_rows(name: str, sheets: dict[str, tuple[int, int]], tmp_path: Path) -> None:
    assert {table.sheet: (table.header_row, table.rows) for table in read(name, tmp_path)} == sheets


@needs_shared
def test_double_header_in_two_languages(tmp_path: Path) -> None:
    (table,) = read("cn_excel/vue3Proj_商机导入模板.xlsx", tmp_path)
    assert table.columns[:2] == ("客户编号 / CustomerCode", "客户姓名 / Customername")
    assert table.rows == 1


@needs_shared
def test_instructions_above_a_grouped_header(tmp_path: Path) -> None:
    (table,) = read("cn_excel/wukong_changeTemplate.xlsx", tmp_path)
    assert table.header_row == 6
    assert table.columns[4:8] == ("调薪生效时间", "调薪原因", "试用期基本工资 / 调整前", "试用期基本工资 / 调整后")
    assert table.title.startswith("悟空CRM工资调薪导入模板")


@needs_shared
def test_ids_that_are_formatted_as_dates_keep_their_serial(tmp_path: Path) -> None:
    (table,) = read("adventureworks/SalesOrderHeader.xlsx", tmp_path)
    serials = "SELECT min(c0::DATE - DATE '1899-12-30'), max(c0::DATE - DATE '1899-12-30'), count(DISTINCT c0)"
    assert duckdb.connect().execute(f"{serials} FROM ({table.sql})").fetchone() == (43_659, 75_123, 31_465)


@needs_shared
@pytest.mark.parametrize("suffix", ["xls", "xlsx"])
def test_dates_since_1904_are_converted_and_noted(suffix: str, tmp_path: Path) -> None:
    (table,) = read(f"bad_inputs/calamine/tests/date_1904.{suffix}", tmp_path)
    assert table.sample[0][0] == "2021-01-01"
    assert "date_1904" in {note.code for note in table.notes}


@needs_shared
def test_mojibake_is_noted(tmp_path: Path) -> None:
    (table,) = read("maven_crm/dialect_moamen/sales_pipeline.csv", tmp_path)
    assert "garbled" in {note.code for note in table.notes}
