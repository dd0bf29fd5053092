"""Load, check, undo and rebuild: every way in which a new version of the facts comes to be."""

from __future__ import annotations

import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from data.records import Records
from kpi.derive import Settings, derive
from loaders import manifest, moves, stage
from loaders.exported import exported_on as stated
from loaders.fold import fold
from loaders.messages import Note, Refused, text
from loaders.read import tables
from loaders.returned import became
from loaders.schema import prepare
from loaders.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from data.store import Store
    from loaders.read import Table


class UnknownLoadError(LookupError):
    """No load has that number."""


@dataclass(frozen=True)
class Request:
    """What is asked of a load: the files, and what the asker knows about them.

    `names` gives the names as uploaded, by path. `given` maps field to header for every table; `mappings`
    overrides it by (file name, sheet, table number): entity ("" leaves the table out) and field -> header.
    """

    files: list[Path]
    entity: str | None = None
    sheet: str | None = None
    given: dict[str, str] = field(default_factory=dict)
    mappings: dict[tuple[str, str, int], tuple[str, dict[str, str]]] = field(default_factory=dict)
    exported_on: date | None = None
    complete: bool = True
    who: str = ""
    note: str = ""
    names: dict[Path, str] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        """The name of a file as uploaded."""
        return self.names.get(path, path.name)


@dataclass
class Draft:
    """A facts file being built, and what went into it."""

    con: duckdb.DuckDBPyConnection
    path: Path
    scratch: Path
    settings: Settings
    records: Records
    progress: Callable[[str, dict[str, Any]], None]
    reports: list[dict[str, Any]] = field(default_factory=list)


def _silent(_stage: str, _detail: dict[str, Any]) -> None:
    return None


@contextmanager
def _drafting(store: Store, progress: Callable[[str, dict[str, Any]], None] | None, *, fresh: bool = False) -> Iterator[Draft]:
    """Hold the lock, open a draft of the facts, and throw the draft away unless it was published."""
    with store.locked(), tempfile.TemporaryDirectory(prefix="kac-") as scratch:
        records = Records(store.records_url)
        decisions = [
            {key: getattr(decision, key) for key in ("kind", "subject", "value", "reason", "decided_at", "decided_by")}
            for decision in records.decisions()
        ]
        path = store.draft(fresh=fresh)
        con = duckdb.connect(str(path))
        try:
            con.execute(f"set temp_directory = '{scratch}'")
            con.execute("begin")
            prepare(con)
            yield Draft(con, path, Path(scratch), Settings(records.parameters(), decisions), records, progress or _silent)
        finally:
            con.close()
            path.unlink(missing_ok=True)
            path.with_suffix(".duckdb.wal").unlink(missing_ok=True)


def _publish(store: Store, draft: Draft) -> int:
    draft.progress("publish", {})
    draft.con.execute("commit")
    loads = manifest.read_facts(draft.con)
    draft.con.execute("checkpoint")
    draft.con.close()
    version = store.publish(draft.path)
    manifest.write(store, loads)
    return version


def load(store: Store, request: Request, progress: Callable[[str, dict[str, Any]], None] | None = None) -> dict[str, Any]:
    """Load files as one load and publish; return `{"load_id", "version", "files": […]}` (design.md, Commands).

    Raises `Refused` where a file cannot be read or nothing in the files can be taken; then nothing changed.
    """
    with _drafting(store, progress) as draft:
        load_id = _apply(store, draft, request)
        version = _publish(store, draft)
        _remember(draft, request)
        return {"load_id": load_id, "version": version, "files": [_public(report) for report in draft.reports]}


