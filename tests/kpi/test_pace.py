"""The quarter to date and where it is heading."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from data.store import Viewer
from kpi import pace
from kpi.pace import Course, project
from kpi.periods import quarters
from kpi.rollup import value

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


def test_churn_has_no_value_to_date(sample_store: Store) -> None:
    with pytest.raises(pace.NoPaceError):
        pace.courses(sample_store.open(SYSTEM), "churn")
