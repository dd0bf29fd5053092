"""Writing into a workbook: texts that can never be formulas, our own formulas, widths, and paper set for A4."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Noto Sans CJK SC"
THIN = Side(style="thin", color="9AA5B1")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD = PatternFill("solid", fgColor="EEF2F6")
CELL_LIMIT = 32_767
WIDE_FROM = 0x2E7F
RATE, POINTS, MONEY = "0.00%", "0.00", "#,##0.00"


class Formula(str):
    """A formula of ours; every other text is written as a text."""

    __slots__ = ()


Value = str | int | float | Decimal | None


def put(sheet: Worksheet, at: tuple[int, int], value: Value, form: str = "", *, bold: bool = False) -> None:
    """Write one cell (row, column): a `Formula` alive, a text as text, a number as a number."""
    cell = sheet.cell(*at)
    if isinstance(value, Formula):
        cell.value = f"={value}"
    elif isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:CELL_LIMIT]
        cell.data_type = "s"
    else:
        cell.value = value
    cell.font = Font(name=FONT, size=10, bold=bold)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    if form:
        cell.number_format = form


def row(
    sheet: Worksheet, line: int, values: Sequence[Value], forms: Sequence[str] = (), *, boxed: bool = False
) -> None:
    """Write a row of cells from the first column on."""
    for at, value in enumerate(values, 1):
        put(sheet, (line, at), value, forms[at - 1] if at <= len(forms) else "")
        if boxed:
            sheet.cell(line, at).border = BOX


def header(sheet: Worksheet, line: int, labels: Sequence[str]) -> None:
    """Write a row of column heads."""
    for at, label in enumerate(labels, 1):
        head_cell(sheet, (line, at), label)


def head_cell(sheet: Worksheet, at: tuple[int, int], label: str) -> None:
    """Write one head, of a column or of a value beside it."""
    put(sheet, at, label, bold=True)
    sheet.cell(*at).fill = HEAD
    sheet.cell(*at).border = BOX


def boxed(sheet: Worksheet, line: int, first: int, last: int) -> None:
    """Merge the cells of a row from one column to another into one box."""
    for column in range(first, last + 1):
        sheet.cell(line, column).border = BOX
    sheet.merge_cells(start_row=line, start_column=first, end_row=line, end_column=last)


def fit(sheet: Worksheet, line: int, texts: Sequence[tuple[str, float]], least: float = 15) -> None:
    """Make a row as high as its texts need, each in a column of some width: spreadsheets do not find it out."""
    lines = max((sum(1 + int(wide(part) / width) for part in text.split("\n")) for text, width in texts), default=1)
    sheet.row_dimensions[line].height = max(least, 15 * lines + 3)


def wide(text: str) -> int:
    """Measure a text in columns of a digit's width: two for a Chinese sign."""
    return sum(2 if ord(sign) > WIDE_FROM else 1 for sign in text)


def widths(sheet: Worksheet, sizes: Sequence[float]) -> None:
    """Set the widths of the first columns."""
    for at, size in enumerate(sizes, 1):
        sheet.column_dimensions[get_column_letter(at)].width = size


def a4(sheet: Worksheet, footer: str, *, head_rows: str = "") -> None:
    """Set a sheet up for A4 across, one page wide, with page numbers and a footer."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(0.4, 0.4, 0.5, 0.75, header=0.3, footer=0.35)
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.left.text = footer.replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"
    if head_rows:
        sheet.print_title_rows = head_rows
