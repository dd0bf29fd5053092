"""Command line of the numbers: `python -m kpi --help` lists what it answers."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, fields
from typing import Any

import duckdb

from data.document import dumped
from data.records import Records
from data.store import EmptyStoreError, Store, Viewer
from kpi import change_command, funnel_command, pace, versions
from kpi.catalogue import every, reason
from kpi.flags import flags, worded
from kpi.options import arguments
from kpi.periods import latest, quarters
from kpi.points import rounded
from kpi.process import processes
from kpi.quarter import rules
from kpi.refusals import RefusedQuestionError, UnknownNameError
from kpi.rollup import UNASSIGNED, rows, value
from kpi.scheme import schemes
from kpi.scoring import Line, Scorecard, scorecards
from kpi.sides import compare
from kpi.whatif import otherwise

SHOWN = {"numerator", "denominator", "value", "low", "high", "n", "status", "score", "weighted"}
SHOWN |= {"unresolved", "year_to_date"}


def _catalogue(store: Store) -> dict[str, Any]:
    listed = [
        {
            "name": m.name,
            "title": m.title("zh"),
            "title_en": m.title("en"),
            "unit": m.unit,
            "better": m.better,
            "rollup": m.rollup,
            "grain": m.grain,
            "kind": "supporting" if m.supporting else "kpi",
        }
        for m in every().values()
    ]
    models = [{"name": p.name, "title": p.zh, "title_en": p.en} for p in processes(store.processes).values()]
    return {"metrics": listed, "processes": models, "schemes": _schemes()}


def _schemes() -> list[dict[str, Any]]:
    return [{"name": scheme.name, "title": scheme.zh, "title_en": scheme.en} for scheme in schemes().values()]


def _value(cur: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> list[dict[str, Any]]:
    by = tuple(key for key in options.by.split(",") if key)
    return value(cur, options.metric, by, options.start, options.end, options.rep, dict(options.where))


def _follow_up(cur: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> list[dict[str, Any]]:
    return funnel_command.follow_up(cur, options.rep)


def _scores(cur: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> list[dict[str, Any]]:
    return [_card(card) for card in scorecards(cur, options.quarter or "", options.scheme, options.rules)]


def _evidence(cur: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> list[dict[str, Any]]:
    found = rows(cur, options.metric, options.quarter, options.rep)
    for row in found:
        row["reason_zh"] = reason(row["reason"], "zh", date=row["reason_date"], value=row["numerator"])
        row["reason_en"] = reason(row["reason"], "en", date=row["reason_date"], value=row["numerator"])
    return found


def _pace(cur: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> list[dict[str, Any]]:
    if options.command == "backtest":
        return pace.backtest(cur, options.metric)
    found = pace.to_date(cur, options.metric, options.quarter, options.rep)
    return [found] if found else []


def _known(cur: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> None:
    """Turn `latest` into a quarter and a name into a rep's number; refuse a quarter or a rep that is not there."""
    held = [str(row["quarter"]) for row in quarters(cur)]
    for name in ("quarter", "before", "after"):
        asked = getattr(options, name, None)
        if asked is not None:
            setattr(options, name, held[-1] if held and asked == "latest" else asked)
            if getattr(options, name) not in held:
                raise UnknownNameError("quarter", asked, held)
    if getattr(options, "rep", None) not in {None, UNASSIGNED}:
        reps = dict(cur.execute("select rep_id, coalesce(rep_name, '') from member order by rep_id").fetchall())
        named = [rep_id for rep_id, name in reps.items() if name == options.rep]
        options.rep = named[0] if options.rep not in reps and len(named) == 1 else options.rep
        if options.rep not in reps:
            raise UnknownNameError("rep", options.rep, [f"{rep_id} {reps[rep_id]}" for rep_id in named or reps])


