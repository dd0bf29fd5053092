"""Points and totals against the worked numbers of domain.md §4.2, §4.4 and §8a."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kpi.points import band, final, points, rounded, total
from kpi.scheme import schemes

V1, V2 = schemes()["ka_rep_v1"], schemes()["ka_rep_v2"]
LOWER = {"churn"}


def scored(scheme: str, metric: str, percent: str, base: int = 0, partial: str = "linear") -> Decimal:
    item = next(item for item in schemes()[scheme].items if item.metric == metric)
    rate = Decimal(percent) / 100
    return rounded(points(item, rate, Decimal(base), lower_is_better=metric in LOWER, partial=partial))


@pytest.mark.parametrize(
    ("metric", "percent", "expected"),
    [
        ("plan_completion", "87.5", "87.5"),
        ("plan_completion", "60", "60"),
        ("plan_completion", "59.99", "0"),
        ("plan_completion", "130", "120"),
        ("plan_completion", "-10", "0"),
        ("file_completeness", "88", "86"),
        ("file_completeness", "99", "100"),
        ("file_completeness", "70", "50"),
        ("file_completeness", "69.9", "0"),
        ("churn", "10", "80"),
        ("churn", "5", "100"),
        ("churn", "0", "105"),
        ("churn", "20", "40"),
        ("churn", "20.01", "0"),
        ("churn", "12.5", "70"),
        ("new_development", "12.5", "83.33"),
        ("new_development", "15", "100"),
        ("new_development", "100", "120"),
        ("new_development", "4.9", "0"),
    ],
)
def test_scheme_v1(metric: str, percent: str, expected: str) -> None:
    assert scored("ka_rep_v1", metric, percent) == Decimal(expected)


@pytest.mark.parametrize(("partial", "expected"), [("linear", "86.6"), ("floor", "88"), ("ceil", "86")])
def test_parts_of_a_point(partial: str, expected: str) -> None:
    assert scored("ka_rep_v1", "file_completeness", "88.3", partial=partial) == Decimal(expected)


@pytest.mark.parametrize(
    ("lost", "base", "expected"),
    [(1, 8, "100"), (2, 8, "50"), (1, 20, "100"), (2, 20, "80"), (3, 20, "60"), (0, 20, "105"), (8, 8, "0")],
)
def test_churn_forgives_one_account(lost: int, base: int, expected: str) -> None:
    item = next(item for item in V2.items if item.metric == "churn")
    assert points(item, Decimal(lost) / base, Decimal(base), lower_is_better=True) == Decimal(expected)


@pytest.mark.parametrize(
    ("percent", "expected"), [("50", "30"), ("40", "0"), ("60", "60"), ("30", "0"), ("130", "120")]
)
def test_plan_completion_of_v2_has_no_cliff(percent: str, expected: str) -> None:
    assert scored("ka_rep_v2", "plan_completion", percent) == Decimal(expected)


@pytest.mark.parametrize(("percent", "expected"), [("5", "100"), ("2.5", "50"), ("0", "0"), ("100", "110")])
def test_new_development_of_v2(percent: str, expected: str) -> None:
    assert scored("ka_rep_v2", "new_development", percent) == Decimal(expected)


def test_example_one_zhang_wei() -> None:
    rates = {"plan_completion": "87.5", "file_completeness": "88", "churn": "10", "new_development": "12.5"}
    system = [(item.weight, scored("ka_rep_v1", item.metric, rates[item.metric])) for item in V1.items]
    raised = [(weight, Decimal(90) if weight == 15 else found) for weight, found in system]
    hr, head = rounded(total(V1, system) or Decimal(0)), rounded(total(V1, raised) or Decimal(0))
    closing = final(V1, head, hr)
    found = band(V1, closing)
    assert (hr, head, closing, found and found.grade) == (Decimal("84.57"), Decimal("85.17"), Decimal("84.99"), "B")


@pytest.mark.parametrize(("policy", "expected"), [("reweight", "50.80"), ("zero", "38.10"), ("neutral", "63.10")])
def test_example_two_wang_fang(policy: str, expected: str) -> None:
    system = [(40, Decimal(0)), (15, Decimal(94)), (25, None), (20, Decimal(120))]
    assert rounded(total(V1, system, policy) or Decimal(0)) == Decimal(expected)


def test_example_three_li_na() -> None:
    clerk = schemes()["ka_clerk_v1"]
    weights = [item.weight for item in clerk.items]
    head = total(clerk, list(zip(weights, map(Decimal, (90, 80, 85, 70)), strict=True))) or Decimal(0)
    hr = total(clerk, list(zip(weights, map(Decimal, (85, 75, 88, 75)), strict=True))) or Decimal(0)
    found = band(clerk, final(clerk, head, hr))
    assert (rounded(head), rounded(hr), final(clerk, head, hr)) == (
        Decimal("82.50"),
        Decimal("81.90"),
        Decimal("82.32"),
    )
    assert found is not None
    assert found.grade == "B"


@pytest.mark.parametrize(("score", "shown", "grade"), [("89.995", "90.00", "A"), ("59.994", "59.99", "D")])
def test_grades_are_judged_on_the_rounded_total(score: str, shown: str, grade: str) -> None:
    found = band(V1, Decimal(score))
    assert rounded(Decimal(score)) == Decimal(shown)
    assert found is not None
    assert found.grade == grade


@pytest.mark.parametrize("name", sorted(schemes()))
def test_every_scheme_is_whole(name: str) -> None:
    scheme = schemes()[name]
    assert scheme.zh
    assert scheme.en
    assert not scheme.adopted
    assert not scheme.items or sum(item.weight for item in scheme.items) == 100
