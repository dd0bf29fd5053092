"""Tables in HTML and in Excel's XML of 2003, which many systems save under the name `.xls`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from loaders.messages import Refused

CHUNK = 1 << 20
MOST_SPAN = 1_000
MOST_CELLS = 20_000_000
HTML = re.compile(
    r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|meta|body|table|style|div)\b", re.IGNORECASE | re.DOTALL
)
OFFICE_XML = re.compile(
    r"urn:schemas-microsoft-com:office:spreadsheet|<\?mso-application\s+progid=\"Excel", re.IGNORECASE
)
OTHER = (
    (re.compile(r"\s*<\?xml|\s*<\w[\w:-]*(\s[^<>]*)?>"), "XML"),
    (re.compile(r"\s*[\[{]\s*[\[{\"]"), "JSON"),
    (re.compile(r"MIME-Version:", re.IGNORECASE), "单个文件网页 a single-file web page (MHTML)"),
)

Rows = list[list[str | None]]


def kind(head: str) -> str:
    """Name what a text is by its beginning: `html`, `xml` (of Excel), or empty for anything else."""
    if OFFICE_XML.search(head[:4096]):
        return "xml"
    return "html" if HTML.match(head) or re.search(r"<html[\s>]", head[:2048], re.IGNORECASE) else ""


def refuse_other(head: str, file: str) -> None:
    """Raise `Refused` for XML, JSON and MHTML, which are text but no tables."""
    for pattern, found in OTHER:
        if pattern.match(head):
            raise Refused("not_a_spreadsheet", {"file": file, "found": found})


def sheets(path: Path, file: str) -> Iterator[tuple[str, Rows]]:
    """Yield name and rows of each worksheet; all tables of a web page are one sheet, a blank row between."""
    parser = _Parser(file)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        while piece := stream.read(CHUNK):
            if "<!ENTITY" in piece:
                raise Refused("unsafe", {"file": file, "found": "<!ENTITY"})
            parser.feed(piece)
    parser.close()
    if not any(rows for _, rows in parser.sheets):
        raise Refused("no_table", {"file": file, "found": "是网页或 XML，但没有表格 a web page or XML without a table"})
    yield from parser.sheets


class _Parser(HTMLParser):
    """Collects cells of `tr`/`td`/`th` and of `Row`/`Cell`/`Data`; the text of inner tables joins their cell."""

    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.file = file
        self.sheets: list[tuple[str, Rows]] = [("", [])]
        self.depth = 0
        self.cell: list[str] | None = None
        self.at = (0, 1, 1)
        self.spans: dict[int, int] = {}
        self.cells = 0
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.rpartition(":")[2]: value or "" for name, value in attrs}
        tag = tag.rpartition(":")[2]
        if tag in {"style", "script", "comment"}:
            self.silent += 1
        elif tag == "worksheet":
            self.sheets.append((given.get("name", ""), []))
        elif tag == "table":
            self._open_table()
        elif tag in {"tr", "row"} and self.depth <= 1:
            self._open_row(given)
        elif tag in {"td", "th", "cell"} and self.depth <= 1:
            self._open_cell(given)
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in {"style", "script", "comment"}:
            self.silent = max(self.silent - 1, 0)
        elif tag == "table":
            self.depth = max(self.depth - 1, 0)
            self._close_cell()
        elif tag in {"td", "th", "cell", "tr", "row"} and self.depth <= 1:
            self._close_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is not None and not self.silent:
            self.cell.append(re.sub(r"\s+", " ", data))

    @property
    def rows(self) -> Rows:
        """Rows of the sheet being read."""
        return self.sheets[-1][1]

    def _open_table(self) -> None:
        self.depth += 1
        if self.depth == 1:
            self.spans = {}
            if self.rows:
                self.rows.append([])

    def _open_row(self, given: dict[str, str]) -> None:
        self._close_cell()
        wanted = _number(given.get("index", ""), 1 << 20) - 1
        while len(self.rows) < wanted:
            self.rows.append([])
        self.rows.append([])
        self.at = (0, 1, 1)

    def _open_cell(self, given: dict[str, str]) -> None:
        self._close_cell()
        if not self.rows:
            self.rows.append([])
        column = max(_number(given.get("index", ""), 1 << 14) - 1, self.at[0])
        while self.spans.get(column, 0) >= len(self.rows):
            column += 1
        across = _number(given.get("colspan", ""), MOST_SPAN) or _number(given.get("mergeacross", ""), MOST_SPAN) + 1
        down = _number(given.get("rowspan", ""), MOST_SPAN) or _number(given.get("mergedown", ""), MOST_SPAN) + 1
        self.at = (column, across, down)
        self.cell = []

    def _close_cell(self) -> None:
        if self.cell is None:
            return
        column, across, down = self.at
        row = self.rows[-1]
        self.cells += max(column + across - len(row), 1)
        if self.cells > MOST_CELLS:
            raise Refused(
                "too_large", {"file": self.file, "found": f"> {MOST_CELLS} 单元格 cells", "limit": MOST_CELLS}
            )
        row.extend([None] * (column + across - len(row)))
        row[column] = _plain("".join(self.cell))
        if down > 1:
            self.spans.update(dict.fromkeys(range(column, column + across), len(self.rows) + down - 1))
        self.at = (column + across, 1, 1)
        self.cell = None


def _number(value: str, most: int) -> int:
    return min(int(value), most) if value.isdecimal() else 0


def _plain(value: str) -> str | None:
    text = re.sub(r" *\n *", "\n", value).strip(" \n\u00a0")
    if dated := re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.0+)?", text):
        return dated[1] if dated[2] == "00:00:00" else f"{dated[1]} {dated[2]}"
    return text or None