def _flags(cur: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> list[dict[str, Any]]:
    found = flags(cur, options.quarter, options.rep)
    return [{**row, "reason_zh": worded(row, "zh"), "reason_en": worded(row, "en")} for row in found]


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
    cells = {each.name: getattr(line, each.name) for each in fields(Line) if each.name in SHOWN}
    cells |= {
        "scored_value": None if line.rate is None else float(line.rate),
        "excluded": [*map(asdict, line.excluded)],
    }
    return {"weight": line.item.weight, "target": line.item.target, "metric": line.metric} | cells


ANSWERS = {
    "value": _value,
    "rows": _evidence,
    "score": _scores,
    "pace": _pace,
    "backtest": _pace,
    "funnel": funnel_command.answer,
    "today": _follow_up,
    "flags": _flags,
}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Answer one command with its document (design.md, Commands)."""
    store = Store.default(options.store)
    if options.command == "list":
        return _catalogue(store)
    if options.command == "process":
        return funnel_command.take(options.file, store)
    version = _version(store, options)
    options.rules = rules(Records(store.records_url)) if options.command == "score" else None
    settings = dict(getattr(options, "settings", []))
    if options.command == "compare":
        return _comparison(store, options, settings)
    if settings:
        with otherwise(store, settings, version=version) as cur:
            return _document(store, cur, options, version)
    return _document(store, store.open(Viewer("", "system"), version or None), options, version)


def _version(store: Store, options: argparse.Namespace) -> int:
    """Return the version asked for, or that in force; refuse one that is not kept."""
    asked = getattr(options, "version", None)
    if asked is not None and not store.facts(asked).exists():
        raise UnknownNameError("version", asked, versions.kept(store))
    return asked or store.version


def _comparison(store: Store, options: argparse.Namespace, settings: dict[str, str]) -> dict[str, Any]:
    _known(store.open(Viewer("", "system")), options)
    given = options.viewer
    viewer = Viewer("", given["role"], rep_id=given.get("rep_id", ""), dept=given.get("dept", ""))
    found = compare(store, options.metric, options.quarter, settings, viewer)
    return {"rows": found.pop("accounts"), **found, "quarter": options.quarter, "version": store.version}


def _document(
    store: Store, cur: duckdb.DuckDBPyConnection, options: argparse.Namespace, version: int
) -> dict[str, Any]:
    clock = cur.execute("select data_date from clock").fetchone()
    parameters = dict(cur.execute("select name, value from parameter order by name").fetchall())
    _known(cur, options)
    change = options.command == "change"
    return {
        "rows": change_command.answer(store, cur, options) if change else ANSWERS[options.command](cur, options),
        "version": version,
        "as_of": clock[0] if clock else None,
        "quarter": latest(cur),
        "parameters": parameters,
    }


def main(argv: list[str] | None = None) -> int:
    """Run the command line; 0 done, 1 failed, 2 input refused."""
    options = arguments().parse_args(argv)
    try:
        document = run(options)
    except RefusedQuestionError as error:
        sys.stderr.write(f"{error.zh}\n{error.en}\n")
        return 2
    except EmptyStoreError as error:
        sys.stderr.write(f"库 {error} 里还没有数据，请先 `python -m loaders load 文件`。\n")
        sys.stderr.write(f"The store {error} is empty; load files first.\n")
        return 2
    except (OSError, duckdb.Error) as error:
        fault = " ".join(str(error).split())
        sys.stderr.write(f"没有算出结果：{fault}\nNo figures came of it: {fault}\n")
        return 1
    sys.stdout.write(dumped(document) if options.json else _spoken(document))
    return 0


def _spoken(document: dict[str, Any]) -> str:
    if "added" in document:
        added = document["added"]
        return f"{added['title']} · {added['title_en']}: {document['next']}\n"
    listed = (
        document["rows"] if "rows" in document else [*document["metrics"], *document["processes"], *document["schemes"]]
    )
    if not listed:
        return "没有行 · no rows\n"
    lines = ["\t".join(listed[0])]
    lines += ["\t".join(_cell(cell) for cell in row.values()) for row in listed]
    return "\n".join(lines) + "\n"


def _cell(cell: object) -> str:
    """Write one cell of a line; the items of a scorecard as `metric=points×weight`."""
    if isinstance(cell, list):
        return " ".join(_cell(each) for each in cell)
    if isinstance(cell, dict) and "metric" not in cell:
        return " ".join(f"{name}={_cell(each)}" for name, each in cell.items())
    if isinstance(cell, dict):
        points = cell["status"] if cell["score"] is None else rounded(cell["score"])
        return f"{cell['metric']}={points}×{cell['weight']}"
    return "" if cell is None else str(cell)


if __name__ == "__main__":
    sys.exit(main())
