"""The first row of data is not a second header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loaders.read import tables

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers_and_names_under_a_chinese_header_are_data(tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_text(
        "客户编号,客户名称,客户级别,负责人工号\nC001,华北电机厂,C,R01\nC002,江南轴承厂,A,R02\n", encoding="utf-8"
    )
    (table,) = tables(path, tmp_path / "scratch")
    assert (table.columns, table.rows) == (("客户编号", "客户名称", "客户级别", "负责人工号"), 2)
