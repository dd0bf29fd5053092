"""Command line of the loaders: check, load, list, undo, redo, rebuild, refresh."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from data.store import Store
from loaders import build
from loaders.messages import Refused, text


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loaders", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--store", help="folder of the store (default: KAC_STORE, else data/var)")
    shared.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (("check", "dry run: mapping, faults and what would move"), ("load", "load files as one load and publish")):
        command = commands.add_parser(name, parents=[shared], help=words)
        command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders of files")
        command.add_argument("--entity", help="take every table for this entity")
        command.add_argument("--sheet", help="only this sheet")
        command.add_argument("--map", action="append", default=[], metavar="FIELD=HEADER", help="say which column holds a field")
        command.add_argument("--exported-on", type=date.fromisoformat, metavar="DATE", help="day on which the files were exported")
        command.add_argument("--partial", action="store_true", help="the files are an extract and do not move the data date")
        command.add_argument("--who", default="", help="who loads")
        command.add_argument("--note", default="", help="a remark kept with the load")
        command.add_argument("--names", type=json.loads, default={}, help=argparse.SUPPRESS)
        command.add_argument("--mappings", type=json.loads, default=[], help=argparse.SUPPRESS)
    commands.add_parser("list", parents=[shared], help="the loads, newest first")
    for name, words in (("undo", "take a load out of force"), ("redo", "put an undone load back into force")):
        commands.add_parser(name, parents=[shared], help=words).add_argument("load_id", type=int)
    commands.add_parser("rebuild", parents=[shared], help="rebuild all facts from the kept raw files")
    commands.add_parser("refresh", parents=[shared], help="publish a version with the settings and decisions of now")
    commands.add_parser("sample", parents=[shared], help="write the sample department's exports and load them, if the store is empty")
    return parser


def _files(given: list[Path]) -> list[Path]:
    found = []
    for path in given:
        found += sorted(inner for inner in path.rglob("*") if inner.is_file() and not inner.name.startswith((".", "~"))) if path.is_dir() else [path]
    return found


def _request(options: argparse.Namespace) -> build.Request:
    given = dict(pair.split("=", 1) for pair in options.map)
    mappings = {(m["file"], m["sheet"], m["table"]): (m["entity"], m["fields"]) for m in options.mappings}
    names = {Path(path): name for path, name in options.names.items()}
    return build.Request(
        _files(options.files), options.entity, options.sheet, given, mappings,
        options.exported_on, not options.partial, options.who, options.note, names,
    )  # fmt: skip


def _progress(stage: str, detail: dict[str, Any]) -> None:
    sys.stderr.write(json.dumps({"stage": stage, **detail}, ensure_ascii=False) + "\n")
    sys.stderr.flush()


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Carry out one command and return its document."""
    store = Store.default(options.store)
    if options.command in {"check", "load"}:
        return getattr(build, options.command)(store, _request(options), _progress)
    if options.command in {"undo", "redo"}:
        return build.undo(store, options.load_id, redo=options.command == "redo", progress=_progress)
    if options.command == "rebuild":
        return build.rebuild(store, _progress)
    if options.command == "refresh":
        return {"version": build.refresh(store, _progress)}
    if options.command == "sample":
        from loaders.sample import load_sample

        return load_sample(store, _progress)
    return {"loads": build.history(store), "version": store.version}


def main(argv: list[str] | None = None) -> int:
    """Run the command line; 0 done, 1 failed, 2 input refused (nothing changed)."""
    options = _arguments().parse_args(argv)
    try:
        document = run(options)
    except Refused as refusal:
        return _refused(options, text(refusal, "zh"), text(refusal, "en"))
    except build.UnknownLoadError as error:
        load, loads = str(error).split("; ", 1)
        refusal = Refused("unknown_load", {"load": load, "loads": loads})
        return _refused(options, text(refusal, "zh"), text(refusal, "en"))
    if options.json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
    else:
        from loaders.spoken import spoken

        sys.stdout.write(spoken(options.command, document))
    return 2 if document.get("refused") else 0


def _refused(options: argparse.Namespace, chinese: str, english: str) -> int:
    if options.json:
        sys.stdout.write(json.dumps({"refused": {"zh": chinese, "en": english}}, ensure_ascii=False) + "\n")
    sys.stderr.write(f"{chinese}\n{english}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
