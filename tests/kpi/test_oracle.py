"""The KPI module against the second way of computing every number, on the sample and on random departments."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from data.store import Viewer
from kpi.catalogue import metrics
from kpi.whatif import otherwise
from tests.builder import department
from tests.kpi import random_department
from tests.kpi.oracle.compare import disagreements, weights
from tests.kpi.oracle.facts import Department, read
from tests.kpi.oracle.figures import METRICS, contributions

if TYPE_CHECKING:
    import duckdb

    from data.store import Store

SYSTEM = Viewer("tests", "system")


@pytest.fixture(scope="module")
def sample_facts(sample_store: Store) -> Department:
    return read(sample_store.folder, weights())


@pytest.mark.parametrize("metric", METRICS)
def test_every_rep_and_quarter_of_the_sample_agrees(sample_store: Store, sample_facts: Department, metric: str) -> None:
    assert disagreements(sample_facts, sample_store.open(SYSTEM), metric) == []


@pytest.mark.parametrize("metric", METRICS)
def test_the_sample_has_something_to_agree_on(sample_facts: Department, metric: str) -> None:
    rows = contributions(sample_facts, metric)
    assert len({row.quarter for row in rows if row.denominator}) >= 8
    assert len({row.rep for row in rows if row.numerator}) >= 8


def _agree(facts: Department, cursor: duckdb.DuckDBPyConnection) -> None:
    assert [line for metric in METRICS for line in disagreements(facts, cursor, metric)] == []


# A seed has nothing to shrink to, and loading takes seconds: each department is read by four sets of settings.
@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
@given(seed=st.integers(0, 10**9))
def test_random_departments_agree_under_any_settings(seed: int) -> None:
    case = random_department.build(seed)
    with tempfile.TemporaryDirectory() as folder:
        store = department(Path(folder), case.batches, case.parameters)
        facts = read(store.folder, weights())
        _agree(facts, store.open(SYSTEM))
        for number in range(3):
            chosen = random_department.settings(seed + number)
            event(" ".join(sorted(chosen)))
            with otherwise(store, chosen) as cursor:
                _agree(replace(facts, parameters=facts.parameters | chosen), cursor)


def _contributions(cursor: duckdb.DuckDBPyConnection, metric: str) -> set[tuple[Any, ...]]:
    return set(cursor.execute(f"select * from ({metrics()[metric].sql})").fetchall())


@pytest.mark.parametrize("metric", sorted(metrics()))
@pytest.mark.parametrize(
    "viewer", [Viewer("r", "rep", "R03"), Viewer("h", "hr"), Viewer("c", "clerk")], ids=lambda viewer: viewer.role
)
def test_scoped_views_do_not_change_what_a_metric_counts(sample_store: Store, metric: str, viewer: Viewer) -> None:
    whole, scoped = sample_store.open(SYSTEM), sample_store.open(viewer)
    alias = sample_store.facts(sample_store.version)
    for cursor in (whole, scoped):
        cursor.execute(f"use {_database(cursor, alias)}")
    assert _contributions(scoped, metric) == _contributions(whole, metric) != set()


def _database(cursor: duckdb.DuckDBPyConnection, path: Path) -> str:
    found = cursor.execute("select database_name from duckdb_databases() where path = ?", [str(path.resolve())])
    return str(found.fetchall()[0][0])
