"""The quarter to date and where it is heading."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from data.store import Viewer
from kpi import pace
from kpi.pace import Course, project
from kpi.periods import quarters
from kpi.rollup import value
from tests.builder import Batch, Rows, department

if TYPE_CHECKING:
    from data.store import Store

SYSTEM = Viewer("tests", "system")


def course(number: int, late: int, base: int = 100, days: int = 90) -> Course:
    """Give a quarter that reached 50 on its tenth day and `late` more on its eightieth."""
    start = date(2020, 1, 1) + timedelta(days * number)
    amounts = ((9, Decimal(50)), (79, Decimal(late)))
    end = start + timedelta(days)
    return Course(f"Q{number}", start, end, end - timedelta(1), amounts, Decimal(base))


def test_the_rest_of_earlier_quarters_is_added_as_a_share_of_the_plan() -> None:
    earlier = [course(number, late) for number, late in enumerate((10, 20, 30, 40, 50))]
    found = project(Decimal(80), 30, Decimal(200), earlier)
    assert found is not None
    assert [found.amount, found.low, found.high] == [Decimal(n) for n in (140, 100, 180)]
    assert found.nominal == pytest.approx(4 / 6)


def test_without_plans_the_rest_is_an_amount() -> None:
    earlier = [course(number, late, base=0) for number, late in enumerate((10, 20, 30, 40))]
    found = project(Decimal(80), 30, Decimal(0), earlier)
    assert found is not None
    assert [found.amount, found.low, found.high] == [Decimal(n) for n in (105, 90, 120)]


def test_three_quarters_say_nothing_and_only_eight_are_looked_at() -> None:
    assert project(Decimal(1), 30, Decimal(100), [course(n, 10) for n in range(3)]) is None
    many = [course(0, 99), *(course(n, 10) for n in range(1, 9))]
    found = project(Decimal(0), 30, Decimal(100), many)
    assert found is not None
    assert found.high == Decimal(10)
    assert found.quarters == 8


def test_a_day_after_the_end_has_nothing_to_come() -> None:
    found = project(Decimal(7), 90, Decimal(100), [course(n, 10) for n in range(4)])
    assert found is not None
    assert [found.amount, found.low, found.high] == [Decimal(7)] * 3


@pytest.mark.parametrize("metric", ["plan_completion", "new_development"])
def test_the_courses_of_the_sample_end_at_the_numbers(sample_store: Store, metric: str) -> None:
    cursor = sample_store.open(SYSTEM)
    shown = {row["quarter"]: row for row in value(cursor, metric, by=("quarter",))}
    for found in pace.courses(cursor, metric):
        if found.quarter in shown:
            assert (found.whole, found.base) == (
                shown[found.quarter]["numerator"],
                shown[found.quarter]["denominator"],
            )


def test_the_sample_to_date_and_its_back_test(sample_store: Store) -> None:
    cursor = sample_store.open(SYSTEM)
    last = str(quarters(cursor)[-1]["quarter"])
    now = pace.to_date(cursor, "plan_completion", last)
    assert now is not None
    assert now["projection"] is None
    assert len(now["earlier"]) >= 8
    assert pace.to_date(cursor, "plan_completion", "1999Q1") is None
    tried = pace.backtest(cursor, "plan_completion")
    assert [row["elapsed"] for row in tried] == [0.25, 0.5, 0.75]
    assert all(row["quarters"] >= 5 and 0 <= row["median_error"] < 0.5 for row in tried)


def test_quarters_before_the_first_plan_or_amount_do_not_count() -> None:
    empty = [replace(course(number, 0, base=0), amounts=()) for number in range(3)]
    assert project(Decimal(1), 30, Decimal(0), [*empty, *(course(n, 10) for n in range(3, 6))]) is None
    found = project(Decimal(80), 30, Decimal(0), [*empty, *(course(n, 10, base=0) for n in range(3, 7))])
    assert found is not None
    assert [found.amount, found.low, found.quarters] == [Decimal(90), Decimal(90), 4]


@pytest.fixture(scope="module")
def in_progress(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give five quarters of three reps, the last until 15 May; R2 began a year late, R3 left in April."""
    starts = [date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 1), date(2026, 4, 1)]
    orders: Rows = []
    for number, start in enumerate(starts):
        for rep in ("R1", "R3") if number < 3 else ("R1", "R2", "R3"):
            late = [] if number == 4 else [(start + timedelta(60), 100 * (number + 1))]
            for day, amount in [(start + timedelta(10), 500), *late]:
                orders.append(
                    {"order_no": f"{rep}-{day}", "order_date": day, "account_id": rep, "rep_id": rep, "amount": amount}
                )
    ends = [*starts[1:], date(2026, 7, 1)]
    plans: Rows = [
        {"rep_id": rep, "period_start": start, "period_end": end, "plan_value": 1000}
        for rep in ("R1", "R2", "R3")
        for start, end in zip(starts, ends, strict=True)
    ]
    tables: dict[str, Rows] = {
        "rep": [
            {"rep_id": rep, "rep_name": rep, "role": "专员", "dept": "甲", "left_at": left}
            for rep, left in (("R1", None), ("R2", None), ("R3", date(2026, 4, 20)))
        ],
        "account": [{"account_id": rep, "account_name": rep, "rep_id": rep} for rep in ("R1", "R2", "R3")],
        "orders": orders,
        "sales_plan": [plan for plan in plans if plan["rep_id"] != "R2" or plan["period_start"] >= starts[3]],
    }
    return department(tmp_path_factory.mktemp("pace"), [Batch(tables, exported_on=date(2026, 5, 15))])


def test_each_rep_is_projected_from_own_quarters(in_progress: Store) -> None:
    """R1 has 500 of 1,000; after day 45 earlier quarters added 10, 20, 30, 40 % of the plan: 750, from 600 to 900."""
    cursor = in_progress.open(SYSTEM)
    found = pace.by_rep(cursor, "plan_completion", "2026Q2")
    assert list(found) == ["R1"]  # one earlier quarter says nothing of R2, and R3 is gone
    told = found["R1"]
    assert [told.amount, told.low, told.high, told.quarters] == [Decimal(n) for n in (750, 600, 900, 4)]
    one = pace.to_date(cursor, "plan_completion", "2026Q2", rep="R1")
    assert one is not None
    assert one["projection"] == told
    assert pace.by_rep(cursor, "plan_completion", "2026Q1") == {}


def test_churn_has_no_value_to_date(sample_store: Store) -> None:
    with pytest.raises(pace.NoPaceError):
        pace.courses(sample_store.open(SYSTEM), "churn")
