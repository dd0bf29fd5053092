"""The worked examples of domain.md, as data in `cases/`: rows in, numbers out."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from data.store import Viewer
from kpi.catalogue import metrics
from kpi.intervals import wilson
from kpi.periods import quarter_of
from kpi.rollup import value
from tests.builder import Batch, department

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

FOLDER = Path(__file__).parent / "cases"
DEPARTMENTS = sorted(path.stem for path in FOLDER.glob("*.toml") if "load" in tomllib.loads(path.read_text("utf-8")))
SMALL = tomllib.loads((FOLDER / "intervals.toml").read_text("utf-8"))


def _rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the rows of a table; `{times, row}` stands for rows numbered {n} from 1."""
    listed: list[list[str]] = []
    for row in table["rows"]:
        times, cells = (row["times"], row["row"]) if isinstance(row, dict) else (1, row)
        listed += [[str(cell).format(n=number) for cell in cells] for number in range(1, times + 1)]
    return [dict(zip(table["columns"], cells, strict=True)) for cells in listed]


def _batches(case: dict[str, Any]) -> list[Batch]:
    return [
        Batch({name: _rows(table) for name, table in load.items() if isinstance(table, dict)}, load.get("exported_on"))
        for load in case["load"]
    ]


@cache
def _case(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def cursors(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], duckdb.DuckDBPyConnection]:
    """Give a function from the name of a case file to a cursor on its department, loaded once."""

    @cache
    def cursor(name: str) -> duckdb.DuckDBPyConnection:
        case = _case(name)
        store = department(tmp_path_factory.mktemp(name), _batches(case), case.get("parameters"))
        return store.open(Viewer("tests", "system"))

    return cursor


def _found(cursor: duckdb.DuckDBPyConnection, expect: dict[str, Any]) -> dict[str, Any]:
    metric, by = expect.get("metric", "plan_completion"), expect.get("by", "quarter")
    where = {"quarter": expect.get("quarter", "2026Q1")} if by == "quarter" else {by: expect[by]}
    where |= {"dept": expect["dept"]} if "dept" in expect else {}
    rows = value(cursor, metric, by=(by,), rep=expect.get("rep"), where=where)
    return rows[0] if rows else value(cursor, metric, rep=expect.get("rep"), where=where)[0]


EXPECTED = [
    pytest.param(name, expect, id=f"{name}: {expect['case']}")
    for name in DEPARTMENTS
    for expect in _case(name)["expect"]
]


@pytest.mark.parametrize(("name", "expect"), EXPECTED)
def test_the_worked_examples_come_out_to_four_decimals(
    cursors: Callable[[str], duckdb.DuckDBPyConnection], name: str, expect: dict[str, Any]
) -> None:
    row = _found(cursors(name), expect)
    numbers = {key: expect.get(key) for key in ("numerator", "denominator", "value", "low", "high") if key in expect}
    found = {key: None if row[key] is None else round(float(row[key]), 4) for key in numbers}
    assert (found, row["status"]) == (numbers, expect["status"])
    assert (row["value"] is None) == (expect["status"] in {"无计划", "无基数", "数据不足", "待分解"})


def test_every_metric_has_worked_examples() -> None:
    shown = {expect.get("metric", "plan_completion") for name in DEPARTMENTS for expect in _case(name)["expect"]}
    assert set(metrics()) <= shown


@pytest.mark.parametrize("case", SMALL["interval"], ids=lambda case: case["case"])
def test_wilson_intervals(case: dict[str, Any]) -> None:
    assert [round(100 * bound, 2) for bound in wilson(case["k"], case["n"])] == [case["low"], case["high"]]


@pytest.mark.parametrize("case", SMALL["quarter"], ids=lambda case: case["case"])
def test_days_fall_into_fiscal_quarters(case: dict[str, Any]) -> None:
    assert quarter_of(case["day"], case["first_month"], case["label"]) == case["quarter"]
