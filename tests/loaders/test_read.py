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
