"""Where an unfinished quarter is heading: ranges worked by hand on a small department, half way through a quarter."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from data.store import Store, Viewer
from kpi.expected import Expected, Range, expected
from kpi.pace import by_rep
from kpi.points import rounded
from kpi.scheme import schemes
from kpi.scoring import scorecard
from tests.builder import Batch, Rows, department

V1, V2 = schemes()["ka_rep_v1"], schemes()["ka_rep_v2"]
LATE = {"2025-06": 300, "2025-09": 400, "2025-12": 450, "2026-03": 500, "2026-06": 550}
QUARTERS = [("2025-04-01", "2025-06-30"), ("2025-07-01", "2025-09-30"), ("2025-10-01", "2025-12-31"),
            ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-09-30")]  # fmt: skip


def order(account: str, day: str, amount: int) -> dict[str, object]:
    return {"order_no": f"{account}{day}", "account_id": account, "rep_id": "R03", "order_date": day, "amount": amount}


def tables() -> dict[str, Rows]:
    """Give ten accounts that order early each quarter, late sales of A0, A9 silent since March, N1 new in late May."""
    starts = [start for start, _end in QUARTERS]
    orders = [order(f"A{n}", start[:8] + "10", 50) for start in starts for n in range(9)]
    orders += [order("A9", day, 50) for day in ("2025-04-10", "2025-09-20", "2026-03-20")]
    orders += [order("A0", f"{month}-20", amount) for month, amount in LATE.items()]
    orders += [order("N1", "2026-05-30", 50), order("N1", "2026-07-12", 50)]
    accounts = [*(f"A{n}" for n in range(10)), "N1"]
    plans = [
        {"rep_id": "R03", "metric": "销售额", "period_start": start, "period_end": end, "plan_value": 1000}
        for start, end in QUARTERS
    ]
    return {
        "rep": [{"rep_id": "R03", "rep_name": "张伟", "role": "专员", "dept": "大客户部"}],
        "account": [
            {"account_id": a, "account_name": a, "rep_id": "R03", "account_class": "A"}
            | {"main_products": "轴承" if a == "A0" else "", "created_at": "2026-07-20" if a == "P1" else ""}
            for a in (*accounts, "P1")
        ],
        "orders": orders,
        "sales_plan": plans,
    }


@pytest.fixture(scope="module")
def half_way(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return department(tmp_path_factory.mktemp("expected"), [Batch(tables(), exported_on=date(2026, 8, 14))])


def heading(store: Store, quarter: str = "2026Q3", scheme: str = "ka_rep_v1") -> Expected | None:
    cur = store.open(Viewer("", "system"))
    return expected(cur, scorecard(cur, "R03", quarter, schemes()[scheme]))


def of(found: Expected | None, metric: str) -> Range:
    assert found is not None
    return next(item for item in found.items if item.metric == metric)


def rates(item: Range) -> list[Decimal | None]:
    return [None if line is None else line.rate for line in (item.now, item.worst, item.likely, item.best)]


def test_sales_end_where_earlier_quarters_led(half_way: Store) -> None:
    """500 by day 45; the same day on, earlier quarters added 300, 400, 450, 500 and 600 of a plan of 1,000."""
    found = heading(half_way)
    assert found is not None
    assert (found.as_of, found.days, found.length) == (date(2026, 8, 14), 45, 92)
    sales = of(found, "plan_completion")
    assert rates(sales) == [Decimal(share) for share in ("0.5", "0.8", "0.95", "1.1")]
    assert sales.values == {"quarters": 5}
    assert found.worst is not None
    assert found.best is not None
    assert [card.lines[0].score for card in (found.worst, found.best)] == [Decimal(80), Decimal(110)]


def test_the_year_moves_with_the_quarter(half_way: Store) -> None:
    sales = of(heading(half_way, scheme="ka_rep_v2"), "plan_completion")
    assert sales.worst is not None
    assert sales.now.year_rate is not None
    assert sales.worst.year_rate == sales.now.year_rate + Decimal(300) / 3000


def test_losses_end_between_those_known_and_those_near_their_line(half_way: Store) -> None:
    """A9 orders every 160 to 180 days: its line lies in September, so one of eleven may still be lost."""
    losses = of(heading(half_way), "churn")
    assert losses.now.denominator == Decimal(11)
    assert losses.values["near"] == 1
    assert rates(losses) == [Decimal(0), Decimal(1) / 11, Decimal(0), Decimal(0)]


def test_new_accounts_are_whole_ones(half_way: Store) -> None:
    """One late new account in five quarters, of ten: nothing, nothing, and 1.1 rounded up to two of eleven."""
    new = of(heading(half_way), "new_development")
    assert rates(new) == [Decimal(0), Decimal(0), Decimal(0), Decimal(2) / 11]


def test_files_end_between_nothing_more_and_everything_filled_in(half_way: Store) -> None:
    """One full file and ten half full ones; P1 joins them on 19 August, half full: 6 of 11, then 6.5 of 12."""
    files = of(heading(half_way), "file_completeness")
    expected_rates = [Decimal(6) / 11, Decimal("6.5") / 12, Decimal("6.5") / 12, Decimal(1)]
    assert [None if rate is None else round(rate, 12) for rate in rates(files)] == [
        round(r, 12) for r in expected_rates
    ]
    assert files.values == {"coming": 1}


def test_the_score_lies_between_its_ends_and_the_cards_add_up(half_way: Store) -> None:
    """V1: plan 80/95/110 × 40, files 0/0/100 × 15 (below 70 % nothing), churn 83.64/105/105 × 25, new 0/0/120 × 20."""
    found = heading(half_way)
    assert found is not None
    assert found.worst is not None
    assert found.likely is not None
    assert found.best is not None
    churn = 100 - 4 * (Decimal(100) / 11 - 5)
    assert found.worst.total == rounded((40 * Decimal(80) + 25 * churn) / 100)
    assert found.likely.total == rounded((40 * Decimal(95) + 25 * Decimal(105)) / 100)
    assert found.best.total == rounded(
        (40 * Decimal(110) + 15 * Decimal(100) + 25 * Decimal(105) + 20 * Decimal(120)) / 100
    )
    assert (found.worst.grade, found.likely.grade, found.best.grade) == ("D", "C", "A")


def test_a_finished_quarter_has_no_projection(half_way: Store) -> None:
    assert heading(half_way, "2026Q2") is None


def test_three_quarters_say_nothing_of_the_total(tmp_path: Path) -> None:
    short = tables()
    short["sales_plan"] = short["sales_plan"][-4:]
    short["orders"] = [row for row in short["orders"] if str(row["order_date"]) >= "2025-10"]
    store = department(tmp_path, [Batch(short, exported_on=date(2026, 8, 14))])
    found = heading(store)
    assert of(found, "plan_completion").basis == "too_short"
    assert found is not None
    assert (found.worst, found.likely, found.best) == (None, None, None)


@pytest.mark.parametrize("other_day", [date(2026, 9, 20), date(2026, 9, 30)])
def test_another_department_s_data_do_not_move_a_person_s_day(tmp_path: Path, half_way: Store, other_day: date) -> None:
    elsewhere: dict[str, Rows] = {
        "rep": [{"rep_id": "R09", "rep_name": "李四", "role": "专员", "dept": "二部"}],
        "account": [{"account_id": "B1", "account_name": "乙", "rep_id": "R09", "account_class": "A"}],
        "orders": [
            {**order("B1", f"{start[:8]}15", 100), "rep_id": "R09"} for start, _end in QUARTERS
        ],
    }  # fmt: skip
    both = department(tmp_path, [Batch(tables(), exported_on=date(2026, 8, 14)), Batch(elsewhere, other_day)])
    alone, beside = heading(half_way), heading(both)
    assert alone is not None
    assert beside is not None
    assert (beside.as_of, beside.days) == (date(2026, 8, 14), 45)
    assert [(item.worst, item.likely, item.best) for item in beside.items] == [
        (item.worst, item.likely, item.best) for item in alone.items
    ]
    cur = both.open(Viewer("", "system"))
    told = by_rep(cur, "plan_completion", "2026Q3", "大客户部")["R03"]
    assert (told.amount, told.low, told.high) == (Decimal(950), Decimal(800), Decimal(1100))
