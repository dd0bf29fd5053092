"""Load, check, undo and rebuild: every way in which a new version of the facts comes to be."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from data.store import Store
from loaders import delivery, manifest, moves, stage
from loaders.delivery import Request
from loaders.draft import Draft, Progress, drafting, next_number, publish
from loaders.exported import exported_on
from loaders.messages import Refused, text
from loaders.returned import became
from loaders.tally import Tally

__all__ = ["Request", "UnknownLoadError", "check", "history", "load", "rebuild", "refresh", "undo"]


class UnknownLoadError(LookupError):
    """No load has that number: `load_id`, and `known` are the numbers there are."""

    def __init__(self, load_id: int, known: list[int]) -> None:
        super().__init__(load_id, known)
        self.load_id = load_id
        self.known = known


def load(store: Store, request: Request, progress: Progress | None = None) -> dict[str, Any]:
    """Load files as one load and publish; return `{"load_id", "version", "files": […]}` (design.md, Commands).

    Raises `Refused` where a file cannot be read or nothing in the files can be taken; then nothing changed.
    """
    with drafting(store, progress) as draft:
        load_id = _apply(store, draft, request)
        version = publish(store, draft)
        _remember(draft, request)
        return {"load_id": load_id, "version": version, "files": [_public(report) for report in draft.reports]}


def check(store: Store, request: Request, progress: Progress | None = None) -> dict[str, Any]:
    """Do everything but publish: mapping, faults, counts, samples of changes, and which KPI values would move."""
    with drafting(store, progress) as draft:
        try:
            _apply(store, draft, request)
        except Refused as refusal:
            said = {"code": refusal.code, "zh": text(refusal, "zh"), "en": text(refusal, "en")}
            return {"files": [_public(report) for report in draft.reports], "refused": said, "moves": []}
        moved = moves.compare(store, draft.con) if store.version else []
        return {"files": [_public(report) for report in draft.reports], "moves": moved}


def undo(store: Store, load_id: int, *, redo: bool = False, progress: Progress | None = None) -> dict[str, Any]:
    """Take a load out of force (or back into it) and publish; raises `UnknownLoadError`."""
    with drafting(store, progress) as draft:
        known = _numbers(draft.con, "select load_id from meta.load order by load_id")
        if load_id not in known:
            raise UnknownLoadError(load_id, known)
        draft.con.execute("update meta.load set in_force = ? where load_id = ?", [redo, load_id])
        draft.settle(_numbers(draft.con, f"select sheet_id from meta.load_sheet where load_id = {load_id}"))
        return {"load_id": load_id, "in_force": redo, "version": publish(store, draft)}


def _numbers(con: duckdb.DuckDBPyConnection, sql: str) -> list[int]:
    return [int(row[0]) for row in con.execute(sql).fetchall()]


def refresh(store: Store, progress: Progress | None = None) -> int:
    """Publish a version with the settings and decisions of now, from the same loads."""
    with drafting(store, progress) as draft:
        draft.settle([])
        return publish(store, draft)


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


def _remember(draft: Draft, request: Request) -> None:
    """Keep what people said about a file's columns for the next file of that shape, and log the load."""
    for report in draft.reports:
        staged = report["staged"]
        place = (request.name(Path(report["path"])), staged.table.sheet, staged.table.number)
        if (request.given or place in request.mappings) and report.get("sheet_id") and not staged.shape:
            signature, fields = stage.fingerprinted(staged)
            draft.records.remember(signature, staged.mapping.entity, fields, who=request.who)
    files = [report["file"] for report in draft.reports]
    draft.records.log(request.who, "load", files[0], {"files": files})


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
        "notes": [{"code": note.code, "zh": text(note, "zh"), "en": text(note, "en")} for note in report["notes"]],
    }
