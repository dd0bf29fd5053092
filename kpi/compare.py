"""Two funnels side by side: two reps or two quarters, and how sure their difference is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Unpack

import duckdb

from kpi.funnel import Options, funnel
from kpi.intervals import difference


@dataclass(frozen=True)
class Side:
    """One of two sides: half-open [start, end), and a rep where the sides are reps."""

    name: str
    start: date | None
    end: date | None
    rep: str | None = None


def compare(
    con: duckdb.DuckDBPyConnection,
    model: str,
    sides: Sequence[Side],
    view: str = "cohort",
    **options: Unpack[Options],
) -> list[dict[str, Any]]:
    """Set two sides of one funnel side by side, stage by stage.

    Rows: `stage`, `name_zh`, `name_en`, `left` and `right` (rows of `kpi.funnel.funnel`), `apart` (conversion of the
    right minus that of the left), `low`, `high` (Newcombe 95 %; None without a base on both sides), `sure` (the
    interval leaves out 0).
    """
    found = []
    for side in sides:
        limits: Options = {**options, "rep": side.rep or options.get("rep")}
        found.append(funnel(con, model, side.start, side.end, view, **limits))
    return [_beside(left, right) for left, right in zip(*found, strict=True)]


def _beside(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    rated = left["conversion"] is not None and right["conversion"] is not None
    counts = ((left["advanced"], left["entered"]), (right["advanced"], right["entered"]))
    apart, low, high = difference(*counts) if rated else (None, None, None)
    named = {name: left[name] for name in ("stage", "name_zh", "name_en")}
    sure = low is not None and high is not None and not low <= 0 <= high
    return {**named, "left": left, "right": right, "apart": apart, "low": low, "high": high, "sure": sure}