def check(store: Store, request: Request, progress: Callable[[str, dict[str, Any]], None] | None = None) -> dict[str, Any]:
    """Do everything but publish: the mapping, the faults, the counts, samples of changes, and which KPI values would move."""
    with _drafting(store, progress) as draft:
        try:
            _apply(store, draft, request)
        except Refused as refusal:
            files = [_public(report) for report in draft.reports]
            return {"files": files, "refused": {"code": refusal.code, "zh": text(refusal, "zh"), "en": text(refusal, "en")}, "moves": []}
        moved = moves.compare(store, draft.con) if store.version else []
        return {"files": [_public(report) for report in draft.reports], "moves": moved}


def undo(store: Store, load_id: int, *, redo: bool = False, progress: Callable[[str, dict[str, Any]], None] | None = None) -> dict[str, Any]:
    """Take a load out of force (or back into it) and publish; raises `UnknownLoadError`."""
    with _drafting(store, progress) as draft:
        known = [row[0] for row in draft.con.execute("select load_id from meta.load order by load_id").fetchall()]
        if load_id not in known:
            raise UnknownLoadError(f"{load_id}; {', '.join(map(str, known)) or '-'}")
        draft.con.execute("update meta.load set in_force = ? where load_id = ?", [redo, load_id])
        sheets = [row[0] for row in draft.con.execute("select sheet_id from meta.load_sheet where load_id = ?", [load_id]).fetchall()]
        _settle(draft, sheets)
        return {"load_id": load_id, "in_force": redo, "version": _publish(store, draft)}


def refresh(store: Store, progress: Callable[[str, dict[str, Any]], None] | None = None) -> int:
    """Publish a version with the settings and decisions of now, from the same loads."""
    with _drafting(store, progress) as draft:
        _settle(draft, [])
        return _publish(store, draft)


def rebuild(store: Store, progress: Callable[[str, dict[str, Any]], None] | None = None) -> dict[str, Any]:
    """Read every kept raw file again, as each load read it, and publish the result."""
    with _drafting(store, progress, fresh=True) as draft:
        loads = manifest.read(store)
        for entry in loads:
            _replay(store, draft, entry)
        _settle(draft, None)
        return {"loads": len(loads), "version": _publish(store, draft)}


def history(store: Store) -> list[dict[str, Any]]:
    """List the loads, newest first, with their files, sheets and counts."""
    if not store.version:
        return []
    with duckdb.connect(str(store.facts(store.version)), read_only=True) as con:
        return manifest.history(con)


def _settle(draft: Draft, sheets: list[int] | None) -> None:
    draft.progress("fold", {})
    fold(draft.con, sheets)
    draft.progress("derive", {})
    derive(draft.con, draft.settings)


def _recall(draft: Draft) -> Callable[[str], tuple[str, dict[str, str]] | None]:
    def recalled(signature: str) -> tuple[str, dict[str, str]] | None:
        found = draft.records.remembered(signature)
        return (found.entity, dict(found.mapping)) if found else None

    return recalled


def _apply(store: Store, draft: Draft, request: Request) -> int:
    con = draft.con
    load_id = _next(con, "meta.load", "load_id")
    found = _read(store, draft, request)
    dates = [stated(request.name(path), [table.title for table in file_tables]) for path, _, file_tables in found]
    con.execute(
        "insert into meta.load values (?, ?, ?, ?, ?, true, ?)",
        [load_id, datetime.now().replace(microsecond=0), request.who, request.exported_on or _common(dates), request.complete, request.note],
    )
    sheets: list[int] = []
    for path, digest, file_tables in found:
        for table in file_tables:
            sheets += _take(draft, request, load_id, path, digest, table)
    if not sheets:
        raise _nothing(draft)
    tally = Tally(con, sheets)
    _settle(draft, sheets)
    for report in draft.reports:
        if report.get("sheet_id"):
            report.update(tally.counts(report["sheet_id"], report["staged"].mapping.entity))
            report["became"] = became(con, report["sheet_id"], report["staged"])
            con.execute(
                "update meta.load_sheet set inserted = ?, changed = ?, unchanged = ?, rejected = ? where load_id = ? and sheet_id = ?",
                [report["inserted"], report["changed"], report["unchanged"], report["rejected"], load_id, report["sheet_id"]],
            )
    return load_id


