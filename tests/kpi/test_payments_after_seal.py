"""Payments that arrive after the seal, where payments are what counts as done."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.store import Store
from kpi.afterwards import After, after_seal
from kpi.appraisal import RefusedError
from kpi.points import rounded
from loaders.build import load
from tests.builder import Batch, department, request
from tests.kpi.lost_accounts import Case, tables

CASH = {"plan_numerator": "cash"}


def payments(*rows: tuple[str, str, int]) -> list[dict[str, Any]]:
    return [
        {"payment_no": no, "account_id": "A01", "rep_id": "R1", "paid_at": day, "amount": paid}
        for no, day, paid in rows
    ]


EARLY = payments(("P1", "2026-08-20", 900), ("P2", "2026-09-20", 450))
LATE = payments(("P3", "2026-09-28", 180), ("P2", "2026-09-20", 360), ("P4", "2026-10-03", 500))


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("cash")
    store = department(folder, [Batch(tables() | {"payment": EARLY}, exported_on=date(2026, 9, 30))], CASH)
    case = Case(store)
    case.lock()
    case.publish()
    case.seal()
    return store


def found(store: Store) -> After:
    case = Case(store)
    return after_seal(store, case.records, case.steps, ["R1"])[0]


def test_late_payments_are_named_with_what_each_moves(sealed: Store, tmp_path: Path) -> None:
    """Plan 1,800: 1,350 received are 75 %; 180 more, 90 less, and one of October make 1,440, 80 %."""
    shutil.copytree(sealed.folder, tmp_path / "store")
    store = Store(tmp_path / "store")
    assert not found(store).differs
    load(store, request(tmp_path / "late", Batch({"payment": LATE}, exported_on=date(2026, 10, 20), complete=False)))
    after = found(store)
    moved = {row.key[1]: row for row in after.rows}
    assert {(row.metric, row.source) for row in moved.values()} == {("plan_completion", "payment")}
    assert {key: rounded(row.points or Decimal(0)) for key, row in moved.items()} == {
        "P2": Decimal("-5.00"),
        "P3": Decimal("10.00"),
    }
    by_item = {name: (rounded(then or Decimal(0)), rounded(now or Decimal(0))) for name, then, now in after.items}
    assert by_item["plan_completion"] == (Decimal("75.00"), Decimal("80.00"))


def test_payments_move_nothing_where_orders_count(tmp_path: Path) -> None:
    store = department(tmp_path, [Batch(tables() | {"payment": EARLY}, exported_on=date(2026, 9, 30))])
    case = Case(store)
    case.lock()
    case.publish()
    case.seal()
    load(store, request(tmp_path / "late", Batch({"payment": LATE}, exported_on=date(2026, 10, 20), complete=False)))
    assert not found(store).differs


def test_a_quarter_is_not_locked_before_its_payments_are_there(tmp_path: Path) -> None:
    store = department(
        tmp_path,
        [
            Batch({"payment": EARLY}, exported_on=date(2026, 9, 15)),
            Batch(tables(), exported_on=date(2026, 9, 30)),
        ],
        CASH,
    )
    with pytest.raises(RefusedError) as caught:
        Case(store).lock()
    assert caught.value.code == "data_ends_early"
    assert "回款" in str(caught.value.values["kinds"])
    assert "2026-09-15" in str(caught.value.values["kinds"])
