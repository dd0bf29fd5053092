"""What the funnel is likely to bring, and the care after the first order, on a department counted by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from data.store import Viewer
from kpi import care, outlook
from tests.builder import Batch, Rows, department

TODAY = date(2026, 8, 31)


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ("80%", "0.8"), ("80", "0.8"), ("0.8", "0.8"), ("62.5％", "0.625"), ("高", "0.75"),
        ("中", "0.5"), ("低", "0.25"),
        ("1", "1"), ("120%", None), ("很大", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_likelihood_is_read_as_people_write_it(said: str | None, share: str | None) -> None:
    assert outlook.likelihood(said) == (Decimal(share) if share else None)


def tables() -> dict[str, Rows]:
    """E is expected this quarter, L later, P was before today, U has no likelihood; W is a customer with crises."""
    stages = [
        {"account_id": name, "model": "a", "stage_no": stage, "entered_at": day}
        for name in "ELPU"
        for stage, day in ((1, "2026-06-01"), (2, "2026-06-20"))
    ]
    assessed = {
        "E": (100_000, "50%", "2026-09-15"),
        "L": (200_000, "高", "2026-12-01"),
        "P": (300_000, "80%", "2026-08-01"),
    }
    planned = {"period_start": "2026-07-01", "period_end": "2026-10-01", "plan_value": 105_000}
    orders = ["2025-11-03", "2026-02-02", "2026-04-01", "2026-07-06"]
    return {
        "rep": [{"rep_id": "R1", "rep_name": "张伟", "role": "专员", "dept": "大客户部"}],
        "account": [
            {"account_id": name, "account_name": name, "rep_id": "R1", "account_class": "A", "created_at": "2025-10-01"}
            for name in "ELPUW"
        ],
        "stage_history": stages,
        "value_assessment": [
            {"account_id": name, "assessed_at": "2026-07-01", "expected_amount": amount, "deal_likelihood": said,
             "expected_close": close}
            for name, (amount, said, close) in assessed.items()
        ] + [{"account_id": "U", "assessed_at": "2026-07-01", "expected_amount": 500}],
        "orders": [
            {"order_no": f"S{n}", "account_id": "W", "rep_id": "R1", "order_date": day, "amount": 1000 * (n + 1)}
            for n, day in enumerate(orders)
        ],
        "sales_plan": [{"rep_id": "R1", **planned}],
        "complaint": [
            {"complaint_no": "C1", "account_id": "W", "opened_at": "2026-02-10 09:00",
             "first_response_at": "2026-02-10 13:00", "closed_at": "2026-02-20 09:00", "customer_accepted": "是"},
            {"complaint_no": "C2", "account_id": "W", "opened_at": "2026-08-01 09:00"},
        ],
        "survey": [
            {"survey_id": "Q1", "account_id": "W", "surveyed_at": "2026-07-10", "score": 8, "scale": 10},
            {"survey_id": "Q2", "account_id": "W", "surveyed_at": "2026-07-20", "score": 3, "scale": 5},
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder: Path = tmp_path_factory.mktemp("outlook")
    return department(folder, [Batch(tables(), exported_on=TODAY)]).open(Viewer("", "system"))


def test_the_pipeline_weighs_each_open_development(con: duckdb.DuckDBPyConnection) -> None:
    rows = {row["account_id"]: (row["weighted"], row["passed"]) for row in outlook.pipeline(con, "a")}
    assert rows == {"P": (240_000, True), "E": (50_000, False), "L": (150_000, False), "U": (None, False)}


def test_what_closes_in_the_quarter_stands_beside_what_is_left_of_the_plan(con: duckdb.DuckDBPyConnection) -> None:
    found = outlook.against_plan(con, "a", "2026Q3")
    assert (found["plan"], found["actual"], found["left"]) == (105_000, 4000, 101_000)
    assert (found["weighted"], found["n"], found["all_weighted"]) == (50_000, 1, 440_000)
    assert (found["unweighed"], found["passed"]) == (1, 1)


def test_no_velocity_from_fewer_than_five(con: duckdb.DuckDBPyConnection) -> None:
    found = outlook.pace(con, "a", "2026Q3")
    assert (found["qualified"], found["closed"], found["velocity"]) == (4, 1, None)


def test_a_crisis_and_the_orders_of_ninety_days_around_it(con: duckdb.DuckDBPyConnection) -> None:
    young, old = care.complaints(con)
    assert (old["response_hours"], old["days_to_close"], old["customer_accepted"]) == (4, 10, True)
    assert (old["sales_before"], old["sales_after"], old["orders_after"]) == (2000, 3000, 1)
    assert (young["days_to_close"], young["sales_after"], young["days_since"]) == (None, None, 30)
    told = care.summary([young, old])
    assert (told["n"], told["open"], told["accepted"], told["mature"], told["reordered"]) == (2, 1, 1, 1, 1)
    assert told["days_to_close"] is None


def test_satisfaction_is_the_mean_of_score_over_scale(con: duckdb.DuckDBPyConnection) -> None:
    [row] = care.satisfaction(con)
    assert (row["quarter"], row["n"], float(row["score"])) == ("2026Q3", 2, 0.7)


def test_loyalty_counts_quarters_in_a_row(con: duckdb.DuckDBPyConnection) -> None:
    [row] = care.loyalty(con)
    assert (row["account_id"], row["running"], row["quarters"], row["possible"]) == ("W", 4, 4, 4)
    assert (row["stable"], row["in_crisis"]) == (True, True)
