"""The cheapest next points, and honest reps by chance."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kpi.nextpoints import gains
from kpi.scheme import schemes
from kpi.simulation import share_below
from tests.kpi.test_card import LOW, V1, V2, ZHANG_WEI, card_of

MISSING = [{"account_id": "A1", "cost": Decimal("0.01")}, {"account_id": "A2", "cost": Decimal("0.02")}]


def test_what_is_offered_gives_what_it_says() -> None:
    card = card_of(V1, ZHANG_WEI)
    found = {gain.code: gain for gain in gains(card, MISSING, [{"account_id": "A9", "days_left": 12}])}
    assert (found["files"].amount, found["files"].points) == (Decimal(2), Decimal("0.90"))
    assert found["money"].amount == 30_000
    assert found["money"].points >= 1
    assert card_of(V1, ZHANG_WEI | {"plan_completion": (1_079_000, 1_200_000)}).total < card.total + 1  # type: ignore[operator]
    assert found["band"].total >= 90
    assert found["band"].amount == 163_000
    assert found["new"].points == Decimal("5.55")
    assert found["near"].points < 0
    assert found["near"].account == "A9"


def test_the_largest_gain_stands_first_and_nothing_is_offered_without_a_total() -> None:
    listed = [gain.points for gain in gains(card_of(V2, LOW), MISSING, [])]
    assert listed == sorted(listed, reverse=True)
    assert gains(card_of(V2, LOW).__class__("R", "", "专员", "", "2026Q3", V2), MISSING, []) == []


@pytest.mark.parametrize(
    ("scheme", "accounts", "low", "high"),
    [
        ("ka_rep_v1", 5, 0.30, 0.45),
        ("ka_rep_v1", 20, 0.17, 0.32),
        ("ka_rep_v2", 5, 0.04, 0.12),
        ("ka_rep_v2", 20, 0.0, 0.04),
    ],
)
def test_honest_reps_rarely_fall_below_60_under_what_ships(scheme: str, accounts: int, low: float, high: float) -> None:
    assert low <= share_below(schemes()[scheme], accounts, 150, confirmed=True) <= high
