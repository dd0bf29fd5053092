"""The funnel on the command line: its options, and what each way of looking at it answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data.store import Store
from kpi import care, compare, funnel_moves, funnel_time, outlook, periods, today
from kpi.funnel import (
    FATES,
    GROUPS,
    UNITS,
    Options,
    funnel,
    members,
    one_of,
    reconciliation,
    wins,
)
from kpi.process import add
from kpi.refusals import UnknownNameError

VIEWS = ("cohort", "period", "risk", "snapshot")
Rows = list[dict[str, Any]]
Answer = Callable[[duckdb.DuckDBPyConnection, argparse.Namespace, Options], Rows]


def arguments(command: argparse.ArgumentParser) -> None:
    """Declare the options of `funnel` beside --from, --to and --rep."""
    command.add_argument("model", help="letter or name, such as a or five_stage; your own ones too")
    command.add_argument("--view", default="cohort", choices=VIEWS)
    command.add_argument("--by", default="", help=f"comma-separated: {', '.join(GROUPS)}")
    command.add_argument("--within", type=int, metavar="DAYS", help="follow each unit for so long; mature ones only")
    command.add_argument("--dept")
    command.add_argument("--unit", default="auto", choices=UNITS)
    command.add_argument("--show", default="stages", choices=tuple(ANSWERS))
    command.add_argument("--stage", type=int, metavar="N", help="with --show members or reasons: one stage")
    command.add_argument("--fate", choices=FATES, help="with --show members: one way of leaving")
    command.add_argument(
        "--compare", type=_two, metavar="A,B", help="two quarters, such as 2026Q1,2026Q2, or two numbers of reps"
    )


def _two(given: str) -> tuple[str, str]:
    left, sign, right = given.partition(",")
    if not sign or not left or not right:
        raise argparse.ArgumentTypeError(f"name two, such as 2026Q1,2026Q2; found {given!r}")
    return left.strip(), right.strip()


def answer(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace) -> Rows:
    """Answer `funnel`; raise `ValueError` naming what exists where a model, a group or a quarter is unknown."""
    if given.within is not None:
        one_of("view", given.view, ["cohort"])
    by = tuple(key for key in given.by.split(",") if key)
    options: Options = {"by": by, "within": given.within, "rep": given.rep, "dept": given.dept, "unit": given.unit}
    if given.compare:
        return _compared(cur, given, options)
    return ANSWERS[given.show](cur, given, options)


def _compared(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    days = {str(row["quarter"]): row for row in periods.quarters(cur)}
    sides = []
    for name in given.compare:
        if name in days:
            start, end = days[name]["period_start"], days[name]["period_end"]
            sides.append(compare.Side(name, _date(start), _date(end)))
        else:
            sides.append(compare.Side(name, given.start, given.end, rep=_rep(cur, name, list(days))))
    return compare.compare(cur, given.model, sides, given.view, **_ungrouped(options))


def _ungrouped(options: Options) -> Options:
    return {**options, "by": ()}


def _rep(cur: duckdb.DuckDBPyConnection, name: str, held: list[str]) -> str:
    reps = [rep for (rep,) in cur.execute("select rep_id from member order by rep_id").fetchall()]
    if name not in reps:
        raise UnknownNameError("quarter or rep", name, [*held, *reps])
    return name


def _date(day: object) -> date | None:
    return day if isinstance(day, date) else None


def _span(given: argparse.Namespace) -> tuple[date | None, date | None]:
    return given.start, given.end


def _stages(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    return funnel(cur, given.model, *_span(given), given.view, **options)


def _wins(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    return wins(cur, given.model, *_span(given), given.view, **options)


def _members(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    known = [row["stage"] for row in _stages(cur, given, {**options, "by": ()})]
    if given.stage is not None:
        one_of("stage", given.stage, known)
    stages = known if given.stage is None else [given.stage]
    start, end = _span(given)
    return [
        {"stage": stage, **row}
        for stage in stages
        for row in members(cur, given.model, stage, given.fate, given.view, start=start, end=end, **options)
    ]


def _reasons(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    return [{"reason": reason, "units": n} for reason, n in funnel_moves.reasons(_members(cur, given, options))]


def _moves(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    return funnel_moves.moves(cur, given.model, *_span(given), given.view, **options)


def _spending(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    return funnel_moves.spending(cur, given.model, *_span(given), **options)


def _undecided(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    return funnel_moves.undecided(cur, given.model, **options)


def _times(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    rows = funnel_time.times(cur, given.model, *_span(given), given.view, **options)
    return [row | {"points": [asdict(point) for point in row["points"]]} for row in rows]


def _waiting(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    return funnel_time.waiting(cur, given.model, **options)


def _pipeline(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    return outlook.pipeline(cur, given.model, **options)


def _outlook(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, options: Options) -> Rows:
    quarter = periods.latest(cur) or ""
    plan = outlook.against_plan(cur, given.model, quarter, given.rep, given.dept)
    return [{"quarter": quarter, **plan, **outlook.pace(cur, given.model, quarter, **options)}]


def _care(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, _options: Options) -> Rows:
    return care.complaints(cur, *_span(given), given.rep, given.dept)


def _loyalty(cur: duckdb.DuckDBPyConnection, given: argparse.Namespace, _options: Options) -> Rows:
    return care.loyalty(cur, given.rep, given.dept)


def _models(cur: duckdb.DuckDBPyConnection, _given: argparse.Namespace, _options: Options) -> Rows:
    return reconciliation(cur)


ANSWERS: dict[str, Answer] = {
    "stages": _stages, "wins": _wins, "members": _members, "reasons": _reasons, "moves": _moves,
    "spending": _spending, "undecided": _undecided, "times": _times, "waiting": _waiting, "pipeline": _pipeline,
    "outlook": _outlook, "complaints": _care, "loyalty": _loyalty, "models": _models,
}  # fmt: skip


def follow_up(cur: duckdb.DuckDBPyConnection, rep: str | None, dept: str | None = None) -> Rows:
    """Answer `today`: one row per account of the list, the most urgent first, without anyone's notes."""
    return [
        {
            "account_id": row.account_id, "account_name": row.account["account_name"], "rep_id": row.account["rep_id"],
            "reason": row.reasons[0].code, "day": row.reasons[0].day, "days": row.reasons[0].days,
            "last_contact": row.last_on, "colour": row.colour, "reasons": [asdict(reason) for reason in row.reasons],
        }
        for row in today.listed(today.facts(cur, rep, dept))
    ]  # fmt: skip


def take(path: Path, store: Store) -> dict[str, Any]:
    """Answer `process`: take a model of one's own into the store; the next load or rebuild counts with it."""
    model = add(path, store.processes)
    return {
        "added": {"name": model.name, "letter": model.letter, "title": model.zh, "title_en": model.en},
        "next": "python -m loaders rebuild",
    }
