"""Reading the worked examples of `cases/`: rows in, numbers out."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi.rollup import value
from tests.builder import Batch

if TYPE_CHECKING:
    import duckdb

FOLDER = Path(__file__).parent / "cases"
NO_VALUE = {"无计划", "无基数", "数据不足", "待分解"}
PARTS = ("numerator", "denominator", "value", "low", "high", "p75", "p90")


def _rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the rows of a table; `{times, row}` stands for rows numbered {n} from 1."""
    listed: list[list[str]] = []
    for row in table["rows"]:
        times, cells = (row["times"], row["row"]) if isinstance(row, dict) else (1, row)
        listed += [[str(cell).format(n=number) for cell in cells] for number in range(1, times + 1)]
    return [dict(zip(table["columns"], cells, strict=True)) for cells in listed]


def batches(case: dict[str, Any]) -> list[Batch]:
    """Give the loads of a case."""
    return [
        Batch({name: _rows(table) for name, table in load.items() if isinstance(table, dict)}, load.get("exported_on"))
        for load in case["load"]
    ]


@cache
def case(name: str) -> dict[str, Any]:
    """Read one case file."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


DEPARTMENTS = sorted(path.stem for path in FOLDER.glob("*.toml") if "load" in case(path.stem))


def found(cursor: duckdb.DuckDBPyConnection, expect: dict[str, Any]) -> dict[str, Any]:
    """Ask what an example asks."""
    metric, by = expect.get("metric", "plan_completion"), expect.get("by", "quarter")
    where = {"quarter": expect.get("quarter", "2026Q1")} if by == "quarter" else {by: expect[by]}
    where |= {"dept": expect["dept"]} if "dept" in expect else {}
    rows = value(cursor, metric, by=(by,), rep=expect.get("rep"), where=where)
    return rows[0] if rows else value(cursor, metric, rep=expect.get("rep"), where=where)[0]


def said(cursor: duckdb.DuckDBPyConnection, expect: dict[str, Any]) -> dict[str, Any]:
    """Give what comes out, to four decimals, of the parts that an example states."""
    row = found(cursor, expect)
    numbers = {key: row[key] for key in expect if key in PARTS}
    rounded = {key: None if number is None else round(float(number), 4) for key, number in numbers.items()}
    return {"case": expect["case"], "status": row["status"], "has": row["value"] is not None, **rounded}


def wanted(expect: dict[str, Any]) -> dict[str, Any]:
    """Give what an example states."""
    numbers = {key: expect[key] for key in expect if key in PARTS}
    return {
        "case": expect["case"],
        "status": expect["status"],
        "has": expect["status"] not in NO_VALUE,
        **numbers,
    }
