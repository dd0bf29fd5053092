"""Lists of one length side by side, units in titles, and few known columns among many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.store import Store, Viewer
from loaders.build import Request, load
from tests.loaders.test_ugly import HEAD, Rows, book, text


def kinds(path: Path) -> list[tuple[str, int, int]]:
    """Load a file into a store beside it; give what each table was taken for, its rows, and how many came back."""
    document = load(Store(path.parent / "store"), Request([path]))
    return [(file["entity"], file["rows"], file["rejected"]) for file in document["files"]]


def asked(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with Store(path.parent / "store").open(Viewer("tests", "system")) as con:
        return con.execute(sql).fetchall()


def test_lists_of_one_length_side_by_side_are_two_where_a_header_stands_in_both(tmp_path: Path) -> None:
    rows: Rows = [[*HEAD, None, "回款单号", "客户名称", "回款日期", "回款金额"]]
    for n in range(4):
        rows.append([f"B{n}", f"2026-07-0{n + 1}", "丙公司", n + 1, None, f"P{n}", "丁公司", f"2026-08-0{n + 1}", 7])
    path = book(tmp_path, {"并排": rows})
    assert kinds(path) == [("orders", 4, 0), ("payment", 4, 0)]
    assert asked(path, "select count(*), sum(amount) from orders") == [(4, 10)]
    assert asked(path, "select distinct account_name from payment") == [("丁公司",)]


@pytest.mark.parametrize(("sheet", "title"), [("订单", "2026年订单明细（万元）"), ("订单(万元)", "订单明细")])
def test_a_unit_in_brackets_in_a_title_or_the_name_of_a_sheet_counts(tmp_path: Path, sheet: str, title: str) -> None:
    path = book(tmp_path, {sheet: [[title], HEAD, ["T1", "2026-07-01", "甲", 12.5], ["T2", "2026-07-02", "甲", 3]]})
    assert kinds(path) == [("orders", 2, 0)]
    assert asked(path, "select amount from orders order by order_no") == [(125_000,), (30_000,)]


def test_five_plain_headers_are_recognised_among_thirty_that_nobody_knows(tmp_path: Path) -> None:
    rows: Rows = [[*HEAD, "业务员", *(f"自定义{n}" for n in range(30))]]
    rows += [[f"V{n}", "2026-07-01", "甲", n, "王芳", *range(30)] for n in range(20)]
    assert kinds(text(tmp_path / "宽.csv", rows)) == [("orders", 20, 0)]
