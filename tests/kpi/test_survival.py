"""Kaplan–Meier and Aalen–Johansen against published examples."""

import pytest

from kpi.survival import STILL, curve, median, quantile

F4 = [
    (5, "advanced"), (8, "terminated"), (12, "advanced"), (12, STILL), (20, "advanced"), (25, STILL),
    (30, "terminated"), (30, STILL), (41, STILL), (60, STILL),
]  # fmt: skip
F4B = [(3, "x"), (5, STILL), (6, "x"), (7, "x"), (8, STILL), (10, "x"), (12, "x"), (12, STILL)]

# Freireich et al. 1963, as printed by Gehan 1965 and in most textbooks: weeks in remission, + still in remission.
MERCAPTOPURINE = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def each(stays: list[tuple[int, str]]) -> list[tuple[int, str, int]]:
    return [(days, cause, 1) for days, cause in stays]


def test_f4_survival_median_and_numbers_at_risk() -> None:
    points = [(p.day, p.at_risk, p.left, round(p.still_in, 4)) for p in curve(each(F4))]
    assert points == [(5, 10, 1, 0.9), (8, 9, 1, 0.8), (12, 8, 1, 0.7), (20, 6, 1, 0.5833), (30, 4, 1, 0.4375)]
    assert median(each(F4)) == 30


def test_f4_competing_exits() -> None:
    last = curve(each(F4))[-1]
    assert {cause: round(share, 4) for cause, share in last.left_by.items()} == {
        "advanced": 0.3167,
        "terminated": 0.2458,
    }
    assert last.still_in + sum(last.left_by.values()) == pytest.approx(1)


def test_f4b_the_example_checked_with_statsmodels() -> None:
    points = curve(each(F4B))
    assert [round(p.still_in, 4) for p in points] == [0.875, 0.7292, 0.5833, 0.3889, 0.1944]
    assert quantile(points, 0.5) == 10


def test_the_leukaemia_remissions_of_freireich() -> None:
    ended, going_on = MERCAPTOPURINE
    treated = curve([(week, "relapse", 1) for week in ended] + [(week, STILL, 1) for week in going_on])
    assert [(p.day, p.at_risk, round(p.still_in, 3)) for p in treated] == [
        (6, 21, 0.857), (7, 17, 0.807), (10, 15, 0.753), (13, 12, 0.690),
        (16, 11, 0.627), (22, 7, 0.538), (23, 6, 0.448),
    ]  # fmt: skip
    assert quantile(treated, 0.5) == 23
    placebo = curve([(week, "relapse", 1) for week in PLACEBO])
    assert [round(p.still_in, 3) for p in placebo] == [
        0.905, 0.810, 0.762, 0.667, 0.571, 0.381, 0.286, 0.190, 0.143, 0.095, 0.048, 0,
    ]  # fmt: skip
    assert quantile(placebo, 0.5) == 8


def test_a_median_needs_five_stays_and_half_of_them_gone() -> None:
    assert median([(3, "advanced", 4)]) is None
    assert median([(3, "advanced", 5)]) == 3
    assert median([(3, "advanced", 2), (9, STILL, 3)]) is None


def test_counted_stays_equal_single_ones() -> None:
    assert curve([(4, "x", 3), (6, STILL, 2)]) == curve(each([(4, "x")] * 3 + [(6, STILL)] * 2))
    assert curve([]) == []
