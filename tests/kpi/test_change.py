"""Why a number moved: the causes add up exactly, between quarters and between versions, and carry the right names."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from data.records import Records
from data.store import Store, Viewer
from kpi.__main__ import main
from kpi.catalogue import every, reason
from kpi.change import SPLIT, Change, change, steps
from kpi.periods import quarters
from kpi.rollup import UNASSIGNED, value
from kpi.versions import between, compared, kept
from loaders.build import load, refresh
from tests.builder import Batch, Rows, department, request
from tests.kpi import random_department

if TYPE_CHECKING:
    import duckdb

SYSTEM = Viewer("tests", "system")


def split() -> list[str]:
    return [name for name, metric in every().items() if metric.rollup in SPLIT]


def adds_up(found: Change) -> bool:
    """Say whether numerators, denominators and, where both sides have a rate, rates add up without a rest."""
    (n1, d1), (n2, d2) = found.before, found.after
    whole = sum((cause.numerator for cause in found.causes), n1) == n2
    whole &= sum((cause.denominator for cause in found.causes), d1) == d2
    first, last = found.value(found.before), found.value(found.after)
    if first is None or last is None:
        return whole and all(cause.effect is None for cause in found.causes)
    return whole and sum((cause.effect or Fraction(0) for cause in found.causes), first) == last


def same_as_the_value(cur: duckdb.DuckDBPyConnection, found: Change, quarter: str, rep: str | None) -> bool:
    """Say whether the later side is the number that everybody else shows."""
    rows = value(cur, found.metric.name, by=("quarter",), rep=rep, where={"quarter": quarter})
    worth = found.value(found.after)
    if not rows or rows[0]["value"] is None:
        return worth is None or not rows
    return worth is not None and abs(float(worth) - float(rows[0]["value"])) < 1e-9


@pytest.mark.parametrize("metric", split())
def test_the_causes_add_up_for_everyone_and_every_quarter_of_the_sample(sample_store: Store, metric: str) -> None:
    cur = sample_store.open(SYSTEM)
    names = [str(row["quarter"]) for row in quarters(cur)]
    reps = [row[0] for row in cur.execute("select distinct rep_id from tenure order by 1").fetchall()]
    for before, after in pairwise(names):
        for rep in (None, UNASSIGNED, *reps):
            found = change(cur, metric, before, after, rep)
            assert adds_up(found), (before, after, rep)
            assert same_as_the_value(cur, found, after, rep), (after, rep)


@settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
@given(seed=st.integers(0, 10**9))
def test_the_causes_add_up_in_random_departments_and_between_their_versions(seed: int) -> None:
    case = random_department.build(seed)
    with tempfile.TemporaryDirectory() as folder:
        store = department(Path(folder), case.batches, case.parameters)
        cur = store.open(SYSTEM)
        names = [str(row["quarter"]) for row in quarters(cur)]
        reps = [row[0] for row in cur.execute("select rep_id from member order by 1").fetchall()]
        old = store.open(SYSTEM, kept(store)[0])
        for metric in split():
            for rep in (None, UNASSIGNED, *reps):
                assert adds_up(change(cur, metric, names[0], names[-1], rep)), (metric, rep)
                assert all(adds_up(between(old, cur, metric, name, rep)) for name in names), (metric, rep)


REPS = [{"rep_id": "R1", "rep_name": "张伟", "dept": "甲"}, {"rep_id": "R2", "rep_name": "王芳", "dept": "甲"}]
ACCOUNTS = [
    {
        "account_id": name,
        "account_name": f"{name}厂",
        "rep_id": "R1",
        "is_key_account": "是",
        "created_at": "2024-01-01",
    }
    for name in ("old", "gone", "moved", "fresh", "back")
]
ORDERS = [
    ("old-1", "2025-12-10", "old", 100), ("old-2", "2026-01-20", "old", 160), ("gone-1", "2025-10-20", "gone", 50),
    ("moved-1", "2025-12-01", "moved", 40), ("moved-2", "2026-02-01", "moved", 30),
    ("fresh-1", "2026-02-10", "fresh", 70), ("back-1", "2025-01-10", "back", 20), ("back-2", "2026-03-01", "back", 20),
]  # fmt: skip
ASSIGNED = [{"account_id": "moved", "rep_id": "R2", "previous_rep": "R1", "from_date": "2026-01-15"}]


def orders(*wanted: tuple[str, str, str, int]) -> list[dict[str, object]]:
    return [dict(zip(("order_no", "order_date", "account_id", "amount"), row, strict=True)) for row in wanted]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give a department whose every account has a story between 2025Q4 and 2026Q1."""
    plans = [
        {"rep_id": "R1", "period_start": "2025-10-01", "period_end": "2026-01-01", "plan_value": 300},
        {"rep_id": "R1", "period_start": "2026-01-01", "period_end": "2026-04-01", "plan_value": 330},
    ]
    tables: dict[str, Rows] = {
        "rep": REPS,
        "account": ACCOUNTS,
        "orders": orders(*ORDERS),
        "rep_assignment": ASSIGNED,
        "sales_plan": plans,
    }
    return department(tmp_path_factory.mktemp("change"), [Batch(tables, exported_on=date(2026, 6, 30))])


