"""The four views on the worked examples F1 … F3 (domain.md §5.1)."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from kpi.funnel import FATES, funnel, members, reconciliation, standing, wins
from tests.kpi.stage_world import world

Q1 = (date(2026, 1, 1), date(2026, 4, 1))
TODAY = date(2026, 5, 15)

Move = tuple[int, date]


def history(account: str, moves: Sequence[Move], ended: tuple[str, date] | None = None) -> Iterator[dict[str, Any]]:
    for stage_no, entered in moves:
        yield {"account_id": account, "model": "a", "stage_no": stage_no, "entered_at": entered}
    if ended:
        yield {"account_id": account, "stage": ended[0], "entered_at": ended[1], "loss_reason": "预算取消"}


def store(histories: Sequence[Sequence[dict[str, Any]]], today: date = TODAY) -> duckdb.DuckDBPyConnection:
    rows = [row for rows in histories for row in rows]
    accounts = [
        {"account_id": name, "account_name": f"客户{name}"} for name in sorted({row["account_id"] for row in rows})
    ]
    return world(today, account=accounts, stage_history=rows)


@pytest.fixture(scope="module")
def f1() -> duckdb.DuckDBPyConnection:
    """40 entered a1 in Q1: 25 reached a2 or beyond, 12 were terminated, 3 are open; 32 entered 90 days ago or more."""
    old, young = date(2026, 1, 10), date(2026, 3, 20)
    days = timedelta(days=1)
    histories = [list(history(f"A{n}", [(1, old), (2, old + 30 * days)])) for n in range(20)]
    histories += [list(history(f"B{n}", [(1, young), (3, young + 20 * days)])) for n in range(5)]
    histories += [list(history(f"T{n}", [(1, old)], ("终止", old + 40 * days))) for n in range(10)]
    histories += [list(history(f"U{n}", [(1, young)], ("终止", young + 5 * days))) for n in range(2)]
    histories += [list(history(f"O{n}", [(1, old)])) for n in range(2)] + [list(history("P", [(1, young)]))]
    return store(histories)


def first(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in rows if row["stage"] == 1)


def fates(row: dict[str, Any]) -> tuple[int, ...]:
    return (row["entered"], *(row[fate] for fate in FATES))


def test_f1_cohort(f1: duckdb.DuckDBPyConnection) -> None:
    row = first(funnel(f1, "a", *Q1))
    assert fates(row) == (40, 25, 12, 0, 3)
    assert row["conversion"] == pytest.approx(0.625)
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.4703, 0.7578)
    assert (row["terminated"] / row["entered"], row["open"] / row["entered"]) == (0.30, 0.075)


def test_f1_within_90_days_counts_mature_units_only(f1: duckdb.DuckDBPyConnection) -> None:
    row = first(funnel(f1, "a", *Q1, within=90))
    assert (row["entered"], row["advanced"], row["conversion"]) == (32, 20, 0.625)


def test_a_skip_counts_as_passed_and_has_no_stay(f1: duckdb.DuckDBPyConnection) -> None:
    second = funnel(f1, "a")[1]
    assert (second["entered"], second["skipped"], second["n_at_risk"]) == (25, 5, 20)


def test_members_are_the_units_behind_the_bar(f1: duckdb.DuckDBPyConnection) -> None:
    lost = members(f1, "a", 1, "terminated", start=Q1[0], end=Q1[1])
    assert {row["account_id"] for row in lost} == {*(f"T{n}" for n in range(10)), "U0", "U1"}
    assert {row["reason"] for row in lost} == {"预算取消"}


def test_f2_period_and_at_risk() -> None:
    day = date(2026, 2, 1)
    before = date(2025, 12, 1)
    later = date(2026, 4, 20)
    histories = [list(history(f"A{n}", [(1, before), (2, day)])) for n in range(18)]
    histories += [list(history(f"T{n}", [(1, before)], ("终止", day))) for n in range(9)]
    histories += [list(history(f"L{n}", [(1, before), (2, later)])) for n in range(11)]
    histories += [list(history(f"O{n}", [(1, day)])) for n in range(10)]
    histories += [list(history(f"N{n}", [(1, later)])) for n in range(4)]
    con = store(histories)
    leavers = first(funnel(con, "a", *Q1, view="period"))
    assert fates(leavers) == (27, 18, 9, 0, 0)
    assert round(leavers["conversion"], 4) == 0.6667
    stood = first(funnel(con, "a", *Q1, view="risk"))
    assert fates(stood) == (48, 18, 9, 0, 21)
    assert stood["conversion"] == 0.375


def test_a_model_answers_to_its_letter_and_its_name(f1: duckdb.DuckDBPyConnection) -> None:
    assert funnel(f1, "five_stage") == funnel(f1, "a")


def test_unknown_names_are_answered_with_what_exists(f1: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="a, b, c, d, e"):
        funnel(f1, "z")
    with pytest.raises(ValueError, match="cohort, period, risk, snapshot"):
        funnel(f1, "a", view="magic")
    with pytest.raises(ValueError, match="quarter, region, rep"):
        funnel(f1, "a", by=("colour",))


def test_f3_win_rates_of_a_period_and_of_a_cohort() -> None:
    begun, closed = date(2026, 1, 10), date(2026, 2, 10)
    histories = [list(history(f"W{n}", [(1, begun)], ("成交", closed))) for n in range(5)]
    histories += [list(history(f"L{n}", [(1, begun)], ("输单", closed))) for n in range(6)]
    histories += [list(history(f"O{n}", [(1, begun)])) for n in range(9)]
    con = store(histories)
    [cohort] = wins(con, "a", *Q1)
    assert (cohort["won"], cohort["lost"], cohort["open"], cohort["win_rate"]) == (5, 6, 9, 0.25)
    [closed_in] = wins(con, "a", *Q1, view="period")
    assert (closed_in["entered"], round(closed_in["win_rate"], 4)) == (11, 0.4545)
    assert closed_in["median_days_won"] == 31


def test_every_account_is_in_every_model_once(f1: duckdb.DuckDBPyConnection) -> None:
    rows = reconciliation(f1)
    assert [row["model"] for row in rows] == ["a", "b", "c", "d", "e"]
    assert {row["accounts"] for row in rows} == {40}
    assert rows[0] == {"model": "a", "accounts": 40, "在途": 28, "成交": 0, "终止": 12, "流失": 0, "未进入": 0}


def test_standing_names_the_stage_and_what_was_skipped(f1: duckdb.DuckDBPyConnection) -> None:
    row = standing(f1, "B0")[0]
    assert (row["model"], row["stage"], row["name_en"], row["state"]) == ("a", 3, "Value assessment", "在途")
    assert (row["since"], row["days"], row["skipped"]) == (date(2026, 4, 9), 36, [2])
