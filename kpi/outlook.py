"""What the funnel is likely to bring: weighted pipeline against the rest of the plan, expected closes, velocity."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Unpack

import duckdb

from kpi.cadence import velocity
from kpi.funnel import COUNTED, Options, dicts, query, question, wins
from kpi.periods import previous, quarters
from kpi.rollup import value
from kpi.survival import SHOWN_FROM, STILL, curve, quantile

FOLDER = Path(__file__).parent / "outlooks"
WORDS = {"高": Decimal("0.75"), "中": Decimal("0.5"), "低": Decimal("0.25")}


def likelihood(said: str | None) -> Decimal | None:
    """Read a likelihood: `80%`, `80`, `0.8`, 高 / 中 / 低 (¾, ½, ¼); None where it says nothing."""
    text = (said or "").strip()
    if text in WORDS:
        return WORDS[text]
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%|％)?", text)
    if not found:
        return None
    number = Decimal(found[1])
    share = number / 100 if found[2] or number > 1 else number
    return share if share <= 1 else None


def pipeline(con: duckdb.DuckDBPyConnection, model: str, **options: Unpack[Options]) -> list[dict[str, Any]]:
    """List open developments and deals by expected close: `amount` × `likelihood` = `weighted` (None where one lacks).

    Rows: `account_id`, `account_name`, `deal`, `rep_id`, `stage`, `name_zh`, `name_en`, `since`, `closes_on`, `passed`
    (the expected day is over), `amount` (元), `likelihood` (a fraction), `weighted` (元), `obstacles`, `assessed_at`.
    """
    _, values = question(con, model, (None, None), "snapshot", options)
    sql = f"{query('_asked')}, fate as (select * from ({query('snapshot')}) f {COUNTED}) {_sql('pipeline')}"
    [(today,)] = con.execute("select data_date from clock").fetchall()
    rows = [_weighed(row, today) for row in dicts(con.execute(sql, values))]
    return sorted(
        rows, key=lambda row: (row["closes_on"] or date.max, -(row["weighted"] or 0), row["account_id"] or "")
    )


def _weighed(row: dict[str, Any], today: date) -> dict[str, Any]:
    share = likelihood(row.pop("likelihood_said"))
    weighted = row["amount"] * share if row["amount"] is not None and share is not None else None
    passed = row["closes_on"] is not None and row["closes_on"] < today
    return {**row, "likelihood": share, "weighted": weighted, "passed": passed}


def against_plan(
    con: duckdb.DuckDBPyConnection, model: str, quarter: str, rep: str | None = None, dept: str | None = None
) -> dict[str, Any]:
    """Set the weighted pipeline beside what is left of a quarter's plan, in 元.

    `plan`, `actual` and `left` (None without a plan), `weighted` of what is expected to close from the data date to the
    end of the quarter, `n` of them, `all_weighted` of all that is open, `unweighed` open ones without amount or
    likelihood, `passed` ones whose expected day is over.
    """
    rows = pipeline(con, model, rep=rep, dept=dept)
    days = {str(row["quarter"]): row["period_end"] for row in quarters(con)}
    ending: Any = days[quarter]
    due = [
        r for r in rows if r["weighted"] is not None and r["closes_on"] and not r["passed"] and r["closes_on"] < ending
    ]
    where = {"quarter": quarter} | ({"dept": dept} if dept else {})
    found = value(con, "plan_completion", by=("quarter",), rep=rep, where=where)
    plan = found[0]["denominator"] if found and found[0]["denominator"] else None
    actual = found[0]["numerator"] if found else None
    return {
        "plan": plan, "actual": actual, "left": max(plan - actual, Decimal(0)) if plan is not None else None,
        "weighted": sum((row["weighted"] for row in due), Decimal(0)), "n": len(due),
        "all_weighted": sum((row["weighted"] or Decimal(0) for row in rows), Decimal(0)),
        "unweighed": sum(row["weighted"] is None for row in rows), "passed": sum(row["passed"] for row in rows),
    }  # fmt: skip


def pace(con: duckdb.DuckDBPyConnection, model: str, quarter: str, **options: Unpack[Options]) -> dict[str, Any]:
    """Give the velocity of a model over the four quarters up to `quarter` (domain.md §5.8) with what it is made of.

    `qualified` (open beyond the first stage), `win_rate` (of those closed, n = `closed`), `mean_value` (n = `valued`;
    the deal's amount or the value assessment), `cycle_days` (Kaplan–Meier median to the close, n = `cycles`),
    `velocity` in 元 a day; None where a part is missing or rests on fewer than five.
    """
    days = {str(row["quarter"]): row for row in quarters(con)}
    first = previous(quarter, 3)
    start: Any = days[first]["period_start"] if first in days else None
    end: Any = days[quarter]["period_end"]
    [closed, *_] = wins(con, model, start, end, "period", **options) or [{"won": 0, "lost": 0, "win_rate": None}]
    number = closed["won"] + closed["lost"]
    worth = _won_value(con, model, (start, end), options)
    cycles = _cycles(con, model, (start, end), options)
    open_now = [row for row in pipeline(con, model, **options) if row["stage"] > _first_stage(con, model)]
    cycle = quantile(curve(cycles), 0.5) if sum(n for _, _, n in cycles) >= SHOWN_FROM else None
    parts = {"win_rate": closed["win_rate"], "mean_value": worth["mean_value"], "cycle_days": cycle}
    enough = number >= SHOWN_FROM and worth["n"] >= SHOWN_FROM and all(part is not None for part in parts.values())
    return {
        "qualified": len(open_now), **parts, "closed": number, "valued": worth["n"],
        "cycles": sum(n for _, _, n in cycles),
        "velocity": velocity(len(open_now), closed["win_rate"], worth["mean_value"], cycle or 0) if enough else None,
    }  # fmt: skip


def _first_stage(con: duckdb.DuckDBPyConnection, model: str) -> int:
    sql = "select min(stage_no) from stage where (model = $m or model_name = $m) and enabled"
    [(first,)] = con.execute(sql, {"m": model}).fetchall()
    return int(first)


def _won_value(
    con: duckdb.DuckDBPyConnection, model: str, period: tuple[date | None, date | None], options: Options
) -> dict[str, Any]:
    _, values = question(con, model, period, "period", options)
    won = f"select * from ({query('_wins')}) f {COUNTED} and f.fate = 'won'"
    [row] = dicts(con.execute(f"{query('_asked')}, fate as ({won}) {_sql('won_value')}", values))
    return row


def _cycles(
    con: duckdb.DuckDBPyConnection, model: str, period: tuple[date | None, date | None], options: Options
) -> list[tuple[int, str, int]]:
    """Days from the first stage to the close of what was closed in the period, and to today of what is open."""
    found = []
    for view, fates in (("period", ("won", "lost")), ("cohort", ("open",))):
        _, values = question(con, model, period if view == "period" else (None, None), view, options)
        rows = con.execute(
            f"{query('_asked')}, fate as ({query('_wins')}) select coalesce(f.days, k.data_date - f.reached_on), "
            f"f.fate, count(*) from fate f cross join clock k {COUNTED} group by all",
            values,
        ).fetchall()
        found += [(days, STILL if fate == "open" else "closed", n) for days, fate, n in rows if fate in fates]
    return found


@cache
def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
