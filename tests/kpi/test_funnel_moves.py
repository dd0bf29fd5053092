"""What happened between the stages: moves, reasons, money spent before termination, gates left undecided."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from kpi.compare import Side, compare
from kpi.funnel import members
from kpi.funnel_moves import cost_per_won, moves, reasons, spending, undecided
from kpi.intervals import difference
from tests.kpi.stage_world import world

TODAY = date(2026, 6, 30)
QUARTERS = [
    {"quarter": "2026Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 4, 1)},
    {"quarter": "2026Q2", "period_start": date(2026, 4, 1), "period_end": date(2026, 7, 1)},
]


def at(month: int, day: int) -> date:
    return date(2026, month, day)


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    """W is won after a step back, T terminated in stage 2, S skips the gate to stage 3 and is open, N is in stage 1."""
    moved = {
        "W": [(1, at(1, 5)), (2, at(1, 20)), (3, at(2, 10)), (2, at(2, 20)), (3, at(3, 1)), (5, at(3, 20))],
        "T": [(1, at(1, 10)), (2, at(2, 1))],
        "S": [(1, at(4, 5)), (3, at(4, 25))],
        "N": [(1, at(5, 1))],
    }
    rows = [
        {"account_id": name, "model": "a", "stage_no": stage, "entered_at": day}
        for name, steps in moved.items()
        for stage, day in steps
    ]
    rows.append({"account_id": "T", "stage": "终止", "entered_at": at(3, 15), "loss_reason": "预算取消"})
    rows.append({"account_id": "W", "stage": "成交", "entered_at": at(4, 10)})
    visits = [("W", at(2, 1), 100), ("W", at(4, 10), 50), ("W", at(5, 1), 999), ("T", at(3, 15), 70)]
    visits.append(("S", at(6, 1), 30))
    drawn = {"account_id": "T", "rep_id": "R1", "issued_at": at(3, 1), "qty": 2, "unit_price": Decimal("2.5")}
    return world(
        TODAY,
        account=[{"account_id": name, "account_name": f"客户{name}"} for name in moved],
        stage_history=rows,
        visit=[
            {"account_id": name, "visit_at": day, "cost": cost, "status": "完成", "visit_type": "电话"}
            for name, day, cost in visits
        ],
        sample=[{"account_id": "T", "sent_at": at(2, 20), "qty": 3, "unit_cost": 10}],
        requisition=[drawn],
        quarter=QUARTERS,
    )


def test_moves_name_each_step_and_each_end(con: duckdb.DuckDBPyConnection) -> None:
    found = [(row["source"], row["kind"], row["target"], row["units"]) for row in moves(con, "a")]
    assert sorted(found, key=str) == sorted([
        (1, "forward", 2, 2), (1, "forward", 3, 1), (1, "open", None, 1),
        (2, "forward", 3, 2), (2, "terminated", None, 1),
        (3, "back", 2, 1), (3, "forward", 5, 1), (3, "open", None, 1),
        (5, "won", None, 1),
    ], key=str)  # fmt: skip


def test_reasons_are_counted_from_the_members(con: duckdb.DuckDBPyConnection) -> None:
    assert reasons(members(con, "a", 2)) == [("预算取消", 1)]


def test_money_up_to_the_end_and_no_further(con: duckdb.DuckDBPyConnection) -> None:
    rows = spending(con, "a")
    found = {(row["outcome"], row["stage"]): (row["visits"], row["samples"], row["expenses"]) for row in rows}
    assert found == {
        ("terminated", 2): (70, 30, 5), ("won", 5): (150, 0, 0), ("open", 3): (30, 0, 0), ("open", 1): (0, 0, 0),
    }  # fmt: skip
    cost = cost_per_won(rows)
    assert (cost["lost"], cost["own"], cost["full"]) == (105, 150, 255)


def test_money_of_a_period_is_that_of_what_closed_in_it(con: duckdb.DuckDBPyConnection) -> None:
    closed = {row["outcome"] for row in spending(con, "a", at(1, 1), at(4, 1)) if row["outcome"] != "open"}
    assert closed == {"terminated"}
    assert cost_per_won(spending(con, "a", at(1, 1), at(4, 1)))["full"] is None


def test_the_gate_was_passed_or_is_awaited_without_a_decision(con: duckdb.DuckDBPyConnection) -> None:
    assert [(row["account_id"], row["stage"], row["passed"]) for row in undecided(con, "a")] == [
        ("S", 3, True), ("N", 1, False),
    ]  # fmt: skip
    assert undecided(con, "e") == []


def test_newcombe_as_published() -> None:
    """Newcombe 1998, Statistics in Medicine 17:873, table II: 56/70 against 48/80 gives 0.0524 to 0.3339."""
    apart, low, high = difference((48, 80), (56, 70))
    assert [round(each, 4) for each in (apart, low, high)] == [0.2, 0.0524, 0.3339]


def test_two_quarters_side_by_side(con: duckdb.DuckDBPyConnection) -> None:
    sides = [Side(row["quarter"], row["period_start"], row["period_end"]) for row in QUARTERS]  # type: ignore[arg-type]
    first = compare(con, "a", sides)[0]
    assert (first["left"]["entered"], first["right"]["entered"]) == (2, 2)
    assert (first["apart"], first["sure"]) == (-0.5, False)
    assert first["low"] < first["apart"] < first["high"]
