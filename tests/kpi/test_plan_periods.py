"""Plans that do not run by the calendar, on the pages' quarters."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from data.store import Store, Viewer
from kpi import overview, plan_periods
from kpi.rollup import rows
from tests.builder import Batch, department


def plan(start: str, end: str, amount: int) -> dict[str, Any]:
    return {"rep_id": "R1", "period_start": start, "period_end": end, "plan_value": amount}


def order(number: str, day: str, amount: int) -> dict[str, Any]:
    return {"order_no": number, "account_id": "A1", "rep_id": "R1", "order_date": day, "amount": amount}


def store(folder: Path, *plans: dict[str, Any]) -> Store:
    tables = {
        "rep": [{"rep_id": "R1", "rep_name": "张伟", "role": "专员", "dept": "大客户部", "hired_at": "2020-01-01"}],
        "account": [{"account_id": "A1", "account_name": "华晟机械", "rep_id": "R1"}],
        "orders": [order("O1", "2024-02-10", 60), order("O2", "2024-03-20", 30), order("O3", "2024-06-25", 50)],
        "sales_plan": list(plans),
    }
    return department(folder, [Batch(tables, exported_on=date(2024, 6, 30))])


def test_a_quarter_shows_the_plan_period_at_its_middle_with_its_evidence(tmp_path: Path) -> None:
    shifted = store(tmp_path, plan("2023-12-20", "2024-03-15", 100), plan("2024-03-16", "2024-06-20", 40))
    cur = shifted.open(Viewer("", "system"))
    found = {row["quarter"]: row for row in plan_periods.by_quarter(cur)}
    assert [(name, row["numerator"], row["denominator"], row["plan_period"]) for name, row in found.items()] == [
        ("2024Q1", 60, 100, "2023-12-20/2024-03-16"),
        ("2024Q2", 30, 40, "2024-03-16/2024-06-21"),
    ]
    behind = rows(cur, "plan_completion", plan_period="2024-03-16/2024-06-21")
    assert (sum(row["numerator"] for row in behind), sum(row["denominator"] for row in behind)) == (30, 40)
    assert [row["gap"] for row in overview.gaps(cur, "2024Q2", plan_period="2024-03-16/2024-06-21")] == [10]


def test_calendar_plans_stay_by_quarter(tmp_path: Path) -> None:
    calendar = store(tmp_path, plan("2024-01-01", "2024-03-31", 90))
    found = plan_periods.by_quarter(calendar.open(Viewer("", "system")))
    assert [(row["quarter"], row["denominator"], "plan_period" in row) for row in found] == [
        ("2024Q1", 90, False),
        ("2024Q2", 0, False),
    ]


def test_a_quarter_outside_every_plan_period_keeps_its_own_status(tmp_path: Path) -> None:
    early = store(tmp_path, plan("2023-12-20", "2024-03-15", 100))
    found = plan_periods.by_quarter(early.open(Viewer("", "system")))
    assert [(row["quarter"], row["status"]) for row in found] == [("2024Q1", "ok"), ("2024Q2", "无计划")]
