"""Text tables: the delimiter of a file, and its records as parquet."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.messages import Note, Refused
from loaders.quotes import Reader

DELIMITERS = (",", "\t", ";", "|")
CHUNK = 1 << 20
SAMPLE_LINES = 2_000
MOST_COLUMNS = 16_384
BATCH = 50_000


@dataclass(frozen=True)
class Raw:
    """All records of one sheet: `_n` (0-based record), `_row` (1-based row or line), `c0` … as text.

    `sql` is a SELECT of these columns that runs on any DuckDB connection.
    """

    sql: str
    columns: int
    notes: tuple[Note, ...] = ()


def quoted(value: str) -> str:
    """Give an SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def numbered(target: Path, width: int) -> str:
    """Give the SELECT over a parquet file that holds every row of its sheet from the first on."""
    names = ", ".join(f"c{i}" for i in range(width))
    source = f"read_parquet({quoted(str(target))}, file_row_number = true)"
    return f"SELECT file_row_number AS _n, file_row_number + 1 AS _row, {names} FROM {source}"


def delimiter_of(sample: str) -> str:
    """Choose the delimiter that splits the most sample lines into the same number (> 1) of fields."""
    best, score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(_lines(sample), delimiter=delimiter) if row)
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            continue
        width = max(wide, key=lambda w: (wide[w], w))
        mark = wide[width] / sum(widths.values()) + min(width, 20) / 100
        if mark > score:
            best, score = delimiter, mark
    return best


def _lines(sample: str) -> list[str]:
    """Give the sample's lines whose quotes pair, or all when none do."""
    lines = sample.splitlines(keepends=True)[:SAMPLE_LINES]
    return [line for line in lines if line.count('"') % 2 == 0] or lines


def records(path: Path, target: Path, sample: str, file: str) -> Raw:
    """Write the records of a UTF-8 file as parquet: by DuckDB where every line is a record, else one by one."""
    delimiter = delimiter_of(sample)
    width = max((len(row) for row in csv.reader(_lines(sample), delimiter=delimiter)), default=1) or 1
    if width <= MOST_COLUMNS and _fast(path, target, delimiter, width):
        return Raw(numbered(target, width), width)
    return _one_by_one(path, target, delimiter, min(width, MOST_COLUMNS), file)


def _fast(path: Path, target: Path, delimiter: str, width: int) -> bool:
    """Let DuckDB read; trust the outcome only when it found exactly one record a line."""
    lines = _line_count(path)
    if lines is None:
        return False
    columns = "{" + ", ".join(f"c{i}: 'VARCHAR'" for i in range(width)) + "}"
    source = (
        f"read_csv({quoted(str(path))}, columns = {columns}, header = false, auto_detect = false, "
        f"delim = {quoted(delimiter)}, quote = '\"', escape = '\"', null_padding = true)"
    )
    with duckdb.connect() as con:
        try:
            done = con.execute(f"COPY (FROM {source}) TO {quoted(str(target))} (FORMAT parquet)").fetchone()
        except duckdb.Error:
            return False
    return done is not None and done[0] == lines


def _line_count(path: Path) -> int | None:
    """Count lines, blank ones at the end apart; None where lone carriage returns or NULs make them uncertain."""
    feeds = returns = pairs = 0
    last = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if b"\0" in chunk:
                return None
            feeds += chunk.count(b"\n")
            pairs += last[-1:] == b"\r" and chunk[:1] == b"\n"
            if b"\r" in chunk:
                returns += chunk.count(b"\r")
                pairs += chunk.count(b"\r\n")
            last = (last + chunk)[-4096:]
    ending = last[len(last.rstrip(b"\r\n")) :].count(b"\n")
    return feeds - max(ending - 1, 0) + (ending == 0) if returns == pairs else None


def _one_by_one(path: Path, target: Path, delimiter: str, width: int, file: str) -> Raw:
    """Read embedded newlines, blank lines, ragged rows and quotes that do not close."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = Reader(stream, delimiter, file)
        try:
            return Raw(write(reader, target, width), width, reader.notes())
        except _Wider:
            stream.seek(0)
            width = max(len(row) for _, row in Reader(stream, delimiter, file))
    if width > MOST_COLUMNS:
        raise Refused("too_large", {"file": file, "found": f"{width} 列 columns", "limit": MOST_COLUMNS})
    return _one_by_one(path, target, delimiter, width, file)


class _Wider(Exception):  # noqa: N818 - no error: the caller begins again with more columns
    """A record has more fields than columns were planned."""


def write(rows: Iterable[tuple[int, Sequence[str | None]]], target: Path, width: int) -> str:
    """Write (row, cells) as parquet, short rows padded; give the SELECT that reads it as `Raw.sql`."""
    names = [f"c{i}" for i in range(width)]
    schema = pa.schema([("_row", pa.int64()), *((name, pa.string()) for name in names)])
    remaining = iter(rows)
    with pq.ParquetWriter(target, schema) as writer:
        while batch := list(islice(remaining, BATCH)):
            if any(len(row) > width for _, row in batch):
                raise _Wider
            padded = [[cell or None for cell in row] + [None] * (width - len(row)) for _, row in batch]
            columns = [pa.array(column, pa.string()) for column in zip(*padded, strict=True)]
            rows_of = pa.array([number for number, _ in batch], pa.int64())
            writer.write_table(pa.Table.from_arrays([rows_of, *columns], schema=schema))
    source = f"read_parquet({quoted(str(target))}, file_row_number = true)"
    return f"SELECT file_row_number AS _n, _row, {', '.join(names)} FROM {source}"
