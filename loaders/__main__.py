"""Command line of the loaders: check, load, list, undo, redo, mean, rebuild, refresh, sample, watch."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy.exc import SQLAlchemyError

from data.document import dumped
from data.store import EmptyStoreError, Store
from kpi.derive import BrokenMartError
from loaders import build
from loaders.draft import Progress
from loaders.messages import Refused, text
from loaders.sample import load_sample
from loaders.spoken import spoken, stage_spoken
from loaders.watch import EVERY, watch

LITTER = frozenset({"thumbs.db", "desktop.ini", "icon\r"})
FAILURES = (BrokenMartError, EmptyStoreError, OSError, SQLAlchemyError, duckdb.Error)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loaders", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--store", help="folder of the store (default: KAC_STORE, else data/var)")
    shared.add_argument(
        "--json", action="store_true", help="print one JSON document on stdout and JSON lines of progress"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("check", "dry run: mapping, faults and what would move"),
        ("load", "load files as one load and publish"),
    ):
        _about_files(commands.add_parser(name, parents=[shared], help=words))
    commands.add_parser("list", parents=[shared], help="the loads, newest first")
    for name, words in (("undo", "take a load out of force"), ("redo", "put an undone load back into force")):
        command = commands.add_parser(name, parents=[shared], help=words)
        command.add_argument("load_id", type=int)
        command.add_argument("--who", default="", help="who asks for it")
    command = commands.add_parser("mean", parents=[shared], help="say which account or person a doubtful name means")
    command.add_argument("kind", choices=("account", "rep"))
    command.add_argument("name")
    command.add_argument("number")
    command.add_argument("--who", default="", help="who says so")
    command.add_argument("--reason", default="同名核对 told apart by hand", help="why")
    commands.add_parser("rebuild", parents=[shared], help="rebuild all facts from the kept raw files")
    commands.add_parser("refresh", parents=[shared], help="publish a version with the settings and decisions of now")
    command = commands.add_parser("sample", parents=[shared], help="load the sample department, if the store is empty")
    command.add_argument("--exports", type=Path, metavar="FOLDER", help="keep the sample's export files here")
    command = commands.add_parser("watch", parents=[shared], help="load files as they arrive in a folder")
    command.add_argument("folder", type=Path, metavar="FOLDER")
    command.add_argument("--once", action="store_true", help="take what lies there, then end")
    command.add_argument("--every", type=float, default=EVERY, metavar="SECONDS", help="time between two looks")
    return parser


def _about_files(command: argparse.ArgumentParser) -> None:
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders of files")
    command.add_argument("--entity", help="take every table for this entity")
    command.add_argument("--sheet", help="only this sheet")
    command.add_argument(
        "--map",
        action="append",
        type=_pair,
        default=[],
        metavar="FIELD=HEADER",
        help="say which column holds a field, or answer a question (date_order:order_date=dmy)",
    )
    command.add_argument("--exported-on", type=date.fromisoformat, metavar="DATE", help="day of the export")
    command.add_argument(
        "--partial", action="store_true", help="the files are an extract and do not move the data date"
    )
    command.add_argument(
        "--complete-for", type=_span, metavar="START..END", help="the files hold every order dated from START to END"
    )
    command.add_argument("--blank-erases", action="store_true", help="a blank cell empties what was there")
    command.add_argument("--all-accounts", action="store_true", help="the files hold every account there is")
    command.add_argument("--scores", action="store_true", help="check: say whose scores would move")
    command.add_argument("--aside", type=Path, help=argparse.SUPPRESS)
    command.add_argument("--who", default="", help="who loads")
    command.add_argument("--note", default="", help="a remark kept with the load")
    command.add_argument("--names", type=json.loads, default={}, help=argparse.SUPPRESS)
    command.add_argument("--mappings", type=json.loads, default=[], help=argparse.SUPPRESS)


def _pair(given: str) -> tuple[str, str]:
    field, sign, header = given.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"write FIELD=HEADER, such as rep_id=业务员; found {given!r}")
    return field, header


def _span(given: str) -> tuple[date, date]:
    try:
        start, end = (date.fromisoformat(day) for day in given.split(".."))
    except ValueError:
        start, end = date.max, date.min
    if start > end:
        raise argparse.ArgumentTypeError(f"write START..END, such as 2026-07-01..2026-09-30; found {given!r}")
    return start, end


def _files(given: list[Path]) -> list[Path]:
    found = []
    for path in given:
        inside = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        found += [each for each in inside if each == path or not _is_litter(each)]
    return found


def _is_litter(path: Path) -> bool:
    """Tell whether a file in a folder is there for the system's or Excel's own use."""
    return path.name.startswith((".", "~")) or path.name.casefold() in LITTER


def _request(options: argparse.Namespace) -> build.Request:
    return build.Request(
        files=_files(options.files),
        entity=options.entity,
        sheet=options.sheet,
        given=dict(options.map),
        mappings={_place(m): (m["entity"], m["fields"]) for m in options.mappings if m.get("fields") is not None},
        answered={_place(m): m["answers"] for m in options.mappings if m.get("answers")},
        exported_on=options.exported_on,
        complete=not options.partial,
        complete_for=options.complete_for,
        blank_erases=options.blank_erases,
        all_accounts=options.all_accounts,
        aside=options.aside,
        scores=options.scores,
        who=options.who,
        note=options.note,
        names={Path(path): name for path, name in options.names.items()},
    )


def _place(mapping: dict[str, Any]) -> tuple[str, str, int]:
    return mapping["file"], mapping["sheet"], mapping["table"]


def _progress(options: argparse.Namespace) -> Progress:
    """Tell how far a command is on stderr: in words for people, as a JSON line beside a JSON document."""

    def told(stage: str, detail: dict[str, Any]) -> None:
        line = json.dumps({"stage": stage, **detail}, ensure_ascii=False) + "\n"
        sys.stderr.write(line if options.json else stage_spoken(stage, detail))
        sys.stderr.flush()

    return told


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Carry out one command and return its document."""
    store = Store.default(options.store)
    command, progress = options.command, _progress(options)
    if command in {"check", "load"}:
        return {"check": build.check, "load": build.load}[command](store, _request(options), progress)
    if command in {"undo", "redo"}:
        redo = command == "redo"
        return build.undo(store, options.load_id, redo=redo, who=options.who, progress=progress)
    if command in {"mean", "sample", "watch"}:
        return _aside(store, options)
    if command == "list":
        return {"loads": build.history(store), "version": store.version}
    return build.rebuild(store, progress) if command == "rebuild" else {"version": build.refresh(store, progress)}


