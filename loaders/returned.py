"""What goes back to people: three rows as read beside what they became, and faulty rows as a sheet to correct."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from data.store import Store
from loaders.corrected import HEADINGS, came_from, strip, token
from loaders.messages import Note, text
from loaders.read import Table, tables
from loaders.stage import Staged

SAMPLES = 3
FILE_NAMES = {"zh": "错误行_{name}.xlsx", "en": "errors_{name}.xlsx"}
BAD = PatternFill("solid", fgColor="F8CBAD")
CELL = 32_767


def became(con: duckdb.DuckDBPyConnection, sheet_id: int, staged: Staged) -> list[dict[str, Any]]:
    """List the first rows of a delivered table: `row`, `read` (texts by column) and `typed` (texts by field)."""
    fields = list(staged.mapping.fields)
    if not fields:
        return []
    typed = ", ".join(f'cast(d."{name}" as varchar)' for name in fields)
    result = con.execute(
        f'with d as (select * from delivered."{staged.mapping.entity}" where sheet_id = ? '
        f"order by row_no limit {SAMPLES}) select d.row_no, [{typed}], r.* exclude (_row) "
        f"from d join ({staged.table.sql}) r on r._row = d.row_no order by 1",
        [sheet_id],
    )
    columns = list(staged.mapping.fields.values())
    nearest: dict[tuple[Any, ...], tuple[int, list[Any]]] = {}
    for row_no, said, *read in result.fetchall():
        alike = sum(read[at] == text for at, text in zip(columns, said, strict=True))
        key = (row_no, *said)
        if key not in nearest or alike > nearest[key][0]:  # a shape makes several rows of one row of the sheet
            nearest[key] = (alike, read)
    return [
        {"row": key[0], "typed": dict(zip(fields, key[1:], strict=True)), "read": read}
        for key, (_alike, read) in list(nearest.items())[:SAMPLES]
    ]


def faulty_sheet(cursor: duckdb.DuckDBPyConnection, store: Store, sheet_id: int, language: str) -> bytes:
    """Give the faulty rows of one loaded sheet as a workbook: the same columns, 错误原因 beside them, bad cells red.

    Rows that a later load settled are left out. The last column names each row, so that the corrected workbook
    clears it. Reads the kept raw file again. Raises `LookupError` where the viewer of the cursor knows no such sheet.
    """
    found = cursor.execute(
        "select f.sha256, f.name, s.sheet, s.table_no, s.content from source_sheet s "
        "join source_file f using (file_id) where s.sheet_id = ?",
        [sheet_id],
    ).fetchone()
    if found is None:
        raise LookupError(str(sheet_id))
    digest, name, sheet, number, content = found
    faults = cursor.execute(
        "select row_no, column_name, reason, value from source_error where sheet_id = ? and cleared_by is null "
        "order by row_no",
        [sheet_id],
    ).fetchall()
    before = came_from(cursor, "source_corrected", sheet_id)
    origins = {fault[0]: " ".join([token(content, fault[0]), *before.get(fault[0], ())]) for fault in faults}
    with tempfile.TemporaryDirectory(prefix="kac-") as scratch:
        found_again = [strip(each)[0] for each in tables(store.raw(digest), Path(scratch), name)]
        table = next(each for each in found_again if (each.sheet, each.number) == (sheet, number))
        return _workbook(table, faults, origins, language)


def reason(code: str, language: str) -> str:
    """Word the reason of a faulty cell or row."""
    return text(Note(code), language)


def _workbook(table: Table, faults: list[tuple[Any, ...]], origins: dict[int, str], language: str) -> bytes:
    """Write what stood above the header (it may tell a unit), the header, and the faulty rows."""
    by_row: dict[int, list[tuple[Any, ...]]] = {}
    for fault in faults:
        by_row.setdefault(fault[0], []).append(fault)
    book = Workbook()
    sheet = book.active
    sheet.title = table.sheet[:31] or "Sheet1"
    if any(note.code == "date_1904" for note in table.notes):
        book.epoch = CALENDAR_MAC_1904
    head = 2 if table.title else 1
    if table.title:
        _line(sheet, 1, [table.title])
    _line(sheet, head, [*table.columns, *HEADINGS[language]])
    for cell in sheet[head]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = sheet.cell(head + 1, 1)
    sheet.column_dimensions[get_column_letter(len(table.columns) + 1)].width = 60
    with duckdb.connect() as con:
        query = f"select * from ({table.sql}) where list_contains(?, _row) order by _row"
        rows = con.execute(query, [list(by_row)]).fetchall()
    for line, (row_no, *cells) in enumerate(rows, head + 1):
        said = "; ".join(_sentence(fault, language) for fault in by_row[row_no])
        _line(sheet, line, [*cells, said, origins[row_no]])
        bad = {fault[1] for fault in by_row[row_no]}
        for at, header in enumerate(table.columns, 1):
            if header in bad:
                sheet.cell(line, at).fill = BAD
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _sentence(fault: tuple[Any, ...], language: str) -> str:
    _row, column, code, value = fault
    said = reason(code, language)
    return f"{column}: {said} ({value})" if value else f"{column}: {said}"


def _line(sheet: Worksheet, line: int, cells: list[str | None]) -> None:
    """Write texts as texts: what a file said never becomes a formula."""
    for at, value in enumerate(cells, 1):
        if value is not None:
            cell = sheet.cell(line, at, ILLEGAL_CHARACTERS_RE.sub("", value)[:CELL])
            cell.data_type = "s"
