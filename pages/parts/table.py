"""Tables with typed columns, and their download as a workbook in which no text can become a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any, TypeAlias

import pandas as pd
import streamlit as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pages.parts import formats
from pages.parts.words import _

Row: TypeAlias = "Mapping[str, Any]"

FORMULA = re.compile(r"^(?:[=@\t\r]|[+\-](?![\d\s().\-]*$))")
FORMATS = {"number": "%,d", "decimal": "%,.2f", "money": "%,.2f", "rate": "%.2f%%"}
EXCEL = {"number": "#,##0", "decimal": "#,##0.00", "money": "#,##0.00", "rate": "0.00%", "date": "yyyy-mm-dd"}
CELL_LIMIT = 32_767
ROW_HEIGHT = 33


@dataclass(frozen=True)
class Column:
    """One column: `kind` is text, number, decimal, money (元), rate (a fraction), date or moment."""

    name: str
    label: str
    kind: str = "text"
    help: str | None = None
    width: int | None = None
    pinned: bool = False


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; a leading apostrophe where it would."""
    return f"'{text}" if FORMULA.match(text) else text


def filled(rows: Sequence[Row], columns: Sequence[Column]) -> list[Column]:
    """Return the columns that hold something in some row."""
    return [column for column in columns if any(_holds(row.get(column.name)) for row in rows)]


def _holds(value: object) -> bool:
    return value is not None and value != ""


def height(rows: Sequence[Row], most: int = 12) -> int:
    """Return the height that shows all rows, or so many and a scroll bar."""
    return ROW_HEIGHT * (min(len(rows), most) + 1) + 3


def table(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    key: str,
    select: bool = False,
    height: int | None = None,
    file_name: str | None = None,
) -> int | None:
    """Draw rows; with `select`, return the position of the row that was picked; with `file_name`, offer a workbook."""
    if not rows:
        st.caption(_("没有这样的行。"))
        return None
    settings: dict[str, Any] = {
        "hide_index": True,
        "column_config": {column.name: _config(column) for column in columns},
        "height": height or "auto",
        "placeholder": formats.NONE,
        "key": key,
    }
    picked = None
    if select:
        state = st.dataframe(frame(rows, columns), on_select="rerun", selection_mode="single-row", **settings)
        picked = next(iter(state["selection"]["rows"]), None)
    else:
        st.dataframe(frame(rows, columns), **settings)
    if file_name:
        _download(rows, columns, file_name, key)
    return picked


def frame(rows: Sequence[Row], columns: Sequence[Column]) -> pd.DataFrame:
    """Return the rows as they are shown: rates in percent and rounded half up, texts safe to download."""
    return pd.DataFrame(
        {column.name: [_shown(row.get(column.name), column.kind) for row in rows] for column in columns}
    )


def workbook(rows: Sequence[Row], columns: Sequence[Column], title: str = "") -> bytes:
    """Return the rows as an xlsx file: numbers as numbers, every text a text."""
    book = Workbook()
    sheet = book.active
    sheet.title = re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Sheet1"
    for at, column in enumerate(columns, 1):
        _head(sheet, at, column)
        for line, row in enumerate(rows, 2):
            _write(sheet, line, at, row.get(column.name), column.kind)
    sheet.freeze_panes = "A2"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _config(column: Column) -> Any:  # noqa: ANN401
    settings: dict[str, Any] = {"help": column.help, "width": column.width, "pinned": column.pinned or None}
    if column.kind in FORMATS:
        return st.column_config.NumberColumn(column.label, format=FORMATS[column.kind], **settings)
    if column.kind == "date":
        return st.column_config.DateColumn(column.label, format="YYYY-MM-DD", **settings)
    if column.kind == "moment":
        return st.column_config.DatetimeColumn(column.label, format="YYYY-MM-DD HH:mm", **settings)
    return st.column_config.TextColumn(column.label, **settings)


def _shown(value: Any, kind: str) -> Any:  # noqa: ANN401
    if value is None:
        return None
    if kind == "rate":
        return float(formats.rounded(formats.exact(value) * 100))
    if kind in {"money", "decimal"}:
        return float(formats.rounded(value))
    return safe(str(value)) if kind == "text" else value


def _head(sheet: Worksheet, at: int, column: Column) -> None:
    cell = sheet.cell(1, at, column.label)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="EEF2F6")
    sheet.column_dimensions[get_column_letter(at)].width = 28 if column.kind == "text" else 14


def _write(sheet: Worksheet, line: int, at: int, value: str | float | Decimal | date | None, kind: str) -> None:
    if value is None:
        return
    if kind in EXCEL or kind == "moment":
        sheet.cell(line, at, value).number_format = EXCEL.get(kind, "yyyy-mm-dd hh:mm")
        return
    cell = sheet.cell(line, at, ILLEGAL_CHARACTERS_RE.sub("", str(value))[:CELL_LIMIT])
    cell.data_type = "s"


def _download(rows: Sequence[Row], columns: Sequence[Column], file_name: str, key: str) -> None:
    st.download_button(
        _("导出 Excel"),
        partial(workbook, list(rows), list(columns), file_name),
        file_name=f"{file_name}.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        key=f"{key}-download",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