def _aside(store: Store, options: argparse.Namespace) -> dict[str, Any]:
    if options.command == "mean":
        return build.mean(store, options.kind, options.name, options.number, options.who, options.reason)
    if options.command == "sample":
        return load_sample(store, _progress(options), options.exports)
    return watch(store, options.folder, _progress(options), once=options.once, every=options.every)


def _stopped(_signal: int, _frame: object) -> None:
    """Leave through every `finally`, so that a stopped command leaves no scratch behind."""
    raise SystemExit(128 + signal.SIGTERM)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; 0 done, 1 failed, 2 input refused (nothing changed)."""
    options = _arguments().parse_args(argv)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stopped)
    try:
        document = run(options)
    except Refused as refusal:
        return _told(options, "refused", refusal)
    except build.UnknownLoadError as error:
        loads = ", ".join(map(str, error.known)) or "-"
        return _told(options, "refused", Refused("unknown_load", {"load": error.load_id, "loads": loads}))
    except FAILURES as error:
        return _told(options, "failed", Refused("failed", {"fault": " ".join(str(error).split())}))
    sys.stdout.write(dumped(document) if options.json else spoken(options.command, document))
    return 2 if document.get("refused") else 0


def _told(options: argparse.Namespace, outcome: str, what: Refused) -> int:
    """Tell why nothing came of a command, in both languages, and give the exit code."""
    if options.json:
        sys.stdout.write(dumped({outcome: {"code": what.code, "zh": text(what, "zh"), "en": text(what, "en")}}))
    sys.stderr.write(f"{text(what, 'zh')}\n{text(what, 'en')}\n")
    return 1 if outcome == "failed" else 2


if __name__ == "__main__":
    sys.exit(main())
