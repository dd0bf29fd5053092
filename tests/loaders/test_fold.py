"""The row in force, field by field: the newest value decides; a blank empties only where its load asked for that."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from data.store import Store, Viewer
from loaders.build import Request, load, rebuild
from tests.builder import Batch, Rows, department

FIRST, SECOND, THIRD = date(2025, 1, 5), date(2025, 4, 5), date(2025, 7, 5)


def accounts(*rows: dict[str, Any]) -> dict[str, Rows]:
    return {"account": [{"account_id": "K1", "account_name": "一厂", **row} for row in rows]}


def one(store: Store, fields: str, table: str = "account") -> tuple[Any, ...]:
    rows = store.open(Viewer("tests", "system")).execute(f"select {fields} from {table}").fetchall()
    assert len(rows) == 1
    return tuple(rows[0])


def test_a_later_value_replaces_an_earlier_one(tmp_path: Path) -> None:
    store = department(
        tmp_path, [Batch(accounts({"industry": "机械"}), FIRST), Batch(accounts({"industry": "食品"}), SECOND)]
    )
    assert one(store, "industry") == ("食品",)


@pytest.mark.parametrize(("erases", "kept"), [(False, "机械"), (True, None)])
def test_a_blank_empties_only_where_asked_for(tmp_path: Path, erases: bool, kept: str | None) -> None:  # noqa: FBT001 - the case
    later = accounts({"industry": None, "status": "已成交"})
    batches = [
        Batch(accounts({"industry": "机械", "status": "开发中"}), FIRST),
        Batch(later, SECOND, blank_erases=erases),
    ]
    assert one(department(tmp_path, batches), "industry, status") == (kept, "已成交")


def test_a_value_erased_and_a_value_after_that(tmp_path: Path) -> None:
    said = [
        Batch(accounts({"industry": "机械"}), FIRST),
        Batch(accounts({"industry": None}), SECOND, blank_erases=True),
        Batch(accounts({"industry": None, "status": "流失"}), THIRD),
    ]
    store = department(tmp_path, said)
    assert one(store, "industry, status") == (None, "流失")
    assert rebuild(store)["loads"] == len(said)
    assert one(store, "industry, status") == (None, "流失")


def test_an_absent_column_leaves_alone(tmp_path: Path) -> None:
    store = department(
        tmp_path,
        [
            Batch(accounts({"industry": "机械", "region": "华南"}), FIRST),
            Batch(accounts({"industry": "食品"}), SECOND),
        ],
    )
    assert one(store, "industry, region") == ("食品", "华南")


def test_an_unreadable_cell_counts_as_not_delivered(tmp_path: Path) -> None:
    store = department(tmp_path, [Batch(accounts({"industry": "机械", "created_at": date(2024, 5, 1)}), FIRST)])
    path = tmp_path / "客户.csv"
    path.write_text("客户编号,客户名称,行业,建档日期\nK1,一厂,食品,某天\n", encoding="utf-8")
    file = load(store, Request([path], exported_on=SECOND, entity="account", given={"created_at": "建档日期"}))[
        "files"
    ][0]
    assert [(e["field"], e["value"], e["rejected"]) for e in file["errors"]] == [("created_at", "某天", False)]
    assert one(store, "industry, cast(created_at as varchar)[:10]") == ("食品", "2024-05-01")


def test_the_day_of_the_export_decides_and_not_the_day_of_the_load(tmp_path: Path) -> None:
    said = [
        Batch(accounts({"industry": "机械", "region": "华南"}), FIRST),
        Batch(accounts({"industry": "食品"}), SECOND),
        Batch(accounts({"region": None, "status": "流失"}), THIRD, blank_erases=True),
    ]
    for number, order in enumerate(permutations(said)):
        store = department(tmp_path / str(number), order)
        assert one(store, "industry, region, status") == ("食品", None, "流失")


def test_within_one_day_the_later_load_decides(tmp_path: Path) -> None:
    store = department(
        tmp_path, [Batch(accounts({"industry": "机械"}), FIRST), Batch(accounts({"industry": "食品"}), FIRST)]
    )
    assert one(store, "industry") == ("食品",)


def test_the_later_row_of_one_sheet_decides(tmp_path: Path) -> None:
    store = department(tmp_path, [Batch(accounts({"industry": "机械"}, {"industry": "食品"}), FIRST)])
    assert one(store, "industry") == ("食品",)


def test_lines_of_an_order_all_count_and_identical_ones_once(tmp_path: Path) -> None:
    line = {"order_no": "S1", "order_date": date(2025, 1, 2), "account_id": "K1"}
    orders = [{**line, "product": name, "amount": amount} for name, amount in (("甲", 10), ("乙", 20), ("甲", 10))]
    store = department(tmp_path, [Batch({"orders": orders}, FIRST)])
    assert one(store, "count(*), sum(amount)", "orders")[0] == 2
    assert float(one(store, "sum(amount)", "orders")[0]) == pytest.approx(30)


def test_unmapped_columns_are_kept_beside(tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_text("客户编号,客户名称,行业,内部'代号\nK1,一厂,食品,甲-7\n", encoding="utf-8")
    store = Store(tmp_path / "store")
    load(store, Request([path], entity="account"))
    assert one(store, "extra ->> '内部''代号'") == ("甲-7",)
    path.write_text("客户编号,客户名称,内部'代号,车间\nK1,一厂,,三号\n", encoding="utf-8")
    load(store, Request([path], entity="account"))
    assert one(store, "extra ->> '内部''代号', extra ->> '车间'") == ("甲-7", "三号")
