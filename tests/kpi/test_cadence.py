"""Cadence, visit plans and velocity: F5, F6, F7 of domain.md §5, and the rules of §8a.10."""

from datetime import date, timedelta

import pytest

from kpi.cadence import (
    Measure,
    add_working_days,
    calendar_days,
    compliance,
    follow_up,
    gaps,
    is_working_day,
    velocity,
    working_days,
)
from kpi.visit_plan import counted, visits
from tests.kpi.stage_world import world

CONTACTS = [date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 6), date(2026, 3, 11)]
AS_OF = date(2026, 3, 16)


def test_f5_gaps_in_calendar_and_working_days() -> None:
    every = [*CONTACTS, AS_OF]
    assert gaps(every, AS_OF, 3, calendar_days) == [2, 2, 5, 5]
    assert gaps(every, AS_OF, 3, working_days) == [2, 2, 3, 3]


@pytest.mark.parametrize(
    ("measure", "limit", "share"),
    [(calendar_days, 3, 0.5), (calendar_days, 2, 0.5), (working_days, 3, 1.0), (working_days, 2, 0.5)],
)
def test_f5_compliance(measure: Measure, limit: int, share: float) -> None:
    assert compliance(CONTACTS, AS_OF, limit, measure) == share


def test_one_contact_inside_its_limit_is_not_judged() -> None:
    assert compliance(CONTACTS[-1:], AS_OF) is None


def test_national_day_is_no_work_and_a_moved_saturday_is() -> None:
    assert not is_working_day(date(2025, 10, 1))
    assert is_working_day(date(2025, 10, 11))
    assert add_working_days(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert working_days(date(2025, 9, 30), date(2025, 10, 9)) == 1


def test_years_without_published_holidays_go_by_the_week() -> None:
    assert (is_working_day(date(2050, 1, 7)), is_working_day(date(2050, 1, 8))) == (True, False)


def test_f6_visit_plan_completion() -> None:
    day = date(2026, 3, 10)
    kept = [{"plan_date": day, "visit_at": day + timedelta(days=n % 4), "status": "完成"} for n in range(8)]
    late = {"plan_date": day, "visit_at": day + timedelta(days=7), "status": "完成"}
    missed = [{"plan_date": day, "status": "未执行"}] * 2
    withdrawn = {"plan_date": day, "status": "取消(我方)"}
    unplanned = [{"visit_at": day, "status": "完成"}] * 3
    rows = [*kept, late, {"plan_date": day, "status": "取消(客户)"}, *missed, withdrawn, *unplanned]
    con = world(AS_OF, visit=[{"visit_id": str(n), **row} for n, row in enumerate(rows)])
    found = counted(visits(con, date(2026, 3, 1), date(2026, 4, 1)))
    assert (found["planned"], found["unplanned"], found["withdrawn"]) == (12, 3, 1)
    rates = [found[name] for name in ("on_time_rate", "done_rate", "done_rate_without_cancelled")]
    assert [round(rate, 4) for rate in rates] == [0.6667, 0.75, 0.8182]
    assert counted(visits(con, date(2026, 5, 1), date(2026, 6, 1)))["on_time_rate"] is None


def test_f7_velocity() -> None:
    assert velocity(24, 0.25, 300_000, 90) == 20_000
    assert round(velocity(18, 0.24, 42_000, 78) or 0, 2) == 2326.15
    assert velocity(1, 0.5, 1, 0) is None


def test_who_is_due_and_how_badly() -> None:
    visits = {
        "new": [date(2026, 3, 10)],
        "late": [date(2026, 3, 5)],
        "gone": [date(2026, 3, 3)],
        "old_a": [date(2026, 2, 2), date(2026, 3, 10)],
        "told": [date(2026, 3, 11)],
        "class_d": [date(2026, 3, 3)],
    }
    tiers = {"old_a": "A", "class_d": "D"}
    con = world(
        AS_OF,
        account=[{"account_id": name, "account_name": name, "account_class": tiers.get(name)} for name in visits],
        visit=[
            {"visit_id": f"{name}{n}", "account_id": name, "visit_at": on, "visit_type": "上门", "status": "完成",
             "next_date": date(2026, 3, 20) if name == "told" else None}
            for name, days in visits.items() for n, on in enumerate(days)
        ],
    )  # fmt: skip
    rows = {row["account_id"]: row for row in follow_up(con)}
    assert next(iter(rows)) == "gone"
    assert {name: (row["gap"], row["allowed"], row["colour"]) for name, row in rows.items()} == {
        "gone": (9, 3, "red"), "late": (7, 3, "red"), "new": (4, 3, "amber"), "old_a": (4, 5, "green"),
        "told": (3, 7, "green"),
    }  # fmt: skip
    assert rows["told"]["due_on"] == date(2026, 3, 20)
