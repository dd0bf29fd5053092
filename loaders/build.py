"""Load, check, undo and rebuild: every way in which a new version of the facts comes to be."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from data.records import Records
from data.store import Store
from kpi.derive import code
from loaders import aside, delivery, manifest, moves, reading, stage
from loaders.delivery import Request
from loaders.draft import Draft, Progress, drafting, next_number, publish
from loaders.exported import exported_on
from loaders.identity import NORMS, doubtful, subject
from loaders.messages import Note, Refused, text
from loaders.returned import became
from loaders.source import Source
from loaders.tally import Tally
from loaders.warnings import warnings

__all__ = ["Request", "UnknownLoadError", "check", "history", "load", "rebuild", "refresh", "undo"]


class UnknownLoadError(LookupError):
    """No load has that number: `load_id`, and `known` are the numbers there are."""

    def __init__(self, load_id: int, known: list[int]) -> None:
        super().__init__(load_id, known)
        self.load_id = load_id
        self.known = known


def load(store: Store, request: Request, progress: Progress | None = None) -> dict[str, Any]:
    """Load files as one load and publish; return `{"load_id", "version", "files": […]}` (design.md, Commands).

    What a check of the same request put aside is published as it is, where nothing changed since. Raises `Refused`
    where a file cannot be read or nothing in the files can be taken; then nothing changed.
    """
    if published := aside.publish(store, request, progress):
        return published
    with drafting(store, progress, who=request.who) as draft:
        load_id = _apply(store, draft, request)
        files = [_public(report) for report in draft.reports]
        kept = _to_remember(draft, request)
        asked = doubtful(draft.con)
        version = publish(store, draft)
        aside.remember(draft.records, request, kept, files)
        return {"load_id": load_id, "version": version, "files": files, "doubtful": asked}


def check(store: Store, request: Request, progress: Progress | None = None) -> dict[str, Any]:
    """Do everything but publish: mapping, faults, counts, samples of changes, warnings, and what would move.

    `moves` and `scores` as `loaders.moves` gives them; `warnings` worded in both languages.
    """
    with drafting(store, progress, who=request.who) as draft:
        try:
            load_id = _apply(store, draft, request)
        except Refused as refusal:
            files = [_public(report) for report in draft.reports]
            refused = {**_worded(refusal), "file": str(refusal.values.get("file", ""))}
            return {"files": files, "refused": refused, "warnings": [], "moves": [], "scores": []}
        found = {"files": [_public(report) for report in draft.reports], "moves": [], "scores": []}
        found["warnings"] = [_worded(note) for note in warnings(draft.con, load_id, datetime.now().astimezone().date())]
        found["doubtful"] = doubtful(draft.con)
        if store.version:
            draft.progress("compare", {})
            found["moves"] = moves.compare(store, draft.con, load_id)
            found["scores"] = moves.scores(store, draft.con, found["moves"]) if request.scores else []
        if request.aside:
            aside.put(store, draft, request, load_id, found["files"], _to_remember(draft, request))
        return found


def _worded(said: Note | Refused) -> dict[str, str]:
    return {"code": said.code, "zh": text(said, "zh"), "en": text(said, "en")}


def undo(
    store: Store, load_id: int, *, redo: bool = False, who: str = "", progress: Progress | None = None
) -> dict[str, Any]:
    """Take a load out of force (or back into it) and publish; raises `UnknownLoadError`."""
    with drafting(store, progress, who=who) as draft:
        known = _numbers(draft.con, "select load_id from meta.load order by load_id")
        if load_id not in known:
            raise UnknownLoadError(load_id, known)
        draft.con.execute("update meta.load set in_force = ? where load_id = ?", [redo, load_id])
        draft.settle(_numbers(draft.con, f"select sheet_id from meta.load_sheet where load_id = {load_id}"))
        version = publish(store, draft)
        draft.records.log(who, "redo" if redo else "undo", f"load:{load_id}", {"version": version})
        return {"load_id": load_id, "in_force": redo, "version": version}


def _numbers(con: duckdb.DuckDBPyConnection, sql: str) -> list[int]:
    return [int(row[0]) for row in con.execute(sql).fetchall()]


def refresh(store: Store, progress: Progress | None = None) -> int:
    """Publish a version with the settings and decisions of now, from the same loads."""
    with drafting(store, progress) as draft:
        draft.settle([])
        return publish(store, draft)


def stale(store: Store) -> bool:
    """Tell whether the facts in force were derived by other code than this: `refresh` derives them anew."""
    with duckdb.connect(str(store.facts(store.version)), read_only=True) as con:
        known = con.execute(
            "select 1 from duckdb_tables() where schema_name = 'core' and table_name = 'derived_by'"
        ).fetchone()
        return not known or con.execute("select code from core.derived_by").fetchone() != (code(),)


def mean(store: Store, kind: str, name: str, number: str, who: str, reason: str) -> dict[str, Any]:
    """Remember which account or person (`kind`: account or rep) a name means that fits several, and publish.

    Raises `Refused` where the name is not in doubt or the number is none of those it may mean.
    """
    with drafting(store, None) as draft:
        asked = {subject(NORMS[one["kind"]], one["name"]): one for one in doubtful(draft.con)}
        about = subject(NORMS[kind], name)
        known = asked[about]["numbers"] if about in asked else []
        if number not in known:
            raise Refused("not_meant", {"name": name, "number": number, "known": "、".join(known) or "–"})
        Records(store.records_url).decide("identity", about, number, who=who, reason=reason)
    return {"meant": {"kind": kind, "name": name, "number": number}, "version": refresh(store)}


def rebuild(store: Store, progress: Progress | None = None) -> dict[str, Any]:
    """Read every kept raw file again, as each load read it, and publish the result."""
    with drafting(store, progress, fresh=True) as draft:
        loads = manifest.read(store)
        for entry in loads:
            delivery.replay(store, draft, entry)
        draft.settle(None)
        return {"loads": len(loads), "version": publish(store, draft)}


def history(store: Store) -> list[dict[str, Any]]:
    """List the loads, newest first, with their files, sheets and counts."""
    if not store.version:
        return []
    with duckdb.connect(str(store.facts(store.version)), read_only=True) as con:
        return manifest.history(con)


def _apply(store: Store, draft: Draft, request: Request) -> int:
    """Read the files, deliver their tables, fold, derive, and count what that did; give the load's number."""
    con = draft.con
    load_id = next_number(con, "meta.load", "load_id")
    files = delivery.read(store, draft, request)
    now = datetime.now().astimezone().replace(microsecond=0, tzinfo=None)
    exported = request.exported_on or _newest(files)
    span = request.complete_for or (None, None)
    row = (load_id, now, request.who, exported, request.complete, True, request.note, *span)
    row += (request.blank_erases, request.all_accounts)
    delivery.log(con, dict(zip(manifest.HEAD, row, strict=True)))
    sheets = [
        sheet
        for file in files
        for table in file.tables
        for sheet in delivery.take(draft, request, load_id, file, table)
    ]
    if not sheets:
        raise _nothing(draft)
    tally = Tally(con, sheets)
    draft.settle(sheets)
    for report in draft.reports:
        if report.get("sheet_id"):
            report.update(tally.counts(report["sheet_id"], report["staged"].mapping.entity))
            report["became"] = became(con, report["sheet_id"], report["staged"])
            delivery.counted(con, load_id, report["sheet_id"], report)
    return load_id


