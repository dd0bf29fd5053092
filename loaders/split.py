"""The tables of one sheet: blocks between blank rows, with totals, repeated headers and notes set apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import duckdb

from loaders import header, merged
from loaders.messages import Note
from loaders.text import Raw

HEAD = 60
MOST_BLOCKS = 200
STRONG = 3.5
_OF = "本页|本月|本季|本年|年度|全年|季度|月度|部门|累计"
CHINESE_TOTAL = re.compile(rf"\s*({_OF})?(合\s*计|总\s*计|小\s*计|共\s*计|总合计|汇\s*总)\s*[:：]?\s*")
OTHER_TOTAL = re.compile(
    r"\s*(.{1,40}\s)?(grand |sub[- ]?)?totals?\s*:?\s*|.{1,30}(小计|合计|汇总|总计)\s*[:：]?\s*", re.IGNORECASE
)
HINT = "(计|汇\\s*总|[Tt][Oo][Tt][Aa][Ll][Ss]?)[\\s　]*[:：]?[\\s　]*(\\||$)"
BELOW = re.compile(
    r"\s*([*※]|注|备注|说明|附注|制表|制单|审核|复核|填表|填报|打印|导出|数据来源|统计口径|单位|第.{1,4}页|共.{1,4}页"
    r"|note|remark|source|generated|exported|printed|page \d|confidential|copyright|©)",
    re.IGNORECASE,
)
LABELLED = re.compile(r".{1,10}[:：]")


@dataclass
class Part:
    """One table of a sheet, as `loaders.read.Table` without its place."""

    header_row: int
    columns: tuple[str, ...]
    title: str = ""
    rows: int = 0
    last_row: int = 0
    notes: list[Note] = field(default_factory=list)
    sample: tuple[tuple[str | None, ...], ...] = ()
    sql: str = ""
    gaps: tuple[int, ...] = ()


@dataclass
class _Span:
    """Records `first` … `last` (of `_n`, inclusive) below a header; `found` None: no header."""

    first: int
    last: int
    header_row: int
    found: header.Header | None
    title: str
    below: list[tuple[int, str]] = field(default_factory=list)


def split(raw: Raw, sample: int, ranges: Sequence[str] = ()) -> list[Part]:
    """Give the tables of a sheet in order, each with its SELECT and its first `sample` rows.

    `ranges` are the sheet's merged cells (`A2:A4`).
    """
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute(f"CREATE TEMP VIEW raw AS {raw.sql}")
        sheet = _Sheet(con, raw, ranges)
        return [sheet.part(span, sample) for span in sheet.spans()]


class _Sheet:
    def __init__(self, con: duckdb.DuckDBPyConnection, raw: Raw, ranges: Sequence[str]) -> None:
        self.con, self.raw, self.ranges = con, raw, ranges
        self.names = [f"c{i}" for i in range(raw.columns)]
        self.blank = f"coalesce({', '.join(self.names)}) IS NULL" if len(self.names) > 1 else "c0 IS NULL"

    def blocks(self) -> list[tuple[int, int]]:
        """Give first and last record of each run of rows that are not blank."""
        whole = self.con.execute(f"SELECT min(_n), max(_n), count(*) FROM raw WHERE NOT ({self.blank})").fetchone()
        if whole is None or not whole[2]:
            return []
        if whole[1] - whole[0] + 1 == whole[2]:
            return [(whole[0], whole[1])]
        runs = self.con.execute(
            f"""WITH filled AS (
              SELECT _n, _n - row_number() OVER (ORDER BY _n) AS run FROM raw WHERE NOT ({self.blank})
            )
            SELECT min(_n), max(_n) FROM filled GROUP BY run ORDER BY 1 LIMIT {MOST_BLOCKS}"""
        ).fetchall()
        if len(runs) == MOST_BLOCKS:
            runs[-1] = (runs[-1][0], whole[1])
        return runs

    def stacked(self) -> list[tuple[int, int]]:
        """Give the blocks, parted further where the header of another table follows without a blank row."""
        where = f"{header.hint(self.names)} ORDER BY _n LIMIT {MOST_BLOCKS}"
        rows = self.con.execute(f"SELECT _n, {', '.join(self.names)} FROM raw WHERE {where}").fetchall()
        likely = [(row[0], list(row[1:])) for row in rows if header.is_header(list(row[1:]))]
        found = []
        for first, last in self.blocks():
            start = first
            for at, cells in likely:
                if start < at <= last and self._is_another(start, at, cells):
                    _, before = self.head(at - 1, at - 1)
                    titled = at - 1 > start and sum(cell is not None for cell in before[0]) == 1
                    cut = at - titled
                    found.append((start, cut - 1))
                    start = cut
            found.append((start, last))
        return found

    def _is_another(self, start: int, at: int, cells: header.Row) -> bool:
        """Tell whether rows of a table with other headers lie between a block's start and a header."""
        _, rows = self.head(start, at - 1)
        above = header.find(rows)
        if above is None or above.known < 2 or above.start + above.depth >= len(rows):
            return False
        known = {part for column in above.columns for part in column.split(header.JOIN)}
        return not {header.clean(cell) for cell in cells if cell} <= known

    def head(self, first: int, last: int, count: int = HEAD) -> tuple[list[int], list[header.Row]]:
        """Give the row numbers and cells of the first records of a run."""
        rows = self.con.execute(
            f"SELECT _row, {', '.join(self.names)} FROM raw "
            f"WHERE _n BETWEEN {first} AND {last} ORDER BY _n LIMIT {count}"
        ).fetchall()
        return [row[0] for row in rows], [list(row[1:]) for row in rows]

    def spans(self) -> list[_Span]:
        spans: list[_Span] = []
        pending: list[tuple[int, str]] = []
        for first, last in self.stacked():
            numbers, rows = self.head(first, last)
            found = header.find(rows)
            current = spans[-1] if spans else None
            prose = self._is_prose(rows, below=bool(spans)) and (found is None or found.known < 2)
            if found and not prose and self._starts(found, current):
                above = [*(line for _, line in pending), *(_line(row) for row in rows[: found.start])]
                start = first + found.start + found.depth
                spans.append(_Span(start, last, numbers[found.start], found, "\n".join(above)))
                pending = []
            elif prose:
                pending += [(number, _line(row)) for number, row in zip(numbers, rows, strict=True)]
            elif current:
                current.last = last
            else:
                spans.append(_Span(first, last, 0, None, "\n".join(line for _, line in pending)))
                pending = []
        return _with_rest(spans, pending)

    def _is_prose(self, rows: list[header.Row], *, below: bool) -> bool:
        """Tell whether a block is text (or, above any table, label and value) rather than rows of a table."""
        widest = max(sum(cell is not None for cell in row) for row in rows)
        most = 2 if not below and len(self.names) >= 5 else 1
        few = [[cell for cell in row if cell] for row in rows]
        signed = below and all(len(cells) <= 1 or _is_signature(cells, len(self.names)) for cells in few)
        return len(self.names) > 1 and len(rows) <= 20 and (widest <= most or signed)

    def _starts(self, found: header.Header, current: _Span | None) -> bool:
        """Tell whether a header opens a new table rather than repeating or resembling the rows before it."""
        if current is None:
            return True
        if current.found and found.columns == current.found.columns:
            return False
        return found.known >= 2 or (current.found is None and found.score >= STRONG)

    def part(self, span: _Span, sample: int) -> Part:
        columns = self._columns(span)
        part = Part(span.header_row, tuple(columns.values()), span.title)
        if span.found is None:
            part.notes.append(Note("no_header"))
        elif span.found.depth > 1:
            part.notes.append(Note("double_header", {"count": span.found.depth}))
        dropped = self._left_out(span, list(columns), part)
        joins, values = self._merged(span, columns, part)
        selected = ", ".join(f"{values.get(name, name)} AS c{i}" for i, name in enumerate(columns))
        out = f" AND _n NOT IN ({', '.join(map(str, dropped))})" if dropped else ""
        part.sql = (
            f"SELECT _row, {selected} FROM ({self.raw.sql}) {joins} "
            f"WHERE _n BETWEEN {span.first} AND {span.last}{self._blanks(span)}{out}"
        )
        count = self.con.execute(f"SELECT count(*), max(_row) FROM ({part.sql})").fetchone()
        part.rows, part.last_row = (count[0], count[1] or 0) if count else (0, 0)
        if not part.rows:
            part.notes.append(Note("no_rows"))
        rows = self.con.execute(f"{part.sql} ORDER BY _row LIMIT {sample}").fetchall()
        part.sample = tuple(row[1:] for row in rows)
        part.gaps = self._gaps(list(columns), part)
        return part

    def _blanks(self, span: _Span) -> str:
        """Give the condition that leaves blank rows out, where there are any: it reads every column at each scan."""
        between = f"_n BETWEEN {span.first} AND {span.last}"
        blank = self.con.execute(f"SELECT 1 FROM raw WHERE {between} AND {self.blank} LIMIT 1").fetchone()
        return f" AND NOT ({self.blank})" if blank else ""

    def _merged(self, span: _Span, columns: dict[str, str], part: Part) -> tuple[str, dict[str, str]]:
        first, last = self.con.execute(
            f"SELECT min(_row), max(_row) FROM raw WHERE _n BETWEEN {span.first} AND {span.last}"
        ).fetchall()[0]
        found = merged.tall(self.ranges, first, last) if self.ranges and first else []
        if found:
            cells = "、".join(one.cells for one in found[:3])
            part.notes.append(Note("merged_cells", {"count": len(found), "cells": cells}))
        return merged.filled(self.con, found, columns)

    def _gaps(self, columns: list[str], part: Part) -> tuple[int, ...]:
        """Give the columns before which a blank one parts the rows into several lists.

        Lists they are where their lengths differ, or where a header word stands on both sides.
        """
        places = [int(name[1:]) for name in columns]
        starts = [place for place in range(1, len(places)) if places[place] > places[place - 1] + 1]
        spans = list(pairwise([0, *starts, len(places)]))
        if not starts or not part.header_row:
            return ()
        filled = ", ".join(
            f"count(*) FILTER (coalesce({', '.join(f'c{i}' for i in range(*span))}, NULL) IS NOT NULL)"
            for span in spans
        )
        counts = self.con.execute(f"SELECT {filled} FROM ({part.sql})").fetchone() or ()
        said = [name.rpartition(header.JOIN)[2] for name in part.columns]
        words = [{name for name in said[first:last] if header.is_known(name)} for first, last in spans]
        again = sum(map(len, words)) > len(set().union(*words))
        layouts = {part.columns[first:last] for first, last in spans}
        return tuple(starts) if len(set(counts)) > 1 or len(layouts) < len(spans) or again else ()

    def _columns(self, span: _Span) -> dict[str, str]:
        """Give the sheet's columns that have a name or a value, with their names."""
        counts = (
            self.con.execute(
                f"SELECT {', '.join(f'count({name})' for name in self.names)} FROM raw "
                f"WHERE _n BETWEEN {span.first} AND {span.last}"
            ).fetchone()
            or ()
        )
        named = span.found.columns if span.found else ("",) * len(self.names)
        return {name: named[i] or f"第{i + 1}列" for i, name in enumerate(self.names) if named[i] or counts[i]}

    def _left_out(self, span: _Span, columns: list[str], part: Part) -> list[int]:
        totals = self._totals(span, columns)
        again = self._repeats(span) if span.found else []
        below = self._below(span, columns)
        for code, rows in (("total_rows", totals), ("repeated_header", again)):
            if rows:
                part.notes.append(Note(code, {"count": len(rows), "rows": listed([row for _, row in rows])}))
        if said := [(row, line) for _, row, line in below] + span.below:
            text = "；".join(line for _, line in said)
            part.notes.append(Note("text_below", {"rows": listed([row for row, _ in said]), "text": text[:200]}))
        return sorted({n for n, _ in totals} | {n for n, _ in again} | {n for n, _, _ in below})

    def _totals(self, span: _Span, columns: list[str]) -> list[tuple[int, int]]:
        """Find rows that sum others by a total word in one of the first columns (`_is_total`)."""
        rows = self.con.execute(
            f"""SELECT _n, _row, {", ".join(columns)} FROM raw
            WHERE _n BETWEEN {span.first} AND {span.last} AND ({_maybe(columns[:4])})
              AND regexp_matches(concat_ws('|', {", ".join(columns[:4])}), '{HINT}') ORDER BY _n"""
        )
        found = []
        while batch := rows.fetchmany(10_000):
            found += [(n, row) for n, row, *cells in batch if _is_total(cells)]
        return found

    def _repeats(self, span: _Span) -> list[tuple[int, int]]:
        """Find the lines of the header again further down."""
        depth = span.found.depth if span.found else 0
        _, lines = self.head(span.first - depth, span.first - 1, depth)
        found: set[tuple[int, int]] = set()
        for line in lines:
            cells = [(name, cell) for name, cell in zip(self.names, line, strict=True) if cell][:4]
            same = " AND ".join(f"{name} = ${i}" for i, (name, _) in enumerate(cells, 1))
            again = f"SELECT _n, _row FROM raw WHERE _n BETWEEN {span.first} AND {span.last} AND {same}"
            found |= set(self.con.execute(again, [cell for _, cell in cells]).fetchall()) if cells else set()
        return sorted(found)

    def _below(self, span: _Span, columns: list[str]) -> list[tuple[int, int, str]]:
        """Find lines of prose among the last rows: one cell filled, worded like a note."""
        if len(columns) < 3 or span.last - span.first < 1:
            return []
        rows = self.con.execute(
            f"SELECT _n, _row, {', '.join(columns)} FROM raw "
            f"WHERE _n BETWEEN {max(span.first, span.last - 12)} AND {span.last} ORDER BY _n DESC"
        ).fetchall()
        found: list[tuple[int, int, str]] = []
        for n, row, *cells in rows:
            filled = [cell.strip() for cell in cells if cell and cell.strip()]
            if len(filled) > 1 and not _is_signature(filled, len(columns)):
                break
            if filled and (len(filled) > 1 or BELOW.match(filled[0])):
                found.append((n, row, " ".join(filled)))
        return found[::-1]


