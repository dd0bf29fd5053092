"""Property tests: what openpyxl or the csv module wrote is read back cell for cell."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import duckdb
import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.read import tables

HEADER = ["订单编号", "客户名称", "备注", "金额"]
# Letters of GB 2312 and the marks that delimited text is sensitive to; no NUL, no lone carriage return.
LETTERS = "客户订单金额测试甲乙丙丁abcXYZ019 ,;\t|\"'\n、。（）-/"
CELLS = st.text(LETTERS, max_size=12).map(str.strip)
ROWS = st.lists(
    st.tuples(
        st.from_regex(r"SO[0-9]{4}", fullmatch=True),
        st.text("甲乙丙丁公司", min_size=1, max_size=6),
        CELLS,
        st.decimals(0, 10**9, places=2).map(str),
    ),
    min_size=1,
    max_size=30,
)


def read_back(path: Path) -> list[list[str]]:
    """Read a file's only table; give its cells with blanks as empty text."""
    (table,) = tables(path, path.parent / "scratch")
    assert list(table.columns) == HEADER
    rows = duckdb.connect().execute(f"{table.sql} ORDER BY _row").fetchall()
    return [[cell or "" for cell in row[1:]] for row in rows]


@given(
    rows=ROWS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    leading=st.sampled_from([[], ["订单明细"], ["订单明细", ""]]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_text(
    rows: list[tuple[str, ...]], encoding: str, delimiter: str, ending: str, quoting: int, leading: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", encoding=encoding, newline="") as out:
            out.write("".join(line + ending for line in leading))
            writer = csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=quoting)  # type: ignore[arg-type]
            writer.writerow(HEADER)
            writer.writerows(rows)
        assert read_back(path) == [list(row) for row in rows]


@given(rows=ROWS, gap=st.integers(0, 3))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_workbook(rows: list[tuple[str, ...]], gap: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for number, row in enumerate([HEADER, *rows], gap + 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(number, column)
                cell.value, cell.data_type = value, "s"
        path = Path(folder) / "a.xlsx"
        book.save(path)
        assert read_back(path) == [list(row) for row in rows]