def _read(store: Store, draft: Draft, request: Request) -> list[tuple[Path, str, list[Table]]]:
    """Keep and read every file, several at once: each is parsed in a process of its own."""

    def one(path: Path) -> tuple[Path, str, list[Table]]:
        draft.progress("read", {"file": request.name(path)})
        digest = store.keep_raw(path)
        return path, digest, tables(path, draft.scratch / digest, request.name(path))

    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(one, request.files))


def _common(dates: list[date | None]) -> date | None:
    said = {day for day in dates if day}
    return max(said) if said else None


def _take(draft: Draft, request: Request, load_id: int, path: Path, digest: str, table: Table) -> list[int]:
    """Deliver one table (or the pieces a shape makes of it); report those that nothing claims."""
    if request.sheet is not None and table.sheet != request.sheet:
        return []
    entity, given = request.mappings.get((request.name(path), table.sheet, table.number), (request.entity, request.given))
    if entity == "":
        return []
    taken = []
    for staged in stage.mapped(draft.con, table, entity, given, _recall(draft)):
        report = {"path": str(path), "file": request.name(path), "staged": staged, "notes": [*table.notes, *staged.mapping.questions]}
        draft.reports.append(report)
        if not staged.mapping.entity or stage.blocking(staged):
            continue
        draft.progress("deliver", {"file": request.name(path), "sheet": table.sheet, "rows": table.rows})
        report["sheet_id"] = _deliver(draft, load_id, request.name(path), path.stat().st_size, digest, staged, report)
        taken.append(report["sheet_id"])
    return taken


def _deliver(draft: Draft, load_id: int, name: str, size: int, digest: str, staged: stage.Staged, report: dict[str, Any]) -> int:
    con = draft.con
    content = stage.content(digest, staged)
    known = con.execute("select sheet_id, rows, rejected, notes from meta.sheet where content = ?", [content]).fetchone()
    if known:
        sheet_id = int(known[0])
        report.update(rows=known[1], rejected=known[2], notes=[*report["notes"], *_notes(known[3])])
    else:
        sheet_id = _next(con, "meta.sheet", "sheet_id")
        delivered = stage.deliver(con, sheet_id, staged)
        notes = [*delivered.notes, *([Note("doubled_rows", {"rows": delivered.doubled})] if delivered.doubled else [])]
        report.update(rows=delivered.rows, rejected=delivered.rejected, notes=[*report["notes"], *notes])
        file_id = _file(con, digest, name, size)
        con.execute(
            "insert into meta.sheet values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                sheet_id, file_id, staged.table.sheet, staged.table.number, staged.mapping.entity, content, staged.table.header_row,
                json.dumps(staged.told, ensure_ascii=False), list(staged.mapping.fields), delivered.rows, delivered.rejected,
                json.dumps([{"code": note.code, "values": note.values} for note in notes], ensure_ascii=False, default=str),
            ],
        )  # fmt: skip
    again = con.execute("select 1 from meta.load_sheet where load_id = ? and sheet_id = ?", [load_id, sheet_id]).fetchone()
    if not again:
        con.execute("insert into meta.load_sheet values (?, ?, 0, 0, 0, 0)", [load_id, sheet_id])
    return sheet_id


def _notes(stored: str | None) -> list[Note]:
    return [Note(note["code"], note["values"]) for note in json.loads(stored or "[]")]


def _file(con: duckdb.DuckDBPyConnection, digest: str, name: str, size: int) -> int:
    known = con.execute("select file_id from meta.file where sha256 = ? and name = ?", [digest, name]).fetchone()
    if known:
        return int(known[0])
    file_id = _next(con, "meta.file", "file_id")
    con.execute("insert into meta.file values (?, ?, ?, ?)", [file_id, digest, name, size])
    return file_id


