"""Any file to tables: text or workbook, every table of every sheet, as text behind a SELECT."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders import encodings, markup, parse, prescan, split, text
from loaders.messages import Note, Refused
from loaders.words import broken

ROOT = Path(__file__).resolve().parents[1]
TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".dat", ".psv")
MARKUP_SUFFIXES = (".htm", ".html", ".xml")
BOOK_SUFFIXES = {
    "xlsx": (".xlsx", ".xlsm", ".xltx", ".xltm"),
    "xlsb": (".xlsb",),
    "ods": (".ods",),
    "xls": (".xls", ".xlt"),
}
# A letter that a wrong encoding turned into a question mark and a stray 汉字.
LOST = re.compile(r"[A-Za-z]\?[\u4e00-\u9fff](?![\u4e00-\u9fff])")
SECONDS = 15
SECONDS_PER_MB = 2
SAMPLE = 50


@dataclass(frozen=True)
class Table:
    """One table found in one sheet of one file.

    `sheet` is empty for text files; `number` counts the tables of a sheet from 1; `header_row` is
    the 1-based row of the header's first line (0: none found, columns are named 第1列 …). `columns`
    may repeat; the levels of a double or grouped header are joined by ` / `. `sql` is a SELECT of
    `_row` BIGINT (1-based row of the sheet or line of the text) and `c0`, `c1` … VARCHAR that runs
    on any DuckDB connection as long as the scratch folder exists. Numbers come as plain decimals,
    dates as `2026-03-05` or `2026-03-05 13:04:05`, times as `03:04:00`. A date-formatted number of
    a workbook is recovered as days since 1899-12-30 (since 1899-12-31 below serial 60; since
    1904-01-01 where the note `date_1904` stands). `entity` is what a shape knows its rows to be;
    `gaps` are the columns before which the sheet has a blank one, where lists seem to stand side by side.
    """

    file: str
    sheet: str
    number: int
    header_row: int
    columns: tuple[str, ...]
    rows: int
    title: str
    notes: tuple[Note, ...]
    sample: tuple[tuple[str | None, ...], ...]
    sql: str
    entity: str = ""
    gaps: tuple[int, ...] = ()


def tables(path: Path, scratch: Path, name: str | None = None) -> list[Table]:
    """Find every table of a file; `scratch` (created if missing) keeps what `Table.sql` reads.

    Each call keeps its own folder in `scratch`, so several files may share one.

    Raises `Refused` for a file that is empty, encrypted, broken, unsafe, too large or no table.
    """
    file = name or path.name
    if not path.is_file():
        raise Refused("missing", {"file": file})
    scratch.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="read-", dir=scratch))
    before = path.stat()
    with _parsing(path, scratch) as parsing:
        found = prescan.scan(path, file)
        result = _workbook(scratch, file, found, parsing) if parsing else _text(path, scratch, file)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Refused("changed", {"file": file})
    if not result:
        raise Refused("empty", {"file": file})
    return result


def _text(path: Path, scratch: Path, file: str) -> list[Table]:
    source = encodings.as_utf8(path, scratch, file)
    with source.open(encoding="utf-8-sig", newline="") as stream:
        sample = stream.read(1 << 18)
    if found := markup.kind(sample):
        return _markup(source, scratch, file, found)
    markup.refuse_other(sample, file)
    raw = text.records(source, scratch / "text.parquet", sample, file)
    result = _tables(raw, file, "", _disguise(file, TEXT_SUFFIXES, "文本 text"))
    if all(_is_prose(table) for table in result):
        raise Refused("no_table", {"file": file, "found": f"“{sample.strip()[:40]}…”"})
    return result


def _is_prose(table: Table) -> bool:
    """Tell whether a text without delimiters reads as sentences rather than as a list of names."""
    return len(table.columns) == 1 and any(len(row[0] or "") > 120 for row in table.sample)


def _markup(source: Path, scratch: Path, file: str, found: str) -> list[Table]:
    result: list[Table] = []
    title = "网页 a web page" if found == "html" else "Excel 2003 XML"
    for number, (sheet, rows) in enumerate(markup.sheets(source, file)):
        width = max((len(row) for row in rows), default=0)
        if width:
            sql = text.write(enumerate(rows, 1), scratch / f"sheet-{number}.parquet", width)
            result += _tables(text.Raw(sql, width), file, sheet, _disguise(file, MARKUP_SUFFIXES, title))
    return result


def _workbook(scratch: Path, file: str, scan: prescan.Scan, parsing: _Parsing) -> list[Table]:
    result: list[Table] = []
    shared = _disguise(file, BOOK_SUFFIXES[scan.kind], scan.kind)
    shared += (Note("date_1904"),) * scan.date_1904 + (Note("macros"),) * scan.macros
    for sheet in _parsed(scratch, file, parsing):
        if not sheet["rows"]:
            continue
        facts = scan.sheets.get(sheet["name"], prescan.SheetScan(merged=sheet["merged"]))
        raw = text.Raw(text.numbered(scratch / f"sheet-{sheet['index']}.parquet", sheet["columns"]), sheet["columns"])
        notes = shared + (Note("hidden_sheet", {"sheet": sheet["name"]}),) * sheet["hidden"] + _facts(facts)
        result += _tables(raw, file, sheet["name"], notes, facts)
    return result


def _facts(facts: prescan.SheetScan) -> tuple[Note, ...]:
    """Say what the cells of a sheet lost on the way: errors and formulas that were never calculated."""
    counts = {"error_cells": facts.errors, "formula_without_value": facts.unsaved}
    return tuple(Note(code, {"count": count}) for code, count in counts.items() if count)


def _rows_noted(part: split.Part, facts: prescan.SheetScan) -> tuple[Note, ...]:
    """Note the hidden rows that lie in a table below its header."""
    notes = []
    if hidden := [row for row in facts.hidden_rows if part.header_row < row <= part.last_row]:
        notes.append(Note("hidden_rows", {"count": len(hidden), "rows": split.listed(hidden)}))
    return tuple(notes)


def _disguise(file: str, suffixes: tuple[str, ...], found: str) -> tuple[Note, ...]:
    suffix = Path(file).suffix.lower()
    if not suffix or suffix in suffixes:
        return ()
    return (Note("disguised", {"suffix": suffix, "found": found}),)


def _tables(
    raw: text.Raw, file: str, sheet: str, notes: tuple[Note, ...], facts: prescan.SheetScan | None = None
) -> list[Table]:
    result = []
    for number, part in enumerate(split.split(raw, SAMPLE, facts.merged if facts else ()), 1):
        seen = _rows_noted(part, facts) if facts else ()
        said = (*notes, *raw.notes, *part.notes, *seen, *_garbled(part))
        values = (part.header_row, part.columns, part.rows, part.title, said, part.sample, part.sql)
        result.append(Table(file, sheet, number, *values, gaps=part.gaps))
    return result


def _garbled(part: split.Part) -> tuple[Note, ...]:
    cells = (cell for row in (part.columns, *part.sample) for cell in row if cell)
    sample = next((cell for cell in cells if broken(cell) or LOST.search(cell)), "")
    return (Note("garbled", {"sample": sample[:30]}),) if sample else ()


@dataclass(frozen=True)
class _Parsing:
    """The process that parses a workbook, limited in memory and in time."""

    process: subprocess.Popen[bytes]
    seconds: int


@contextmanager
def _parsing(path: Path, scratch: Path) -> Iterator[_Parsing | None]:
    """Begin to parse what may be a workbook while the pre-scan still looks at it; end that whatever comes of it."""
    with path.open("rb") as stream:
        if not stream.read(8).startswith(prescan.BOOKS):
            yield None
            return
    seconds = SECONDS + SECONDS_PER_MB * (path.stat().st_size >> 20)
    command = [sys.executable, "-m", "loaders.parse", str(path.resolve()), str(scratch.resolve()), str(seconds)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet) as process:  # noqa: S603 - ours
        try:
            yield _Parsing(process, seconds)
        finally:
            process.kill()


def _parsed(scratch: Path, file: str, parsing: _Parsing) -> list[dict[str, Any]]:
    """Wait for the parser and give what it says of each sheet."""
    try:
        code = parsing.process.wait(parsing.seconds)
    except subprocess.TimeoutExpired as error:
        raise Refused("too_slow", {"file": file, "seconds": parsing.seconds}) from error
    answer = scratch / "sheets.json"
    if code or not answer.is_file():
        raise Refused("too_heavy", {"file": file, "limit": f"{parse.MEMORY >> 30} GB"})
    result: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in result:
        raise _refusal(result, file)
    sheets: list[dict[str, Any]] = result["sheets"]
    return sheets


def _refusal(result: dict[str, Any], file: str) -> Refused:
    detail = str(result["detail"])
    if "assword" in detail or "ncrypt" in detail:
        return Refused("encrypted", {"file": file})
    if result["error"] == "MemoryError" or "limit exceeded" in detail:
        return Refused("too_heavy", {"file": file, "limit": f"{parse.MEMORY >> 30} GB"})
    return Refused("broken", {"file": file, "detail": detail.splitlines()[0] if detail else result["error"]})
