"""Records of a delimited text one by one, when quotes span lines or do not close."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from loaders.messages import Note, Refused

LONGEST_LINE = 4 << 20
MOST_LINES = 1_000

csv.field_size_limit(LONGEST_LINE * 2)


class Reader:
    """Reads records; afterwards knows the widths met and the rows whose quotes did not close."""

    def __init__(self, stream: TextIO, delimiter: str, file: str = "") -> None:
        self.delimiter = delimiter
        self.lines = _Lines(stream, file)
        self.unbalanced: list[int] = []
        self.widths: Counter[int] = Counter()
        self.first_of_width: dict[int, int] = {}
        d = re.escape(delimiter)
        cell = rf'(?:"[^"]*+(?:""[^"]*+)*+"|[^"{d}\r\n][^{d}\r\n]*+|)'
        self.closed = re.compile(rf"{cell}(?:{d}{cell})*+[\r\n]*+")
        self.open = re.compile(rf'(?:{cell}{d})*+"[^"]*+(?:""[^"]*+)*+')

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (1-based line, fields) of each record; a blank line is a record without fields."""
        for number, line in self.lines:
            fields = self._fields(number, line)
            if len(fields) not in self.widths:
                self.first_of_width[len(fields)] = number
            self.widths[len(fields)] += 1
            yield number, fields

    def notes(self) -> tuple[Note, ...]:
        """Say which rows had quotes that do not close or another number of fields than most."""
        found: list[Note] = []
        if self.unbalanced:
            rows = "、".join(map(str, self.unbalanced[:5]))
            found.append(Note("unbalanced_quotes", {"count": len(self.unbalanced), "rows": rows}))
        widths = {width: count for width, count in self.widths.items() if width > 1}
        most = max(widths, key=lambda width: widths[width], default=0)
        if odd := {width: count for width, count in widths.items() if width != most}:
            rows = "、".join(str(self.first_of_width[width]) for width in list(odd)[:5])
            found.append(Note("ragged_rows", {"count": sum(odd.values()), "rows": rows}))
        return tuple(found)

    def _fields(self, number: int, line: str) -> list[str]:
        if '"' not in line:
            body = line.rstrip("\r\n")
            return body.split(self.delimiter) if body else []
        joined = self._joined(line)
        if joined is None:
            self.unbalanced.append(number)
        return next(csv.reader([joined or _unquoted(line)], delimiter=self.delimiter), [])

    def _joined(self, line: str) -> str | None:
        """Join lines until the quotes close; None, with the lines given back, when they never do."""
        taken = [line]
        while not self.closed.fullmatch(joined := "".join(taken)):
            more = self.lines.until_quote(MOST_LINES - len(taken)) if self.open.fullmatch(joined) else []
            if not more or sum(map(len, taken)) > LONGEST_LINE:
                self.lines.give_back([*taken[1:], *more])
                return None
            taken += more
        return joined


def _unquoted(line: str) -> str:
    """Drop quotes that do not pair within the line, so that its delimiters count again."""
    return line if line.count('"') % 2 == 0 else line.replace('"', "")


class _Lines:
    """Numbered lines of a stream; lines can be given back."""

    def __init__(self, stream: TextIO, file: str) -> None:
        self.stream, self.file = stream, file
        self.number = 0
        self.waiting: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while line := self.take():
            yield self.number, line

    def take(self) -> str:
        """Take the next line, without NULs; empty at the end."""
        line = self.waiting.pop() if self.waiting else self.stream.readline(LONGEST_LINE)
        if len(line) >= LONGEST_LINE:
            detail = f"一行超过 {LONGEST_LINE >> 20} MB, a line of more than {LONGEST_LINE >> 20} MB"
            raise Refused("broken_text", {"file": self.file, "row": self.number + 1, "detail": detail})
        self.number += bool(line)
        return line.replace("\0", "") or "\n" * bool(line)

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
        """Put lines back in front, to be taken again."""
        self.waiting += reversed(lines)
        self.number -= len(lines)