def _next(con: duckdb.DuckDBPyConnection, table: str, column: str) -> int:
    row = con.execute(f"select coalesce(max({column}), 0) + 1 from {table}").fetchone()
    return int(row[0]) if row else 1


def _nothing(draft: Draft) -> Refused:
    """Say why no table of the files could be taken: the first question that blocked one."""
    for report in draft.reports:
        for note in report["notes"]:
            if note.code in {"missing_fields", "not_claimed"}:
                return Refused("nothing_taken", {"file": report["file"], "why": text(note, "zh"), "why_en": text(note, "en")})
    return Refused("no_such_sheet", {"file": "、".join(sorted({report["file"] for report in draft.reports})) or "-"})


def _replay(store: Store, draft: Draft, entry: dict[str, Any]) -> None:
    """Put one load of the manifest back, reading its raw files as it did."""
    con = draft.con
    con.execute(
        "insert into meta.load values (?, ?, ?, ?, ?, ?, ?)",
        [entry[key] for key in ("load_id", "loaded_at", "who", "exported_on", "complete", "in_force", "note")],
    )
    for file in entry["files"]:
        path = store.raw(file["sha256"])
        if not path.exists():
            raise Refused("raw_missing", {"file": file["name"], "sha256": file["sha256"]})
        draft.progress("read", {"file": file["name"]})
        found = {(table.sheet, table.number): table for table in tables(path, draft.scratch / file["sha256"], file["name"])}
        for sheet in file["sheets"]:
            staged = _as_told(con, found[sheet["sheet"], sheet["table_no"]], sheet["mapping"])
            report: dict[str, Any] = {"notes": []}
            sheet_id = _deliver(draft, entry["load_id"], file["name"], file["size"], file["sha256"], staged, report)
            con.execute(
                "update meta.load_sheet set inserted = ?, changed = ?, unchanged = ?, rejected = ? where load_id = ? and sheet_id = ?",
                [*(sheet[key] for key in ("inserted", "changed", "unchanged", "rejected")), entry["load_id"], sheet_id],
            )


def _as_told(con: duckdb.DuckDBPyConnection, table: Table, told: dict[str, Any]) -> stage.Staged:
    if told["shape"]:
        table = list(stage.shapes.reshape(con, table, told["shape"]))[told["piece"] - 1]
    return stage.Staged(table, stage.from_told(table, told), told["shape"], told["piece"])


def _remember(draft: Draft, request: Request) -> None:
    """Keep what people said about a file's columns for the next file of that shape, and log the load."""
    for report in draft.reports:
        staged = report["staged"]
        told = request.given or (request.name(Path(report["path"])), staged.table.sheet, staged.table.number) in request.mappings
        if told and report.get("sheet_id") and not staged.shape:
            draft.records.remember(*stage_fingerprint(staged), who=request.who)
    draft.records.log(request.who, "load", note_of(draft), {"files": [report["file"] for report in draft.reports]})


def stage_fingerprint(staged: stage.Staged) -> tuple[str, str, dict[str, str]]:
    """Give what `Records.remember` keeps: signature, entity, normalised header -> field."""
    signature, fields = stage.fingerprinted(staged)
    return signature, staged.mapping.entity, fields


def note_of(draft: Draft) -> str:
    """Name a load in the log by its first file."""
    return str(draft.reports[0]["file"]) if draft.reports else ""


def _public(report: dict[str, Any]) -> dict[str, Any]:
    """A report as JSON: what was asked for in design.md, and what a page shows beside it."""
    staged = report["staged"]
    counts = {key: report.get(key, 0) for key in ("rows", "inserted", "changed", "unchanged", "rejected")}
    return {
        "path": report["path"],
        "file": report["file"],
        "entity": staged.mapping.entity or None,
        "sheet": staged.table.sheet,
        "table": staged.table.number,
        **counts,
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
