"""Any file to tables: text or workbook, every table of every sheet, as text behind a SELECT."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders import prescan, split, text
from loaders.messages import Note, Refused

MEMORY = 4 << 30
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
    1904-01-01 where the note `date_1904` stands).
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


def tables(path: Path, scratch: Path, name: str | None = None) -> list[Table]:
    """Find every table of a file; `scratch` (created if missing) keeps what `Table.sql` reads.

    Raises `Refused` for a file that is empty, encrypted, broken, unsafe, too large or no table.
    """
    file = name or path.name
    if not path.is_file():
        raise Refused("missing", {"file": file})
    scratch.mkdir(parents=True, exist_ok=True)
    before = path.stat()
    found = prescan.scan(path, file)
    result = _text(path, scratch, file) if found.kind == "text" else _workbook(path, scratch, file, found)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Refused("changed", {"file": file})
    if not result:
        raise Refused("empty", {"file": file})
    return result


def _text(path: Path, scratch: Path, file: str) -> list[Table]:
    codec = text.encoding_of(path, file)
    source = text.as_utf8(path, codec, scratch)
    with source.open(encoding="utf-8-sig", newline="") as stream:
        sample = stream.read(1 << 18)
    raw = text.records(source, scratch, text.delimiter_of(sample), "text")
    return _tables(raw, file, "")


def _workbook(path: Path, scratch: Path, file: str, found: prescan.Scan) -> list[Table]:
    result: list[Table] = []
    for sheet in _parsed(path, scratch, file)["sheets"]:
        if not sheet["rows"]:
            continue
        parquet = scratch / f"sheet-{sheet['index']}.parquet"
        raw = text.Raw(text.numbered(parquet, sheet["columns"]), sheet["columns"])
        result += _tables(raw, file, sheet["name"])
    return result


def _tables(raw: text.Raw, file: str, sheet: str) -> list[Table]:
    return [
        Table(
            file,
            sheet,
            number,
            part.header_row,
            part.columns,
            part.rows,
            part.title,
            (*raw.notes, *part.notes),
            part.sample,
            part.sql,
        )
        for number, part in enumerate(split.split(raw, SAMPLE), 1)
    ]


def _parsed(path: Path, scratch: Path, file: str) -> dict[str, Any]:
    """Parse a workbook in a process of its own, limited in memory and time."""
    seconds = SECONDS + SECONDS_PER_MB * (path.stat().st_size >> 20)
    command = [sys.executable, "-m", "loaders.parse", str(path.resolve()), str(scratch.resolve())]
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            timeout=seconds,
            preexec_fn=_limit,
            cwd=Path(__file__).resolve().parents[1],
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("too_slow", {"file": file, "seconds": seconds}) from error
    answer = scratch / "sheets.json"
    if done.returncode or not answer.is_file():
        raise Refused("too_heavy", {"file": file, "limit": f"{MEMORY >> 30} GB"})
    result: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in result:
        raise _refusal(result, file)
    return result


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _refusal(result: dict[str, Any], file: str) -> Refused:
    detail = str(result["detail"])
    if "assword" in detail or "ncrypt" in detail:
        return Refused("encrypted", {"file": file})
    if result["error"] == "MemoryError":
        return Refused("too_heavy", {"file": file, "limit": f"{MEMORY >> 30} GB"})
    return Refused("broken", {"file": file, "detail": detail.splitlines()[0] if detail else result["error"]})
