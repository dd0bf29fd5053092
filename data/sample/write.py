"""Writes the sample exports: workbooks with titles, merged cells and totals; text files in three encodings."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from data.sample.export import Cell, Table, tables
from data.sample.planbook import plan_table
from data.sample.quarters import QUARTERS, Quarter

EPOCH = (2024, 1, 1, 0, 0, 0)
STAMP = "2024-01-01T00:00:00Z"
BOLD, CENTRE = Font(bold=True, size=14), Alignment(horizontal="center")


def _head(sheet: Worksheet, table: Table, item: Quarter) -> int:
    """Write the merged title, the export date and the header; give the row of the header."""
    width = len(table.headers)
    sheet.append([table.title])
    sheet.append([f"导出日期：{item.exported_on:%Y-%m-%d}"])
    sheet.append(list(table.headers))
    for row in (1, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
    sheet["A1"].font, sheet["A1"].alignment = BOLD, CENTRE
    for column in range(1, width + 1):
        sheet.cell(3, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = 14
    return 3


def _total(sheet: Worksheet, table: Table) -> None:
    sums: list[Cell] = ["合计", *[None] * (len(table.headers) - 1)]
    for column in table.total:
        numbers = (row[column] for row in table.cells)
        sums[column] = sum((Decimal(value) for value in numbers if isinstance(value, (int, Decimal))), Decimal(0))
    sheet.append(sums)
    sheet.merge_cells(start_row=sheet.max_row, start_column=1, end_row=sheet.max_row, end_column=min(3, *table.total))


def _sheet(sheet: Worksheet, table: Table, item: Quarter) -> None:
    top = _head(sheet, table, item)
    for row in table.cells:
        sheet.append(row)
    timed = [index for index in range(len(table.headers)) if any(isinstance(row[index], date) for row in table.cells)]
    for index in timed:
        for (cell,) in sheet.iter_rows(min_row=top + 1, min_col=index + 1, max_col=index + 1):
            cell.number_format = (
                "yyyy/m/d h:mm"
                if isinstance(cell.value, datetime) and (cell.value.hour or cell.value.minute)
                else "yyyy/m/d"
            )
    if table.total:
        _total(sheet, table)
    sheet.freeze_panes = f"A{top + 1}"


def _stable(data: bytes) -> bytes:
    """Give the workbook without the hour of its making, so that the same content is the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", STAMP.encode(), content)
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()


def _workbook(path: Path, sheets: list[Table], item: Quarter) -> None:
    book = Workbook()
    book.remove(book["Sheet"])
    for table in sheets:
        _sheet(book.create_sheet(table.layout.sheet), table, item)
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(_stable(out.getvalue()))


def _text(path: Path, table: Table) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=table.layout.delimiter, lineterminator="\r\n")
    writer.writerow(table.headers)
    writer.writerows(["" if value is None else value for value in row] for row in table.cells)
    path.write_bytes(out.getvalue().encode(table.layout.encoding))


def batch(folder: Path, item: Quarter) -> list[Path]:
    """Write one quarter's exports into `folder/<label>`; give the files written."""
    target = folder / item.label
    target.mkdir(parents=True, exist_ok=True)
    plans = plan_table(item)
    found = sorted([*tables(item), *([plans] if plans else [])], key=lambda table: table.file)
    written = []
    for file, group in groupby(found, key=lambda table: table.file):
        sheets = list(group)
        path = target / file
        if path.suffix == ".csv":
            _text(path, sheets[0])
        else:
            _workbook(path, sheets, item)
        written.append(path)
    return written


def write(folder: Path) -> dict[str, list[Path]]:
    """Write the exports of all quarters; give the files by quarter label."""
    return {item.label: batch(folder, item) for item in QUARTERS}