def _maybe(columns: list[str]) -> str:
    """Give a cheap test that every row of `HINT` passes: it spares most rows the regular expression."""
    return " OR ".join(f"contains({name}, '{part}')" for name in columns for part in ("计", "总")) + "".join(
        f" OR contains(lower({name}), 'total')" for name in columns
    )


def _is_signature(filled: list[str], width: int) -> bool:
    """Tell whether several cells of a row are labels with what belongs to them: 制表人：王芳, 审核：李强."""
    return 2 * len(filled) <= width + 1 and all(LABELLED.match(cell) or BELOW.match(cell) for cell in filled)


def _is_total(cells: header.Row) -> bool:
    """Tell whether a row sums others.

    合计 and its like count where nothing but a number stands before them. Words that may also be a
    name (Total; 华东 合计) count only where all the rest of the row is numbers.
    """
    filled = [(column, cell.strip()) for column, cell in enumerate(cells) if cell and cell.strip()]
    for place, (column, cell) in enumerate(filled[:4]):
        if column >= 4:
            return False
        before = all(header.kind(other) == "number" for _, other in filled[:place])
        if CHINESE_TOTAL.fullmatch(cell) and before:
            return True
        if OTHER_TOTAL.fullmatch(cell) and len(filled) > 1:
            rest = [header.kind(other) == "number" for at, other in filled if at != column]
            return all(rest)
    return False


def _line(row: header.Row) -> str:
    return " ".join(cell.strip() for cell in row if cell)


def _with_rest(spans: list[_Span], rest: list[tuple[int, str]]) -> list[_Span]:
    """Give text that no table follows to the last table, or, where there is none, make it one."""
    if rest and spans:
        spans[-1].below = rest
    elif rest:
        spans.append(_Span(0, rest[-1][0], 0, None, ""))
    return spans


def listed(rows: list[int]) -> str:
    """Name the first rows of a list, for a note."""
    return "、".join(map(str, rows[:5])) + ("…" if len(rows) > 5 else "")