def ends(found: Change) -> list[int]:
    return [int(number) for number in (*found.before, *found.after)]


def shares(found: Change) -> dict[str, tuple[int, int]]:
    return {cause.code: (int(cause.numerator), int(cause.denominator)) for cause in found.causes}


def test_every_account_is_named_by_what_happened_to_it(store: Store) -> None:
    found = change(store.open(SYSTEM), "plan_completion", "2025Q4", "2026Q1", rep="R1")
    assert ends(found) == [190, 300, 250, 330]
    assert shares(found) == {
        "grew": (60, 0), "paused": (-50, 0), "moved_out": (-40, 0), "new": (70, 0), "won_back": (20, 0),
        "plan_changed": (0, 30),
    }  # fmt: skip


def test_churn_moves_by_who_was_lost_and_by_who_came_into_the_base(store: Store) -> None:
    found = change(store.open(SYSTEM), "churn", "2026Q1", "2026Q2")
    assert ends(found) == [0, 3, 1, 5]
    assert shares(found) == {"counted": (1, 0), "new": (0, 1), "won_back": (0, 1)}
    assert {cause.code: cause.accounts for cause in found.causes}["counted"] == ["gone"]


def test_versions_differ_by_new_late_and_corrected_rows_and_by_rules(tmp_path: Path) -> None:
    first = Batch({"rep": REPS, "account": ACCOUNTS, "orders": orders(*ORDERS[:3])}, exported_on=date(2026, 1, 31))
    store = department(tmp_path, [first])
    late, corrected, arrived = ("late", "2026-01-05", "old", 9), ("old-2", "2026-01-20", "old", 150), ORDERS[5]
    load(
        store,
        request(tmp_path / "more", Batch({"orders": orders(late, corrected, arrived)}, exported_on=date(2026, 2, 28))),
    )
    assert shares(compared(store, (1, 2), "plan_completion", "2026Q1")) == {
        "entered_late": (9, 0), "corrected": (-10, 0), "arrived": (70, 0),
    }  # fmt: skip
    Records(store.records_url).set_parameter("key_classes", "C", who="tests", why="a rule")
    Records(store.records_url).set_parameter("churn_few_gaps_days", "30", who="tests", why="a rule")
    refresh(store)
    assert set(shares(compared(store, (2, 3), "churn", "2026Q1"))) <= {"rule_changed"}
    both = compared(store, (1, 3), "churn", "2026Q1")
    assert adds_up(both)
    assert "rule_changed" in shares(both)
    old, new = (store.open(SYSTEM, number) for number in (1, 3))
    assert set(shares(between(old, new, "churn", "2026Q1"))) == {"rule_and_data"}
    assert not list(store.folder.glob("recomputed-*"))


def test_every_cause_has_words(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    found = change(store.open(SYSTEM), "churn", "2026Q1", "2026Q2")
    assert steps(found)[0]["words"] == "之前"
    assert "本期流失" in [row["words"] for row in steps(found)]
    assert reason("active") != "active"
    assert main(["change", "churn", "--from", "2026Q1", "--to", "2026Q2", "--json", "--store", str(store.folder)]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert (rows[0]["cause"], rows[0]["numerator"]) == ("before", 0)
    assert abs(sum(row["effect"] for row in rows[:-1]) - rows[-1]["effect"]) < 1e-12


def test_a_version_that_is_gone_is_refused_by_name(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["change", "churn", "--versions", "7,8", "--store", str(store.folder)]) == 2
    assert "No version named 7. There are: 1." in capsys.readouterr().err
