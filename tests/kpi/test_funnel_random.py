"""The SQL against the simulator: random histories, every model, every view."""

from datetime import date
from typing import Any

import duckdb
import pytest

from kpi.funnel import FATES, funnel, members, reconciliation, wins
from kpi.funnel_moves import moves
from kpi.funnel_time import times
from kpi.survival import SHOWN_FROM, STILL, curve
from tests.kpi import funnel_simulator as simulator
from tests.kpi.funnel_histories import random_store
from tests.kpi.funnel_simulator import MODELS, TODAY, Unit, cohort, standing_in
from tests.kpi.stage_world import world

PERIODS = [(date(2026, 1, 1), date(2026, 10, 1)), (date(2026, 4, 1), date(2026, 7, 1))]

Simulated = tuple[duckdb.DuckDBPyConnection, list[Unit]]


@pytest.fixture(scope="module", params=range(5))
def simulated(request: pytest.FixtureRequest) -> Simulated:
    tables, subjects = random_store(request.param)
    units = [unit for subject in subjects for unit in subject.units()]
    return world(TODAY, **tables), units


def bars(rows: list[dict[str, Any]], *more: str) -> dict[tuple[int, str], int]:
    return {(row["stage"], fate): row[fate] for row in rows for fate in (*FATES, *more) if row[fate]}


@pytest.mark.parametrize("letter", MODELS)
@pytest.mark.parametrize("period", PERIODS)
def test_cohorts(simulated: Simulated, letter: str, period: tuple[date, date]) -> None:
    con, units = simulated
    expected = cohort(units, letter, *period)
    assert bars(funnel(con, letter, *period), "skipped") == +expected


@pytest.mark.parametrize("letter", MODELS)
@pytest.mark.parametrize("within", [0, 20, 90])
def test_cohorts_within_days(simulated: Simulated, letter: str, within: int) -> None:
    con, units = simulated
    expected = cohort(units, letter, *PERIODS[0], within=within)
    assert bars(funnel(con, letter, *PERIODS[0], within=within), "skipped") == +expected


@pytest.mark.parametrize("letter", MODELS)
@pytest.mark.parametrize("view", ["period", "risk", "snapshot"])
@pytest.mark.parametrize("period", PERIODS)
def test_other_views(simulated: Simulated, letter: str, view: str, period: tuple[date, date]) -> None:
    con, units = simulated
    assert bars(funnel(con, letter, *period, view=view)) == +standing_in(units, letter, *period, view=view)


@pytest.mark.parametrize("letter", MODELS)
@pytest.mark.parametrize("view", ["cohort", "period"])
@pytest.mark.parametrize("period", PERIODS)
def test_moves_between_stages(simulated: Simulated, letter: str, view: str, period: tuple[date, date]) -> None:
    con, units = simulated
    found = {(r["source"], r["kind"], r["target"]): r["units"] for r in moves(con, letter, *period, view=view)}
    assert found == simulator.moves(units, letter, *period, view=view)


@pytest.mark.parametrize("letter", MODELS)
@pytest.mark.parametrize("view", ["cohort", "period"])
@pytest.mark.parametrize("period", PERIODS)
def test_endings(simulated: Simulated, letter: str, view: str, period: tuple[date, date]) -> None:
    con, units = simulated
    found = {fate: row[fate] for row in wins(con, letter, *period, view=view) for fate in ("won", "lost", "open")}
    assert {fate: n for fate, n in found.items() if n} == simulator.endings(units, letter, *period, view=view)


@pytest.mark.parametrize("letter", MODELS)
def test_times_in_stage(simulated: Simulated, letter: str) -> None:
    con, units = simulated
    stays = simulator.durations(units, letter, *PERIODS[0])
    for row in times(con, letter, *PERIODS[0]):
        known = [(days, STILL if fate == "open" else fate, n) for (days, fate), n in stays[row["stage"]].items()]
        number = sum(n for _, _, n in known)
        assert (row["n"], row["hidden"]) == (number, number < SHOWN_FROM)
        assert row["points"] == ([] if row["hidden"] else curve(known))


@pytest.mark.parametrize("letter", MODELS)
def test_members_and_groups_add_up_to_the_bars(simulated: Simulated, letter: str) -> None:
    con, _ = simulated
    for view in ("cohort", "period", "risk", "snapshot"):
        whole = bars(funnel(con, letter, view=view))
        listed = {
            (row["stage"], fate): len(members(con, letter, row["stage"], fate, view))
            for row in funnel(con, letter, view=view)
            for fate in FATES
            if row[fate]
        }
        assert listed == whole
        split: dict[tuple[int, str], int] = {}
        for row in funnel(con, letter, view=view, by=("account",)):
            for fate in FATES:
                if row[fate]:
                    split[row["stage"], fate] = split.get((row["stage"], fate), 0) + row[fate]
        assert split == whole


def test_entered_is_always_the_sum_of_the_fates(simulated: Simulated) -> None:
    con, _ = simulated
    rows = [
        row
        for letter in MODELS
        for view in ("cohort", "period", "risk", "snapshot")
        for row in funnel(con, letter, view=view)
    ]
    assert all(row["entered"] == sum(row[fate] for fate in FATES) for row in rows)
    assert any(row["back"] for row in rows)


def test_no_account_is_lost_between_models(simulated: Simulated) -> None:
    con, units = simulated
    assert {row["accounts"] for row in reconciliation(con)} == {len({unit.account for unit in units})}


def test_the_histories_hold_what_they_should(simulated: Simulated) -> None:
    _, units = simulated
    assert any(unit.ended for unit in units)
    assert len(units) > len({unit.account for unit in units})
