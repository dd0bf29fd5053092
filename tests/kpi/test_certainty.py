"""Whether a difference is certain, and whether one account decides a verdict."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.store import Viewer
from kpi import certainty
from kpi.intervals import chance, difference, flips, significant
from kpi.rollup import value
from tests.builder import Batch, Rows, department

if TYPE_CHECKING:
    from pathlib import Path

    from data.store import Store

SYSTEM = Viewer("tests", "system")
SHARES = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_newcombes_own_example() -> None:
    """56/70 against 48/80: 0.20, interval 0.0524 … 0.3339 (Newcombe 1998, method 10)."""
    assert [round(part, 4) for part in difference((48, 80), (56, 70))] == [0.2, 0.0524, 0.3339]


@pytest.mark.parametrize(
    ("left", "right", "certain"),
    [((1, 8), (2, 20), False), ((0, 20), (2, 20), False), ((1, 50), (12, 50), True), ((48, 80), (56, 70), True)],
)
def test_small_bases_rarely_differ_for_certain(left: tuple[int, int], right: tuple[int, int], *, certain: bool) -> None:
    assert significant(left, right) is certain


@given(SHARES, SHARES)
def test_a_difference_has_no_side(left: tuple[int, int], right: tuple[int, int]) -> None:
    assert significant(left, right) == significant(right, left)
    assert not significant(left, left)


@pytest.mark.parametrize(
    ("k", "n", "threshold", "higher", "decides"),
    [
        (1, 20, 0.05, False, True),  # one more lost and 5 % is exceeded
        (0, 20, 0.10, False, False),
        (3, 24, 0.15, True, True),  # one more new and 15 % is reached
        (3, 24, 0.25, True, False),
        (0, 0, 0.05, False, False),
    ],
)
def test_one_account_would_flip_it(k: int, n: int, threshold: float, *, higher: bool, decides: bool) -> None:
    assert flips(k, n, threshold, higher_is_better=higher) is decides


def test_fishers_own_example() -> None:
    """The lady tasting tea: 3 of 4 against 1 of 4, two-sided 34/70."""
    assert chance((1, 4), (3, 4)) == pytest.approx(34 / 70)
    assert chance((1, 118), (3, 21)) == pytest.approx((1330 * 118 + 5985) / 14891626)


SMALL_SHARES = st.integers(1, 6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=40)
@given(SMALL_SHARES, SMALL_SHARES)
def test_chance_counts_every_way_the_lost_could_fall(left: tuple[int, int], right: tuple[int, int]) -> None:
    """Every choice of who is lost among all accounts, those no likelier than the one found."""
    (k1, n1), (k2, n2) = left, right
    fallen = [sum(place < n1 for place in lost) for lost in combinations(range(n1 + n2), k1 + k2)]
    often = {k: fallen.count(k) for k in set(fallen)}
    rare = sum(count for count in often.values() if count <= often[k1])
    assert chance(left, right) == pytest.approx(rare / len(fallen))
    assert chance(left, right) == pytest.approx(chance(right, left))


def test_an_interval_is_no_judge_of_many_small_bases() -> None:
    """3 of 21 against 1 of 118: for certain if it were the only question (1.1 %), not as one of nine (9.8 %)."""
    assert significant((1, 118), (3, 21))
    assert 0.05 < 9 * chance((1, 118), (3, 21)) < 0.1


@pytest.mark.parametrize(
    ("row", "target", "better", "expected"),
    [
        ({"numerator": 2, "denominator": 20, "low": 0.0279, "high": 0.3010}, 0.05, "lower", (True, True)),
        ({"numerator": 12, "denominator": 50, "low": 0.1430, "high": 0.3741}, 0.05, "lower", (False, False)),
        ({"numerator": 4, "denominator": 139, "low": 0.0112, "high": 0.0717}, 0.05, "lower", (True, False)),
        ({"numerator": 0, "denominator": 0, "low": None, "high": None}, 0.05, "lower", (False, False)),
        ({"numerator": 2, "denominator": 20, "low": 0.0279, "high": 0.3010}, None, "lower", (False, False)),
    ],
)
def test_against_its_target(row: dict[str, float], target: float, better: str, expected: tuple[bool, bool]) -> None:
    found = certainty.against_target(row, target, better)
    assert (found["spans"], found["flips"]) == expected


@pytest.mark.parametrize("metric", ["churn", "new_development"])
def test_the_reps_of_the_sample_beside_all_the_others(sample_store: Store, metric: str) -> None:
    cursor = sample_store.open(SYSTEM)
    whole = value(cursor, metric, where={"quarter": "2026Q3"})[0]
    rows = certainty.among(cursor, metric, "2026Q3")
    assert sum(row["numerator"] for row in rows) == whole["numerator"]
    compared = [row for row in rows if row["chance"] is not None]
    assert compared
    for row in rows:
        lost, base = int(row["numerator"]), int(row["denominator"])
        rest = (int(whole["numerator"]) - lost, int(whole["denominator"]) - base)
        assert row["rest"] == pytest.approx(rest[0] / rest[1])
        if base < 10:
            assert row["verdict"] == "small"
            continue
        sure = chance(rest, (lost, base)) * len(compared) < 0.05
        apart = "higher" if row["value"] > row["rest"] else "lower"
        assert row["verdict"] == (apart if sure else "alike")


def test_a_rep_with_more_new_accounts_than_a_base_spoils_no_comparison(tmp_path: Path) -> None:
    """R1: 2 new on a base of 1, no share; R2: 0 of 12 beside 8 of 13; R3: 6 of 12 beside 2 of 13."""
    bases, won = {"R1": 1, "R2": 12, "R3": 12}, {"R1": 2, "R2": 0, "R3": 6}
    first = [(f"{rep}-{n}", rep, "2025-12-15") for rep, count in bases.items() for n in range(count)]
    first += [(f"{rep}-new{n}", rep, "2026-02-10") for rep, count in won.items() for n in range(count)]
    tables: dict[str, Rows] = {
        "account": [
            {"account_id": name, "account_name": f"{name}机械厂", "rep_id": rep, "is_key_account": "是"}
            for name, rep, _day in first
        ],
        "orders": [
            {"order_no": name, "order_date": day, "account_id": name, "rep_id": rep, "amount": 100}
            for name, rep, day in first
        ],
    }
    store = department(tmp_path, [Batch(tables, exported_on=date(2026, 3, 31))])
    found = {row["rep"]: row for row in certainty.among(store.open(SYSTEM), "new_development", "2026Q1")}
    assert {rep: row["verdict"] for rep, row in found.items()} == {"R1": "none", "R2": "lower", "R3": "alike"}
    assert found["R2"]["chance"] == pytest.approx(chance((8, 13), (0, 12)))
    assert found["R2"]["chance"] * 2 < 0.05 < found["R3"]["chance"] * 2
    assert found["R2"]["rest"] == pytest.approx(8 / 13)
