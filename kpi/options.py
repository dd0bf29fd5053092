"""What the command line of the numbers may be asked."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

from kpi import change_command, funnel_command
from kpi.catalogue import every
from kpi.rollup import DIMENSIONS


def arguments() -> argparse.ArgumentParser:
    """Return the parser of every command and its options (design.md, Commands)."""
    parser = argparse.ArgumentParser(
        prog="python -m kpi",
        description="The numbers of the cockpit: catalogue, values, rows, changes, funnels, scores, questions.",
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--store", help="folder of the store (default: KAC_STORE, else data/var)")
    shared.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", parents=[shared], help="the catalogue")
    command = commands.add_parser("value", parents=[shared], help="a metric by groups")
    command.add_argument("metric", choices=list(every()))
    command.add_argument("--by", default="", help=f"comma-separated: {', '.join(DIMENSIONS)}")
    command.add_argument("--where", action="append", default=[], type=_pair, metavar="FIELD=VALUE")
    _span(command)
    _rules(command)
    command = commands.add_parser(
        "rows", parents=[shared], help="the contributions behind a metric, with reasons and sources"
    )
    command.add_argument("metric", choices=list(every()))
    command.add_argument("--quarter", help="such as 2026Q1, or latest; default: every quarter")
    command.add_argument("--rep")
    _rules(command)
    command = commands.add_parser(
        "compare", parents=[shared], help="a metric under other rules beside those in force, and who changes sides"
    )
    command.add_argument("metric", choices=list(every()))
    command.add_argument("--quarter", default="latest", help="such as 2026Q1, or latest (the default)")
    command.add_argument("--set", dest="settings", action="append", default=[], type=_pair, metavar="NAME=VALUE")
    command.add_argument("--viewer", type=json.loads, default={"role": "system"}, help=argparse.SUPPRESS)
    command = commands.add_parser(
        "pace",
        parents=[shared],
        help="the quarter to date against the same day of earlier ones, and where it is heading",
    )
    command.add_argument("metric", choices=list(every()))
    command.add_argument("--quarter", default="latest", help="such as 2026Q1, or latest (the default)")
    command.add_argument("--rep")
    command = commands.add_parser(
        "backtest", parents=[shared], help="the error of the projection, tried on every finished quarter"
    )
    command.add_argument("metric", choices=list(every()))
    command = commands.add_parser("funnel", parents=[shared], help="a process model")
    funnel_command.arguments(command)
    _span(command)
    command = commands.add_parser("today", parents=[shared], help="whom to call on the data date, and why")
    command.add_argument("--rep")
    command = commands.add_parser("process", parents=[shared], help="take a process model of your own into the store")
    command.add_argument("file", type=Path)
    command = commands.add_parser(
        "score", parents=[shared], help="everyone's items, total, grade and flags in a quarter"
    )
    command.add_argument("--quarter", default="latest", help="such as 2026Q1, or latest (the default)")
    command.add_argument("--scheme", metavar="SCHEME", help="default: that in force for each person's role")
    command = commands.add_parser("change", parents=[shared], help="why a metric moved: causes that add up exactly")
    change_command.arguments(command)
    command = commands.add_parser("flags", parents=[shared], help="what the detectors ask about, to be checked")
    command.add_argument("--quarter", help="such as 2026Q1, or latest; default: every quarter")
    command.add_argument("--rep")
    return parser


def _span(command: argparse.ArgumentParser) -> None:
    command.add_argument("--from", dest="start", type=date.fromisoformat, metavar="D", help="from this day")
    command.add_argument("--to", dest="end", type=date.fromisoformat, metavar="D", help="up to and without this day")
    command.add_argument("--rep")


def _rules(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="what if a rule were",
    )
    command.add_argument("--version", type=int, metavar="N", help="as known in version N of the facts")


def _pair(given: str) -> tuple[str, str]:
    field, sign, wanted = given.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"write FIELD=VALUE, such as region=华东; found {given!r}")
    return field, wanted
