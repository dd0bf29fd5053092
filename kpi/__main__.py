"""Command line of the numbers: list, value, rows, funnel, score."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from data.store import EmptyStoreError, Store, Viewer
from kpi.catalogue import metrics, reason
from kpi.periods import latest
from kpi.process import processes
from kpi.rollup import DIMENSIONS, UnknownDimensionError, rows, value
from kpi.scheme import schemes
from kpi.scoring import Line, Scorecard, scorecards

if TYPE_CHECKING:
    import duckdb


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kpi", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--store", help="folder of the store (default: KAC_STORE, else data/var)")
    shared.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", parents=[shared], help="the catalogue")
    command = commands.add_parser("value", parents=[shared], help="a metric by groups")
    command.add_argument("metric", choices=sorted(metrics()))
    command.add_argument("--by", default="", help=f"comma-separated: {', '.join(DIMENSIONS)}")
    command.add_argument("--where", action="append", default=[], metavar="FIELD=VALUE")
    _span(command)
    command = commands.add_parser("rows", parents=[shared], help="the contributions behind a metric, with reasons and sources")
    command.add_argument("metric", choices=sorted(metrics()))
    command.add_argument("--quarter", help="such as 2026Q1, or latest; default: every quarter")
    command.add_argument("--rep")
    command = commands.add_parser("funnel", parents=[shared], help="a process model")
    command.add_argument("model", choices=[*processes(), *(model.name for model in processes().values())])
    command.add_argument("--view", default="cohort", choices=("cohort", "period", "risk", "snapshot"))
    command.add_argument("--by", default="")
    _span(command)
    command = commands.add_parser("score", parents=[shared], help="everyone's items, total, grade and flags in a quarter")
    command.add_argument("--quarter", default="latest", help="such as 2026Q1, or latest (the default)")
    command.add_argument("--scheme", choices=sorted(schemes()), help="default: the newest of each person's role")
    return parser


def _span(command: argparse.ArgumentParser) -> None:
    command.add_argument("--from", dest="start", type=date.fromisoformat, metavar="D", help="from this day")
    command.add_argument("--to", dest="end", type=date.fromisoformat, metavar="D", help="up to and without this day")
    command.add_argument("--rep")


def _catalogue() -> dict[str, Any]:
    listed = [
        {"name": m.name, "title": m.title("zh"), "title_en": m.title("en"), "unit": m.unit, "better": m.better, "rollup": m.rollup, "grain": m.grain}
        for m in metrics().values()
    ]
    models = [{"name": p.name, "title": p.zh, "title_en": p.en} for p in processes().values()]
    return {"metrics": listed, "processes": models, "schemes": _schemes()}


def _schemes() -> list[dict[str, Any]]:
    return [{"name": scheme.name, "title": scheme.zh, "title_en": scheme.en} for scheme in schemes().values()]


def _answer(cur: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> list[dict[str, Any]]:
    by = tuple(key for key in getattr(options, "by", "").split(",") if key)
    if options.command == "value":
        where = dict(pair.split("=", 1) for pair in options.where)
        return value(cur, options.metric, by, options.start, options.end, options.rep, where)
    if options.command == "score":
        quarter = latest(cur) if options.quarter == "latest" else options.quarter
        return [_card(card) for card in scorecards(cur, quarter or "", options.scheme)]
    if options.command == "funnel":
        from kpi.funnel import funnel

        return funnel(cur, options.model, options.start, options.end, view=options.view, by=by, rep=options.rep)
    found = rows(cur, options.metric, options.quarter, options.rep)
    for row in found:
        row["reason_zh"] = reason(row["reason"], "zh", date=row["reason_date"])
        row["reason_en"] = reason(row["reason"], "en", date=row["reason_date"])
    return found


def _card(card: Scorecard) -> dict[str, Any]:
    return {
        "rep_id": card.rep_id,
        "rep_name": card.rep_name,
        "role": card.role,
        "quarter": card.quarter,
        "scheme": card.scheme.name if card.scheme else None,
        "total": card.total,
        "grade": card.grade,
        "coefficient": card.coefficient,
        "effective_weight": card.effective_weight,
        "flags": list(card.flags),
        "items": [_item(line) for line in card.lines],
    }


def _item(line: Line) -> dict[str, Any]:
    kept = ("metric", "numerator", "denominator", "value", "low", "high", "n", "status", "score", "weighted")
    return {"weight": line.item.weight, "target": line.item.target, **{key: getattr(line, key) for key in kept}}


def _plain(item: object) -> object:
    if isinstance(item, Decimal):
        return int(item) if item == item.to_integral_value() else float(item) if float(item) == item else str(item)
    return str(item)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Answer one command with its document (design.md, Commands)."""
    if options.command == "list":
        return _catalogue()
    store = Store.default(options.store)
    version = store.version
    cur = store.open(Viewer("", "system"), version or None)
    clock = cur.execute("select data_date from clock").fetchone()
    parameters = dict(cur.execute("select name, value from parameter order by name").fetchall())
    return {"rows": _answer(cur, options), "version": version, "as_of": clock[0] if clock else None, "quarter": latest(cur), "parameters": parameters}


def main(argv: list[str] | None = None) -> int:
    """Run the command line; 0 done, 1 failed, 2 input refused."""
    options = _arguments().parse_args(argv)
    try:
        document = run(options)
    except UnknownDimensionError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except EmptyStoreError as error:
        sys.stderr.write(f"库 {error} 里还没有数据，请先 `python -m loaders load 文件`。\nThe store {error} is empty; load files first.\n")
        return 2
    if options.json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")
    else:
        sys.stdout.write(_spoken(document))
    return 0


def _spoken(document: dict[str, Any]) -> str:
    listed = document["rows"] if "rows" in document else [*document["metrics"], *document["processes"], *document["schemes"]]
    if not listed:
        return "没有行 · no rows\n"
    lines = ["\t".join(listed[0])]
    lines += ["\t".join("" if cell is None else str(cell) for cell in row.values()) for row in listed]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
