"""Whether a difference is certain, and whether one account decides a verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.intervals import difference, flips, significant

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
