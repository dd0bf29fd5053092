"""Why a number moved, on the command line: its options, and the causes as rows."""

from __future__ import annotations

import argparse
from typing import Any

import duckdb

from data.store import Store
from kpi import versions
from kpi.catalogue import every
from kpi.change import change, steps
from kpi.periods import previous


def arguments(command: argparse.ArgumentParser) -> None:
    """Declare the options of `change`."""
    command.add_argument("metric", choices=list(every()))
    command.add_argument("--from", dest="before", metavar="Q", help="the earlier quarter (default: the one before)")
    command.add_argument("--to", dest="after", default="latest", metavar="Q", help="the later quarter")
    command.add_argument("--rep")
    command.add_argument("--dept")
    command.add_argument("--versions", type=_pair, metavar="OLD,NEW", help="two versions of the quarter of --to")


def _pair(given: str) -> tuple[int, int]:
    old, _, new = given.partition(",")
    if not (old.isdigit() and new.isdigit()):
        raise argparse.ArgumentTypeError(f"write OLD,NEW, such as 9,10; found {given!r}")
    return int(old), int(new)


def answer(store: Store, cur: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Give the waterfall: before, each cause, after; worded in both languages."""
    if options.versions is None:
        before = options.before or previous(options.after)
        found = change(cur, options.metric, before, options.after, options.rep, options.dept)
    else:
        found = versions.compared(store, options.versions, options.metric, options.after, options.rep, options.dept)
    return [row | {"words_en": english["words"]} for row, english in zip(steps(found), steps(found, "en"), strict=True)]