def _newest(files: list[delivery.Read]) -> date | None:
    said = [exported_on(file.name, [table.title for table in file.tables]) for file in files]
    return max((day for day in said if day), default=None)


def _nothing(draft: Draft) -> Refused:
    """Say why no table of the files could be taken: the first question that blocked one."""
    for report in draft.reports:
        for note in report["notes"]:
            if note.code in {"missing_fields", "not_claimed"}:
                why = {"why": text(note, "zh"), "why_en": text(note, "en")}
                return Refused("nothing_taken", {"file": report["file"], **why})
    return Refused("no_such_sheet", {"file": "、".join(sorted({report["file"] for report in draft.reports})) or "-"})


def _to_remember(draft: Draft, request: Request) -> list[aside.Settled]:
    """List what people said about the files' columns, for the next file of that shape."""
    found = []
    for report in draft.reports:
        staged = report["staged"]
        place = (request.name(Path(report["path"])), staged.table.sheet, staged.table.number)
        told = request.given or place in request.mappings or place in request.answered
        if told and report.get("sheet_id") and staged.piece == 1:
            signature, fields = reading.fingerprinted(staged)
            found.append((signature, _whole(staged), fields))
    return found


def _whole(staged: stage.Staged) -> str:
    """Name the entity of a table, "" where a shape made several of it."""
    return "" if staged.source and len(staged.source.kinds) > 1 else staged.mapping.entity


def _public(report: dict[str, Any]) -> dict[str, Any]:
    """Give a report as JSON: what was asked for in design.md, and what a page shows beside it."""
    staged = report["staged"]
    return {
        "path": report["path"],
        "file": report["file"],
        "entity": staged.mapping.entity or None,
        "sheet": staged.table.sheet,
        "table": staged.table.number,
        **{key: report.get(key, 0) for key in ("rows", *delivery.COUNTS)},
        "errors_file": report.get("errors_file"),
        "errors": report.get("errors", []),
        "changes": report.get("changes", []),
        "loaded": bool(report.get("sheet_id")),
        "mapping": staged.told,
        "sample": [list(row) for row in staged.table.sample[:3]],
        "became": report.get("became", []),
        "sheet_id": report.get("sheet_id"),
        "title": staged.table.title,
        "header_row": staged.table.header_row,
        "source": _source(staged.source) if staged.source and staged.piece == 1 else None,
        "notes": [
            {"code": note.code, "zh": text(note, "zh"), "en": text(note, "en"), **_about(staged, note)}
            for note in report["notes"]
        ],
    }


def _source(source: Source) -> dict[str, Any]:
    """Give the table before its shape: its columns, what each is taken for, and its first rows."""
    table = source.table
    return {
        "columns": list(table.columns),
        "taken": list(source.taken),
        "kinds": list(source.kinds),
        "sample": [list(row) for row in table.sample[:3]],
    }


def _about(staged: stage.Staged, note: Note) -> dict[str, str]:
    """Give the field that a question is about, so that its answer can be told."""
    column = note.values.get("column")
    found = (name for name, at in staged.mapping.fields.items() if staged.table.columns[at] == column)
    return {"field": next(found, "")} if note.code.endswith("_question") else {}
