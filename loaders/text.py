"""Text tables: which encoding and delimiter a file has, and its records as a parquet file."""

from __future__ import annotations

import codecs
import csv
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import charset_normalizer
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.messages import Note, Refused

if TYPE_CHECKING:
    from io import TextIOWrapper

DELIMITERS = (",", "\t", ";", "|")
CHUNK = 1 << 20
LONGEST_LINE = 8 << 20
MOST_COLUMNS = 16_384
MOST_LINES = 1_000
BATCH = 50_000
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Raw:
    """All records of one sheet as parquet: `_n` (0-based record), `_row` (1-based), `c0` … as text.

    `sql` is a SELECT of these columns that runs on any DuckDB connection.
    """

    sql: str
    columns: int
    notes: tuple[Note, ...] = ()


def quoted(value: str) -> str:
    """Give an SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def encoding_of(path: Path, file: str) -> str:
    """Name the Python codec that decodes the whole file; raise `Refused` with a guess when none does."""
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
    for mark, codec in BOMS:
        if head.startswith(mark):
            return _checked(path, file, codec)
    for codec in _likely(head):
        if _decodes(path, codec):
            return codec
    guess = charset_normalizer.from_bytes(head[: 1 << 16]).best()
    if b"\0" in head and guess is None:
        raise Refused("not_a_spreadsheet", {"file": file, "found": "二进制数据 binary data"})
    raise Refused("encoding", {"file": file, "guess": guess.encoding if guess else "unknown 未知"})


def _checked(path: Path, file: str, codec: str) -> str:
    if not _decodes(path, codec):
        raise Refused("encoding", {"file": file, "guess": f"{codec}（有错误 with errors）"})
    return codec


def _likely(head: bytes) -> tuple[str, ...]:
    nulls = head.count(0)
    if not nulls:
        return ("utf-8", "gb18030")
    if nulls < len(head) // 8:
        return ("utf-8",) if nulls < len(head) // 1000 else ()
    return ("utf-16-le",) if head[1::2].count(0) > head[::2].count(0) else ("utf-16-be",)


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def as_utf8(path: Path, codec: str, scratch: Path) -> Path:
    """Give a UTF-8 file without BOM of the same text: the file itself where it already is one."""
    if codec == "utf-8":
        return path
    target = scratch / "utf8.txt"
    with path.open(encoding=codec, newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        shutil.copyfileobj(source, out, CHUNK)
    return target


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
    lines = sample.splitlines(keepends=True)[:400]
    return [line for line in lines if line.count('"') % 2 == 0] or lines


def records(path: Path, scratch: Path, delimiter: str, stem: str) -> Raw:
    """Write the records of a UTF-8 file as parquet, with DuckDB where lines are records, else line by line."""
    width = _width(path, delimiter)
    target = scratch / f"{stem}.parquet"
    if _fast(path, target, delimiter, width):
        return Raw(numbered(target, width), width)
    return _slow(path, target, delimiter)


def _width(path: Path, delimiter: str) -> int:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        sample = stream.read(CHUNK)
    widths = [len(row) for row in csv.reader(_lines(sample), delimiter=delimiter)]
    return min(max(widths, default=1) or 1, MOST_COLUMNS)


def numbered(target: Path, width: int) -> str:
    """Give a SELECT that numbers the records of a parquet file whose rows are all rows of its sheet."""
    names = ", ".join(f"c{i}" for i in range(width))
    return (
        f"SELECT file_row_number AS _n, file_row_number + 1 AS _row, {names} "
        f"FROM read_parquet({quoted(str(target))}, file_row_number = true)"
    )


def _fast(path: Path, target: Path, delimiter: str, width: int) -> bool:
    columns = "{" + ", ".join(f"c{i}: 'VARCHAR'" for i in range(width)) + "}"
    source = (
        f"read_csv({quoted(str(path))}, columns = {columns}, header = false, auto_detect = false, "
        f"delim = {quoted(delimiter)}, quote = '\"', escape = '\"', null_padding = true)"
    )
    lines = _line_count(path)
    if lines is None:
        return False
    with duckdb.connect() as con:
        try:
            con.execute(f"COPY (FROM {source}) TO {quoted(str(target))} (FORMAT parquet)")
        except duckdb.Error:
            return False
        found = con.execute(f"SELECT count(*) FROM read_parquet({quoted(str(target))})").fetchone()
    return found is not None and found[0] == lines


def _line_count(path: Path) -> int | None:
    """Count lines; None where lone carriage returns or NULs make lines uncertain."""
    feeds = returns = pairs = 0
    last = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if b"\0" in chunk:
                return None
            feeds += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            last = chunk[-1:]
    if returns != pairs:
        return None
    return feeds + (last not in {b"\n", b""})


def _slow(path: Path, target: Path, delimiter: str) -> Raw:
    """Read record by record: embedded newlines, ragged rows, blank lines and unbalanced quotes."""
    found = _Findings()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        width = max((len(row) for _, row in parsed(stream, delimiter, _Findings())), default=1)
        width = min(max(width, 1), MOST_COLUMNS)
        stream.seek(0)
        _write(parsed(stream, delimiter, found), target, width)
    names = ", ".join(f"c{i}" for i in range(width))
    sql = (
        f"SELECT file_row_number AS _n, _row, {names} FROM read_parquet({quoted(str(target))}, file_row_number = true)"
    )
    return Raw(sql, width, found.notes())


class _Findings:
    def __init__(self) -> None:
        self.unbalanced: list[int] = []

    def notes(self) -> tuple[Note, ...]:
        if not self.unbalanced:
            return ()
        rows = "、".join(map(str, self.unbalanced[:5]))
        return (Note("unbalanced_quotes", {"count": len(self.unbalanced), "rows": rows}),)


def parsed(stream: TextIOWrapper, delimiter: str, found: _Findings) -> Iterator[tuple[int, list[str]]]:
    """Yield (1-based line, fields) of each record; a blank line is a record without fields."""
    forms = _Forms(delimiter)
    lines = _Lines(stream)
    for number, line in lines:
        if '"' not in line:
            body = line.rstrip("\r\n")
            yield number, body.split(delimiter) if body else []
            continue
        taken = _closed(line, lines, forms)
        if taken is None:
            found.unbalanced.append(number)
            yield number, next(csv.reader([line], delimiter=delimiter), [])
        else:
            yield number, next(csv.reader([taken], delimiter=delimiter), [])


class _Forms:
    """How a record reads when its quotes are closed, and when one is still open."""

    def __init__(self, delimiter: str) -> None:
        d = re.escape(delimiter)
        cell = rf'(?:"[^"]*+(?:""[^"]*+)*+"|[^"{d}\r\n][^{d}\r\n]*+|)'
        self.closed = re.compile(rf"{cell}(?:{d}{cell})*+[\r\n]*+")
        self.open = re.compile(rf'(?:{cell}{d})*+"[^"]*+(?:""[^"]*+)*+')


def _closed(line: str, lines: _Lines, forms: _Forms) -> str | None:
    """Join lines until the quotes close; None, with the lines given back, when they never do."""
    taken = [line]
    while not forms.closed.fullmatch(joined := "".join(taken)):
        more = lines.until_quote(MOST_LINES - len(taken)) if forms.open.fullmatch(joined) else []
        if not more:
            lines.give_back(taken[1:])
            return None
        taken += more
    return joined


class _Lines:
    """Numbered lines of a stream; lines can be given back."""

    def __init__(self, stream: TextIOWrapper) -> None:
        self.stream = stream
        self.number = 0
        self.waiting: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while line := self.take():
            yield self.number, line

    def take(self) -> str:
        line = self.waiting.pop(0) if self.waiting else self.stream.readline(LONGEST_LINE)
        if len(line) >= LONGEST_LINE:
            raise Refused("broken_text", {"row": self.number + 1, "detail": f"一行超过 {LONGEST_LINE >> 20} MB"})
        self.number += bool(line)
        return line.replace("\0", "")

    def until_quote(self, most: int) -> list[str]:
        """Take the lines up to the next that holds a quote; none when there is no such line."""
        taken: list[str] = []
        while len(taken) < most and (line := self.take()):
            taken.append(line)
            if '"' in line:
                return taken
        self.give_back(taken)
        return []

    def give_back(self, lines: list[str]) -> None:
        self.waiting = lines + self.waiting
        self.number -= len(lines)


def _write(rows: Iterator[tuple[int, list[str]]], target: Path, width: int) -> None:
    schema = pa.schema([("_row", pa.int64()), *((f"c{i}", pa.string()) for i in range(width))])
    with pq.ParquetWriter(target, schema) as writer:
        while batch := list(islice(rows, BATCH)):
            numbers = [number for number, _ in batch]
            padded = [[cell or None for cell in row] + [None] * (width - len(row)) for _, row in batch]
            columns = [list(column) for column in zip(*padded, strict=True)]
            writer.write_table(pa.Table.from_arrays([pa.array(numbers), *map(_strings, columns)], schema=schema))


def _strings(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.string())
