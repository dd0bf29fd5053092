"""Orders and payments side by side equal what the KPI and the exports say; a department's plan can be divided."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from data.records import Records
from data.store import Store, Viewer
from kpi import ledger
from kpi.overview import listed
from kpi.periods import quarters
from kpi.rollup import value
from loaders.build import refresh
from tests.builder import Batch, Rows, department

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = Viewer("tests", "system")
PAYMENT = ("payment_no", "order_no", "account_id", "paid_at", "amount", "due_at", "due_amount")
TABLES: dict[str, Rows] = {
    "rep": [
        {"rep_id": rep, "rep_name": name, "dept": "甲", "role": "专员"}
        for rep, name in (("R1", "张伟"), ("R2", "王芳"), ("R3", "李强"))
    ],
    "account": [
        {"account_id": name, "account_name": f"{name}厂", "rep_id": rep} for name, rep in (("A", "R1"), ("B", "R2"))
    ],
    "orders": [
        dict(zip(("order_no", "order_date", "account_id", "amount", "invoiced_at", "orig_order_no"), row, strict=True))
        for row in (
            ("A0", "2025-02-10", "A", 900, "2025-02-20", ""), ("B0", "2025-02-10", "B", 300, "2025-02-20", ""),
            ("A1", "2026-01-10", "A", 1000, "2026-02-01", ""), ("A2", "2026-02-10", "A", 500, "2026-04-02", ""),
            ("A3", "2026-03-01", "A", -200, "", "A1"), ("B1", "2026-03-31", "B", 400, "", ""),
        )
    ],
    "payment": [
        dict(zip(PAYMENT, row, strict=True))
        for row in (
            ("P1", "A1", "A", "2026-02-15", 600, "2026-02-10", 600), ("P2", "A1", "A", "", "", "2026-03-01", 400),
            ("P3", "A2", "A", "2026-04-05", 100, "2025-12-30", 100), ("P4", "B1", "B", "", "", "2026-04-30", 400),
        )
    ],
    "sales_plan": [
        {"dept": "甲", "period_start": "2026-01-01", "period_end": "2026-04-01"} | version
        for version in (
            {"plan_value": 1000, "version": 1, "approved_at": "2025-12-20"},
            {"plan_value": 1200, "version": 2, "approved_at": "2026-02-20"},
        )
    ],
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return department(tmp_path, [Batch(TABLES, exported_on=date(2026, 4, 10))])


def test_plan_orders_cash_invoices_and_receivables_stand_side_by_side(store: Store) -> None:
    rows = {row["rep_id"]: row for row in ledger.by_rep(store.open(SYSTEM), "2026Q1")}
    assert {name: int(rows["R1"][name]) for name in ledger.MONEY} == {
        "plan": 0, "orders": 1300, "returns": -200, "invoiced": 800, "cash": 600, "receivable": 500,
        "overdue": 500, "late_30": 400, "late_60": 0, "late_90": 0, "late_more": 100,
    }  # fmt: skip
    assert {name: int(rows["R2"][name]) for name in ("orders", "cash", "receivable", "overdue")} == {
        "orders": 400, "cash": 0, "receivable": 400, "overdue": 0,
    }  # fmt: skip
    late = listed(store.open(SYSTEM), "overdue", "2026Q1")
    assert [(row["payment_no"], row["days_overdue"], int(row["open_amount"])) for row in late] == [
        ("P3", 91, 100),
        ("P2", 30, 400),
    ]
    back = listed(store.open(SYSTEM), "returns", "2026Q1")
    assert [(row["order_no"], row["ordered_on"], int(row["ordered"])) for row in back] == [
        ("A3", date(2026, 1, 10), 1000)
    ]


def test_the_ledger_of_the_sample_equals_the_kpi(sample_store: Store) -> None:
    cur = sample_store.open(SYSTEM)
    for quarter in (str(row["quarter"]) for row in quarters(cur)):
        kpi = {
            row["rep"]: row for row in value(cur, "plan_completion", by=("rep", "quarter"), where={"quarter": quarter})
        }
        for row in ledger.by_rep(cur, quarter):
            shown = kpi.get(row["rep_id"], {"numerator": 0, "denominator": 0})
            assert (row["orders"], row["plan"]) == (shown["numerator"], shown["denominator"]), (quarter, row["rep_id"])
            assert row["overdue"] == sum(row[name] for name in ledger.BUCKETS)
            assert row["receivable"] >= row["overdue"] >= 0


def test_a_rep_sees_their_own_ledger_as_the_head_does(sample_store: Store) -> None:
    whole = [row for row in ledger.by_rep(sample_store.open(SYSTEM), "2026Q3") if row["rep_id"] == "R03"]
    own = ledger.by_rep(sample_store.open(Viewer("r", "rep", "R03")), "2026Q3")
    kept = ("rep_id", "plan", "orders", "returns")
    assert [{name: row[name] for name in kept} for row in own if row["rep_id"] == "R03"] == [
        {name: row[name] for name in kept} for row in whole
    ]


def test_a_department_s_plan_waits_until_the_head_divides_it(store: Store) -> None:
    cur = store.open(SYSTEM)
    (plan,) = ledger.undivided(cur, "2026Q1")
    assert (plan["plan_value"], plan["divided"]) == (1000, False)
    team = ledger.people(cur, plan)
    assert {row["rep_id"]: int(row["last_year"]) for row in team} == {"R1": 900, "R2": 300, "R3": 0}
    shares = ledger.proposal(plan["plan_value"], [row["last_year"] for row in team])
    assert shares == [Decimal(750), Decimal(250), Decimal(0)]
    records = Records(store.records_url)
    decided = ledger.stated({row["rep_id"]: share for row, share in zip(team, shares, strict=True)})
    records.decide(ledger.DIVIDED, plan["plan_id"], decided, who="经理", reason="按去年同期")
    refresh(store)
    after = store.open(SYSTEM)
    assert [row["divided"] for row in ledger.undivided(after, "2026Q1")] == [True]
    rates = {
        row["rep"]: row for row in value(after, "plan_completion", by=("rep", "quarter"), where={"quarter": "2026Q1"})
    }
    assert (rates["R1"]["denominator"], rates["R2"]["denominator"]) == (750, 250)
    assert value(after, "plan_completion", by=("quarter",), where={"quarter": "2026Q1"})[0]["denominator"] == 1000


def test_the_first_version_of_a_plan_counts_and_a_later_one_is_an_adjustment(store: Store) -> None:
    rows = listed(store.open(SYSTEM), "plan_versions", "2026Q1")
    assert [(row["place"], int(row["plan_value"]), row["counts"]) for row in rows] == [
        (1, 1000, True),
        (2, 1200, False),
    ]
    assert rows[1]["moved"] == 200


@pytest.mark.parametrize(
    ("amount", "weights"), [("100", ["1", "1", "1"]), ("0.01", ["0", "0"]), ("999.99", ["-5", "3", "7"])]
)
def test_a_proposal_has_no_rest(amount: str, weights: list[str]) -> None:
    shares = ledger.proposal(Decimal(amount), [Decimal(weight) for weight in weights])
    assert sum(shares) == Decimal(amount)
    assert min(shares) >= 0
