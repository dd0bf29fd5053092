"""Numbers and their evidence: lists add up to values, the base reconciles, owners of then and today keep the whole."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from data.store import Viewer
from kpi import churn_evidence, overview
from kpi.as_is import owners
from kpi.catalogue import every, metrics
from kpi.periods import quarters
from kpi.rollup import UNASSIGNED, rows, value

if TYPE_CHECKING:
    import duckdb

    from data.store import Store

SYSTEM = Viewer("tests", "system")


@pytest.fixture(scope="module")
def cursor(sample_store: Store) -> duckdb.DuckDBPyConnection:
    return sample_store.open(SYSTEM)


@pytest.fixture(scope="module")
def names(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    return [str(row["quarter"]) for row in quarters(cursor)]


def people(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    return [row[0] for row in cursor.execute("select distinct rep_id from tenure order by 1").fetchall()]


def total(found: list[dict[str, Any]], name: str) -> Any:  # noqa: ANN401 - a sum of Decimals
    return sum(row[name] for row in found)


@pytest.mark.parametrize("metric", sorted(every()))
def test_the_rows_behind_every_number_add_up_to_it(
    cursor: duckdb.DuckDBPyConnection, names: list[str], metric: str
) -> None:
    for quarter in names:
        for rep in (None, UNASSIGNED, *people(cursor)):
            listed = rows(cursor, metric, quarter=quarter, rep=rep)
            shown = value(cursor, metric, by=("quarter",), rep=rep, where={"quarter": quarter})
            numbers = (shown[0]["numerator"], shown[0]["denominator"]) if shown else (0, 0)
            assert (total(listed, "numerator"), total(listed, "denominator")) == numbers, (quarter, rep)


@pytest.mark.parametrize("metric", sorted(every()))
def test_a_row_that_counts_leads_to_its_file_and_row(
    cursor: duckdb.DuckDBPyConnection, names: list[str], metric: str
) -> None:
    counted = [row for row in rows(cursor, metric, quarter=names[-1]) if row["numerator"] or row["denominator"]]
    assert counted
    assert [row for row in counted if not row["file"] or not row["source_row"]] == []


def test_opening_and_moves_lead_to_closing_for_every_rep_and_quarter(
    cursor: duckdb.DuckDBPyConnection, names: list[str]
) -> None:
    for quarter in names:
        for rep in (None, *people(cursor)):
            counted = overview.movement(cursor, quarter, rep=rep)
            moves = sum(counted[step] for step in overview.STEPS)
            assert counted["opening"] + moves == counted["closing"], (quarter, rep, counted)


def test_who_closes_a_quarter_opens_the_next(cursor: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    """The moves and the churn base are two ways to the same accounts: the closing base is the next opening base."""
    for quarter, following in pairwise(names):
        closing = {row["account_id"] for row in overview.listed(cursor, "moves", quarter) if row["at_end"]}
        opening = {row["account_id"] for row in rows(cursor, "churn", quarter=following) if row["denominator"]}
        assert closing == opening, quarter


def test_churn_evidence_is_the_kpi_and_every_silence_was_held(
    cursor: duckdb.DuckDBPyConnection, names: list[str]
) -> None:
    for quarter in names[-4:]:
        judged = churn_evidence.judged(cursor, quarter)
        shown = value(cursor, "churn", by=("quarter",), where={"quarter": quarter})[0]
        assert (total(judged, "numerator"), total(judged, "denominator")) == (shown["numerator"], shown["denominator"])
        days = churn_evidence.order_days(cursor, quarter)
        for row in churn_evidence.base(judged):
            assert row["last_order"] in days[row["account_id"]]
            assert sum(held for _name, held in row["holders"]) <= row["silent_days"]
            assert row["numerator"] or row["days_left"] > 0 or row["reason"] != "active"
        longer = churn_evidence.flat(judged, 100_000)
        assert (longer["lost"], len(longer["becomes_kept"])) == ([], int(shown["numerator"]))


@pytest.mark.parametrize("metric", sorted(every()))
def test_owners_of_today_share_out_the_same_whole(
    cursor: duckdb.DuckDBPyConnection, names: list[str], metric: str
) -> None:
    quarter = names[-4]
    whole = owners(cursor, metric, quarter)
    assert whole.as_was == whole.as_is
    parts = [owners(cursor, metric, quarter, rep) for rep in (UNASSIGNED, *people(cursor))]
    for place in (0, 1):
        assert sum((part.as_was[place] for part in parts), Fraction(0)) == whole.as_was[place]
        assert sum((part.as_is[place] for part in parts), Fraction(0)) == whole.as_is[place]
    moved = Counter(row["account_id"] for row in whole.moved)
    assert moved or metric not in metrics()
    assert set(moved) == {row["account_id"] for part in parts for row in part.moved}
