"""Tests for reading any file into tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pytest

from loaders.messages import Refused
from loaders.read import Table, tables

if TYPE_CHECKING:
    from pathlib import Path


def rows_of(table: Table) -> list[tuple[Any, ...]]:
    """Give every row of a table, in order, over a connection of its own."""
    return duckdb.connect().execute(f"{table.sql} ORDER BY _row").fetchall()


def test_csv_with_title_above_header(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    source.write_text(
        "订单明细\n导出日期：2026-03-31\n\n订单编号,客户名称,金额\nSO1,甲公司,12.50\nSO2,乙公司,3\n", encoding="gb18030"
    )
    (table,) = tables(source, tmp_path / "scratch")
    assert table.header_row == 4
    assert table.columns == ("订单编号", "客户名称", "金额")
    assert table.title == "订单明细\n导出日期：2026-03-31"
    assert rows_of(table) == [(5, "SO1", "甲公司", "12.50"), (6, "SO2", "乙公司", "3")]


def test_workbook_cells_come_as_plain_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["订单编号", "客户名称", "金额", "下单日期"])
    sheet.append([43659, "u", 0, "2026-03-05"])
    sheet.append(["0", "甲", 35088848.789999999, "3"])
    book.save(tmp_path / "a.xlsx")
    (table,) = tables(tmp_path / "a.xlsx", tmp_path / "scratch")
    assert rows_of(table) == [(2, "43659", "u", "0", "2026-03-05"), (3, "0", "甲", "35088848.79", "3")]


def test_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    with pytest.raises(Refused, match="空的"):
        tables(tmp_path / "a.csv", tmp_path / "scratch")


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    """Write lines of a text table."""
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def codes(table: Table) -> set[str]:
    """Give the codes of a table's notes."""
    return {note.code for note in table.notes}


def test_totals_repeated_headers_and_notes_are_left_out_and_said(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "订单编号,客户名称,金额,数量",
        "SO1,甲公司,10,1",
        "SO2,合计科技,20,2",
        "华东 小计,,30,3",
        "订单编号,客户名称,金额,数量",
        "SO3,Total,5,1",
        ",合 计：,35,4",
        "Grand Total,,35,4",
        "注：含税,,,",
        "制表人：李四,,,",
    )
    (table,) = tables(path, tmp_path / "scratch")
    assert [row[:3] for row in rows_of(table)] == [(2, "SO1", "甲公司"), (3, "SO2", "合计科技"), (6, "SO3", "Total")]
    said = {note.code: note.values["rows"] for note in table.notes}
    assert said == {"total_rows": "4、7、8", "repeated_header": "5", "text_below": "9、10"}


def test_tables_between_blank_rows(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "客户清单,,",
        "客户编号,客户名称,行业",
        "C1,甲公司,化工",
        "",
        "C2,乙公司,钢铁",
        "",
        "订单清单,,",
        "订单编号,客户名称,金额",
        "SO1,甲公司,10",
        "",
        "以上数据来自系统,,",
    )
    first, second = tables(path, tmp_path / "scratch")
    assert (first.number, first.header_row, first.title) == (1, 2, "客户清单")
    assert rows_of(first) == [(3, "C1", "甲公司", "化工"), (5, "C2", "乙公司", "钢铁")]
    assert (second.number, second.header_row, second.title) == (2, 8, "订单清单")
    assert rows_of(second) == [(9, "SO1", "甲公司", "10")]
    assert "text_below" in codes(second)


def test_a_file_without_header_names_columns_by_place(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "274\t2011-05-31\t28000", "275\t2011-05-31\t367000")
    (table,) = tables(path, tmp_path / "scratch")
    assert (table.header_row, table.columns, table.rows) == (0, ("第1列", "第2列", "第3列"), 2)
    assert codes(table) == {"no_header"}


def test_one_unbalanced_quote_costs_no_other_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "订单编号,客户名称,金额", 'SO1,"甲,1', "SO2,乙,2", 'SO3,"丙\n丁",3')
    (table,) = tables(path, tmp_path / "scratch")
    assert rows_of(table) == [(2, "SO1", "甲", "1"), (3, "SO2", "乙", "2"), (4, "SO3", "丙\n丁", "3")]
    assert {note.code: note.values.get("rows") for note in table.notes} == {"unbalanced_quotes": "2"}


def test_ragged_rows_keep_their_surplus(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "订单编号,客户名称,金额", "SO1,甲,1,急", "SO2,乙", "SO3,丙,3")
    (table,) = tables(path, tmp_path / "scratch")
    assert table.columns == ("订单编号", "客户名称", "金额", "第4列")
    assert rows_of(table)[:2] == [(2, "SO1", "甲", "1", "急"), (3, "SO2", "乙", None, None)]


WEB_PAGE = """<table><tr><th>订单编号</th><th>客户名称</th><th>金额</th></tr>
<tr><td>1</td><td>甲<br>乙</td><td>5</td></tr></table>"""
OFFICE_XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name=""><Table>
<Row><Cell><Data>订单编号</Data></Cell><Cell><Data>客户名称</Data></Cell><Cell><Data>金额</Data></Cell></Row>
<Row><Cell><Data>1</Data></Cell><Cell ss:Index="3"><Data>5</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.parametrize(
    ("content", "found"),
    [(WEB_PAGE, "网页"), (OFFICE_XML, "XML"), ("订单编号\t客户名称\t金额\n1\t甲\t5\n", "文本")],
)
def test_xls_in_disguise(content: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "导出.xls"
    path.write_text(content, encoding="gb18030")
    (table,) = tables(path, tmp_path / "scratch")
    assert table.columns == ("订单编号", "客户名称", "金额")
    assert rows_of(table)[0][1::2] == ("1", "5")
    assert any(note.code == "disguised" and found in note.values["found"] for note in table.notes)


def test_what_a_workbook_loses_is_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["订单编号", "客户名称", "金额"],
        ["SO1", "甲", "=1+1"],
        ["SO2", None, "#N/A"],
        ["SO3", "乙", 0.1 + 0.2],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    sheet.row_dimensions[4].hidden = True
    other = book.create_sheet("旧表")
    other.append(["客户编号", "客户名称"])
    other.append(["C1", "甲"])
    other.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    first, second = tables(tmp_path / "a.xlsx", tmp_path / "scratch")
    assert codes(first) == {"error_cells", "formula_without_value", "hidden_rows", "merged_cells"}
    assert rows_of(first)[2] == (4, "SO3", "乙", "0.3")
    assert (second.sheet, codes(second)) == ("旧表", {"hidden_sheet"})


def test_a_template_without_rows_is_a_table(tmp_path: Path) -> None:
    (table,) = tables(write(tmp_path / "a.csv", "订单编号,客户名称,金额"), tmp_path / "scratch")
    assert (table.header_row, table.rows, codes(table)) == (1, 0, {"no_rows"})


def test_files_may_share_a_scratch_folder(tmp_path: Path) -> None:
    (first,) = tables(write(tmp_path / "a.csv", "客户编号,客户名称", "C1,甲"), tmp_path / "scratch")
    (second,) = tables(write(tmp_path / "b.csv", "客户编号,客户名称", "C2,乙"), tmp_path / "scratch")
    assert rows_of(first) + rows_of(second) == [(2, "C1", "甲"), (2, "C2", "乙")]
