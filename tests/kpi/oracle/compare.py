"""Where the KPI module and the oracle say different things about the same facts."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING, Any

from data.entity import entities
from kpi.rollup import UNASSIGNED, value
from tests.kpi.oracle import figures
from tests.kpi.oracle.contribution import rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from tests.kpi.oracle.contribution import Figure
    from tests.kpi.oracle.facts import Department, Row

CENT = 0.005
# Months of a plan are stored to four decimals.
CLOSE = 1e-5
EMPTY = {"numerator": 0, "denominator": 0, "value": None, "n": 0, "status": None}


def weights() -> list[Row]:
    """Return the fields that count towards file completeness, as the entity files declare them."""
    return [
        {
            "entity": entity.name,
            "field": name,
            "weight": declared.weight,
            "stage": declared.stage,
            "junk_ok": declared.junk_ok,
        }
        for entity in entities().values()
        for name, declared in entity.fields.items()
        if declared.weight
    ]


def disagreements(facts: Department, cursor: duckdb.DuckDBPyConnection, metric: str) -> list[str]:
    """Compare a metric by rep, by department and, for plans, by plan period; tell every cell that differs."""
    rows = figures.contributions(facts, metric)
    how = rule(metric, facts)
    sides = {"rep": figures.by_rep(how, rows), "dept": figures.by_dept(how, rows)}
    found = []
    for side, oracle in sides.items():
        found += _differences(oracle, value(cursor, metric, by=(side, "quarter")), (side, "quarter"))
    if metric == "plan_completion":
        by_period = {(f"{start}/{end}",): figure for (start, end), figure in figures.by_period(facts).items()}
        found += _differences(by_period, value(cursor, metric, by=("plan_period",)), ("plan_period",))
    return [f"{metric} {difference}" for difference in found]


def _differences(
    oracle: Mapping[tuple[Any, ...], Figure], module: list[dict[str, Any]], by: tuple[str, ...]
) -> list[str]:
    said = {tuple(row[key] for key in by): row for row in module}
    ours = {tuple(UNASSIGNED if part is None else part for part in key): figure for key, figure in oracle.items()}
    return [
        f"{dict(zip(by, key, strict=True))}: oracle {_told(ours.get(key))}, module {_cells(said.get(key))}"
        for key in sorted(ours | said, key=str)
        if not _same(_told(ours.get(key)), _cells(said.get(key)))
    ]


def _told(figure: Figure | None) -> dict[str, Any]:
    return EMPTY if figure is None else {name: getattr(figure, name) for name in EMPTY}


def _cells(row: dict[str, Any] | None) -> dict[str, Any]:
    return EMPTY if row is None else {name: row[name] for name in EMPTY}


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if any(abs(float(one[part]) - float(other[part])) > CENT for part in ("numerator", "denominator", "n")):
        return False
    if (one["value"] is None) != (other["value"] is None):
        return False
    # A group that only one side names has no status there to compare.
    if None not in (one["status"], other["status"]) and one["status"] != other["status"]:
        return False
    return one["value"] is None or isclose(one["value"], other["value"], rel_tol=CLOSE, abs_tol=CLOSE)
