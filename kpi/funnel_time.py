"""Time in the stages: curves with the numbers at risk, and the days of those still in a stage (domain.md §5.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Unpack

import duckdb

from kpi.funnel import COUNTED, Options, dicts, query, question, stages_of, stays
from kpi.survival import SHOWN_FROM, curve, quantile


def times(
    con: duckdb.DuckDBPyConnection,
    model: str,
    start: date | None = None,
    end: date | None = None,
    view: str = "cohort",
    **options: Unpack[Options],
) -> list[dict[str, Any]]:
    """Estimate how long stays last, by stage: Kaplan–Meier over first stays, competing exits by Aalen–Johansen.

    Rows: `stage`, `name_zh`, `name_en`, `n` stays, `left` of them over, `hidden` (under five stays: then no numbers),
    `median_days`, `p80_days` (None: 未达到), `points` (`kpi.survival.Point`: day, number at risk, share still in,
    share gone by each way of leaving).
    """
    _, values = question(con, model, (start, end), view, options)
    found = stays(con, values, ())
    return [_timed(stage, names[:2], found[(), stage]) for stage, *names in stages_of(con, values["model"])]


def _timed(stage: int, names: Sequence[str], known: list[tuple[int, str, int]]) -> dict[str, Any]:
    number = sum(each for _, _, each in known)
    hidden = number < SHOWN_FROM
    points = [] if hidden else curve(known)
    return {
        "stage": stage, "name_zh": names[0], "name_en": names[1], "n": number,
        "left": sum(point.left for point in points), "hidden": hidden,
        "median_days": quantile(points, 0.5), "p80_days": quantile(points, 0.8), "points": points,
    }  # fmt: skip


def waiting(con: duckdb.DuckDBPyConnection, model: str, **options: Unpack[Options]) -> list[dict[str, Any]]:
    """List the units still in a stage with their days against the stage's own quantiles, the slowest first.

    Rows: `account_id`, `account_name`, `deal`, `rep_id`, `stage`, `name_zh`, `name_en`, `since`, `days`, and of all
    stays of the store in that stage `median_days`, `p80_days` (None: not reached, or under five stays) and `pace`:
    `slow` beyond the 80 %, `late` beyond the median, `usual` before it, None where there is nothing to compare with.
    Unknown entry dates cannot be: a stay begins with dated evidence.
    """
    _, values = question(con, model, (None, None), "snapshot", options)
    rows = dicts(
        con.execute(
            f"{query('_asked')}, fate as ({query('snapshot')}) select f.account_id, c.account_name, f.deal, f.rep_id, "
            "f.stage_no as stage, g.name_zh, g.name_en, f.day as since, k.data_date - f.day as days, "
            "d.median_days, d.p80_days, g.final from fate f cross join clock k "
            "join stage g on g.model = $model and g.stage_no = f.stage_no "
            "left join stage_days d on d.model = $model and d.stage_no = f.stage_no "
            f"left join account c on c.account_id = f.account_id {COUNTED} and not g.final "
            "order by days desc, f.account_id, f.deal",
            values,
        )
    )
    return sorted(({**row, "pace": _pace(row)} for row in rows), key=lambda row: PACES.index(row["pace"]))


PACES = ("slow", "late", "usual", None)


def _pace(row: dict[str, Any]) -> str | None:
    if row["p80_days"] is not None and row["days"] > row["p80_days"]:
        return "slow"
    if row["median_days"] is None:
        return None
    return "late" if row["days"] > row["median_days"] else "usual"


def cohorts(rows: Sequence[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """Turn rows of `kpi.funnel.funnel(…, by=("quarter",))` into one line per stage, oldest quarter first."""
    lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted((row for row in rows if row["quarter"]), key=lambda row: row["quarter"]):
        lines[row["stage"]].append(row)
    return dict(lines)
