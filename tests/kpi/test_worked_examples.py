"""The worked examples of domain.md, as data in `cases/`: rows in, numbers out."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from data.store import Viewer
from kpi.catalogue import metrics, supporting
from kpi.intervals import wilson
from kpi.periods import quarter_of
from kpi.whatif import otherwise
from tests.builder import department
from tests.kpi import worked

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.store import Store

SMALL = tomllib.loads((worked.FOLDER / "intervals.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Store]:
    """Give a function from the name of a case file to its department, loaded once."""

    @cache
    def store(name: str) -> Store:
        case = worked.case(name)
        return department(tmp_path_factory.mktemp(name), worked.batches(case), case.get("parameters"))

    return store


EXPECTED = [
    pytest.param(name, expect, id=f"{name}: {expect['case']}")
    for name in worked.DEPARTMENTS
    for expect in worked.case(name).get("expect", [])
]
VARIANTS = [
    pytest.param(name, variant, id=f"{name}: {' '.join(f'{key}={value}' for key, value in variant['set'].items())}")
    for name in worked.DEPARTMENTS
    for variant in worked.case(name).get("variant", [])
]


@pytest.mark.parametrize(("name", "expect"), EXPECTED)
def test_the_worked_examples_come_out_to_four_decimals(
    stores: Callable[[str], Store], name: str, expect: dict[str, Any]
) -> None:
    assert worked.said(stores(name).open(Viewer("tests", "system")), expect) == worked.wanted(expect)


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_so_do_the_variants_on_the_same_facts(
    stores: Callable[[str], Store], name: str, variant: dict[str, Any]
) -> None:
    with otherwise(stores(name), variant["set"]) as cursor:
        came = [worked.said(cursor, expect) for expect in variant["expect"]]
    assert came == [worked.wanted(expect) for expect in variant["expect"]]


def test_every_metric_has_worked_examples() -> None:
    shown = {
        expect.get("metric", "plan_completion")
        for name in worked.DEPARTMENTS
        for expect in worked.case(name).get("expect", [])
    }
    assert {*metrics(), *supporting()} <= shown


@pytest.mark.parametrize("case", SMALL["interval"], ids=lambda case: case["case"])
def test_wilson_intervals(case: dict[str, Any]) -> None:
    assert [round(100 * bound, 2) for bound in wilson(case["k"], case["n"])] == [case["low"], case["high"]]


@pytest.mark.parametrize("case", SMALL["quarter"], ids=lambda case: case["case"])
def test_days_fall_into_fiscal_quarters(case: dict[str, Any]) -> None:
    assert quarter_of(case["day"], case["first_month"], case["label"]) == case["quarter"]
