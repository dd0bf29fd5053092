"""How sure a count ratio is: against its target, and among reps, where few accounts say little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from kpi.catalogue import every
from kpi.intervals import chance, flips
from kpi.rollup import SMALL, UNASSIGNED, value

FALSE_ALARMS = 0.05


def against_target(row: Mapping[str, Any], target: float | None, better: str) -> dict[str, bool]:
    """Say of a row of `kpi.rollup.value` whether its interval spans the target, and whether one account decides."""
    counted = _counts(row)
    if counted is None or target is None or row["low"] is None:
        return {"spans": False, "flips": False}
    higher = better == "higher"
    return {"spans": row["low"] <= target <= row["high"], "flips": flips(*counted, target, higher_is_better=higher)}


def among(cur: duckdb.DuckDBPyConnection, name: str, quarter: str, dept: str | None = None) -> list[dict[str, Any]]:
    """Set each rep's count ratio beside that of all the others together, the highest first.

    The rows of `value` with `rest` (the others' rate), `chance` (how likely so large a difference is by chance alone),
    `verdict` (higher, lower, alike; small below the stated minimum on either side; none without counts) and the two
    of `against_target`. A difference counts only where its chance times the number of comparisons is below 5 %
    (Fisher, Bonferroni), so that at most one list of twenty accuses anybody by chance.
    """
    metric = every()[name]
    where = {"quarter": quarter} | ({"dept": dept} if dept else {})
    rows = [row for row in value(cur, name, by=("rep",), where=where) if row["denominator"]]
    compared = [row for row in rows if _comparable(row, rows)]
    found = [
        row
        | _beside(row, rows, len(compared))
        | against_target(row, metric.target, metric.better)
        | {"rep_name": row["rep_name"] or row["rep"]}
        for row in rows
    ]
    return sorted(found, key=lambda row: (row["rep"] == UNASSIGNED, -row["value"], row["rep"]))


def _counts(row: Mapping[str, Any]) -> tuple[int, int] | None:
    """Give k of n where the number is a share of accounts, which is where it has an interval."""
    return None if row["low"] is None else _share(Decimal(row["numerator"]), Decimal(row["denominator"]))


def _rest(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    others = [other for other in rows if other["rep"] != row["rep"]]
    top, bottom = (sum((Decimal(other[part]) for other in others), Decimal(0)) for part in ("numerator", "denominator"))
    return _share(top, bottom)


def _share(top: Decimal, bottom: Decimal) -> tuple[int, int] | None:
    whole = top == int(top) and bottom == int(bottom)
    return (int(top), int(bottom)) if whole and 0 <= top <= bottom and bottom else None


def _comparable(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bool:
    own, rest = _counts(row), _rest(row, rows)
    return own is not None and rest is not None and min(own[1], rest[1]) >= SMALL


def _beside(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], comparisons: int) -> dict[str, Any]:
    own, rest = _counts(row), _rest(row, rows)
    found = {"rest": rest[0] / rest[1] if rest and rest[1] else None, "chance": None}
    if own is None or rest is None:
        return found | {"verdict": "none"}
    if not _comparable(row, rows):
        return found | {"verdict": "small"}
    luck = chance(rest, own)
    higher = own[0] * rest[1] > rest[0] * own[1]
    verdict = "alike" if luck * comparisons >= FALSE_ALARMS else "higher" if higher else "lower"
    return found | {"chance": luck, "verdict": verdict}
