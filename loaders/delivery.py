"""Tables of files into a draft: taken or left, delivered once, and put back as an earlier load read them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data.store import Store
from loaders import corrected, reading, source, stage
from loaders.draft import Draft, next_number
from loaders.manifest import HEAD
from loaders.match import is_answer
from loaders.messages import Note, Refused
from loaders.read import Table, tables

COLUMN = "column:"
COUNTS = ("inserted", "changed", "unchanged", "rejected")


@dataclass(frozen=True)
class Request:
    """What is asked of a load: the files, and what the asker knows about them.

    `names` gives the names as uploaded, by path. `given` maps field to header for every table; `mappings`
    overrides it by (file name, sheet, table number): entity ("" leaves the table out) and field -> header.
    `answered` settles by table what its values left open (`match.ANSWERS`) and, as `column:<field>`, which of
    several columns of one name holds a field, and, as `source:<number>`, what a column is before a shape is applied.
    `complete_for` is a range of order dates, both days included, of which the files hold every order.
    `blank_erases`: a blank cell empties its field (else it leaves an earlier value alone). `all_accounts`: the
    files hold every account there is, so that those missing are asked about. `aside` is a folder where a check
    puts the version it built and from which the load of the same request publishes it. `scores`: a check says
    whose scores would move.
    """

    files: list[Path]
    entity: str | None = None
    sheet: str | None = None
    given: dict[str, str] = field(default_factory=dict)
    mappings: dict[tuple[str, str, int], tuple[str, dict[str, str]]] = field(default_factory=dict)
    answered: dict[tuple[str, str, int], dict[str, str]] = field(default_factory=dict)
    exported_on: date | None = None
    complete: bool = True
    who: str = ""
    note: str = ""
    names: dict[Path, str] = field(default_factory=dict)
    complete_for: tuple[date, date] | None = None
    blank_erases: bool = False
    all_accounts: bool = False
    aside: Path | None = None
    scores: bool = False

    def name(self, path: Path) -> str:
        """Give the name of a file as uploaded."""
        return self.names.get(path, path.name)


@dataclass(frozen=True)
class Read:
    """A file of a load: its path, its name as uploaded, its hash, and the tables found in it.

    `origins` gives, for a table of faulty rows that came back, the query of where each row came from.
    """

    path: Path
    name: str
    size: int
    digest: str
    tables: list[Table]
    origins: dict[tuple[str, int], str] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path, name: str, digest: str, scratch: Path) -> Read:
        """Read a file; raise `Refused` where that cannot be done."""
        found = [corrected.strip(table) for table in tables(path, scratch / digest, name)]
        origins = {(table.sheet, table.number): origin for table, origin in found if origin}
        return cls(path, name, path.stat().st_size, digest, [table for table, _origin in found], origins)


def read(store: Store, draft: Draft, request: Request) -> list[Read]:
    """Keep and read every file, several at once: each workbook is parsed in a process of its own."""

    def one(path: Path) -> Read:
        name = request.name(path)
        draft.progress("read", {"file": name})
        if not path.is_file():
            raise Refused("missing", {"file": name})
        before = path.stat()
        digest = store.keep_raw(path)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Refused("changed", {"file": name})
        return replace(Read.of(store.raw(digest), name, digest, draft.scratch), path=path)

    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(one, request.files))


def take(draft: Draft, request: Request, load_id: int, file: Read, table: Table) -> list[int]:
    """Deliver one table (or the pieces a shape makes of it), report it, and give the numbers of the sheets taken."""
    if request.sheet is not None and table.sheet != request.sheet:
        return []
    place = (file.name, table.sheet, table.number)
    entity, given = request.mappings.get(place, (request.entity, request.given))
    if entity == "":
        return []
    taken = []
    answers = request.answered.get(place, {})
    given = given | {key: answer for key, answer in answers.items() if is_answer(key)}
    columns = {key.removeprefix(COLUMN): int(at) for key, at in answers.items() if key.startswith(COLUMN)}
    for staged in reading.mapped(draft.con, table, entity, given, _recall(draft), columns, source.told(answers)):
        report: dict[str, Any] = {"path": str(file.path), "file": file.name, "staged": staged}
        report["notes"] = [*table.notes, *staged.mapping.questions]
        draft.reports.append(report)
        if not staged.mapping.entity or stage.blocking(staged):
            continue
        draft.progress("deliver", {"file": file.name, "sheet": table.sheet, "rows": table.rows})
        report["sheet_id"] = sheet_id = _deliver(draft.con, load_id, file, staged, report)
        taken.append(sheet_id)
    return taken


def _recall(draft: Draft) -> Callable[[str], tuple[str, dict[str, str]] | None]:
    def recalled(signature: str) -> tuple[str, dict[str, str]] | None:
        found = draft.records.remembered(signature)
        return (found.entity, dict(found.mapping)) if found else None

    return recalled


def _deliver(
    con: duckdb.DuckDBPyConnection, load_id: int, file: Read, staged: stage.Staged, report: dict[str, Any]
) -> int:
    """Write a table that was never delivered before; one that was, read the same way, is only named again."""
    content = stage.content(file.digest, staged)
    known = con.execute(
        "select sheet_id, rows, rejected, notes from meta.sheet where content = ?", [content]
    ).fetchone()
    if known:
        sheet_id = int(known[0])
        report.update(rows=known[1], rejected=known[2], notes=[*report["notes"], *_notes(known[3])])
    else:
        sheet_id = _new_sheet(con, content, file, staged, report)
    pair = [load_id, sheet_id]
    if not con.execute("select 1 from meta.load_sheet where load_id = ? and sheet_id = ?", pair).fetchone():
        con.execute("insert into meta.load_sheet values (?, ?, 0, 0, 0, 0)", pair)
    return sheet_id


def _new_sheet(
    con: duckdb.DuckDBPyConnection, content: str, file: Read, staged: stage.Staged, report: dict[str, Any]
) -> int:
    sheet_id = next_number(con, "meta.sheet", "sheet_id")
    delivered = stage.deliver(con, sheet_id, staged)
    if origins := file.origins.get((staged.table.sheet, staged.table.number)):
        corrected.note(con, sheet_id, origins)
    notes = delivered.notes + [Note("doubled_rows", {"rows": delivered.doubled})] * bool(delivered.doubled)
    report.update(rows=delivered.rows, rejected=delivered.rejected, notes=[*report["notes"], *notes])
    said = [{"code": note.code, "values": note.values} for note in notes]
    row = {
        "sheet_id": sheet_id,
        "file_id": _file(con, file),
        "sheet": staged.table.sheet,
        "table_no": staged.table.number,
        "entity": staged.mapping.entity,
        "content": content,
        "header_row": staged.table.header_row,
        "mapping": json.dumps(staged.told, ensure_ascii=False),
        "fields": list(staged.mapping.fields),
        "rows": delivered.rows,
        "rejected": delivered.rejected,
        "notes": json.dumps(said, ensure_ascii=False, default=str),
    }
    con.execute(f"insert into meta.sheet({', '.join(row)}) values ({', '.join('?' * len(row))})", [*row.values()])
    return sheet_id


def _notes(stored: str | None) -> list[Note]:
    return [Note(note["code"], note["values"]) for note in json.loads(stored or "[]")]


def _file(con: duckdb.DuckDBPyConnection, file: Read) -> int:
    found = [file.digest, file.name]
    known = con.execute("select file_id from meta.file where sha256 = ? and name = ?", found).fetchone()
    if known:
        return int(known[0])
    file_id = next_number(con, "meta.file", "file_id")
    con.execute("insert into meta.file values (?, ?, ?, ?)", [file_id, file.digest, file.name, file.size])
    return file_id


def counted(con: duckdb.DuckDBPyConnection, load_id: int, sheet_id: int, counts: dict[str, Any]) -> None:
    """Keep what a sheet did in a load: `COUNTS` of rows."""
    con.execute(
        "update meta.load_sheet set inserted = ?, changed = ?, unchanged = ?, rejected = ? "
        "where load_id = ? and sheet_id = ?",
        [*(counts[key] for key in COUNTS), load_id, sheet_id],
    )


def log(con: duckdb.DuckDBPyConnection, load: dict[str, Any]) -> None:
    """Write the line of one load: the values of `manifest.HEAD`."""
    con.execute(f"insert into meta.load({', '.join(load)}) values ({', '.join('?' * len(load))})", [*load.values()])


def replay(store: Store, draft: Draft, entry: dict[str, Any]) -> None:
    """Put one load of the manifest back, reading its raw files as it did; raise `Refused` where one is missing."""
    con = draft.con
    log(con, {key: entry.get(key) for key in HEAD})
    for kept in entry["files"]:
        path = store.raw(kept["sha256"])
        if not path.exists():
            raise Refused("raw_missing", {"file": kept["name"], "sha256": kept["sha256"]})
        draft.progress("read", {"file": kept["name"]})
        file = Read.of(path, kept["name"], kept["sha256"], draft.scratch)
        for sheet in kept["sheets"]:
            sheet_id = _deliver(con, entry["load_id"], file, _as_told(con, file, sheet), {"notes": []})
            counted(con, entry["load_id"], sheet_id, sheet)


def _as_told(con: duckdb.DuckDBPyConnection, file: Read, sheet: dict[str, Any]) -> stage.Staged:
    place = (sheet["sheet"], sheet["table_no"])
    table = next((each for each in file.tables if (each.sheet, each.number) == place), None)
    if table is None:
        raise Refused("table_gone", {"file": file.name, "sheet": sheet["sheet"], "number": sheet["table_no"]})
    return reading.again(con, table, sheet["mapping"])
