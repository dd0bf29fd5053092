"""The process that reads one workbook: every sheet to parquet, facts about it to a JSON file.

Readers written in Rust abort on hostile files, so `loaders.read` runs this module with limits.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import duckdb
import fastexcel
import pyarrow as pa
import python_calamine

from loaders.text import quoted

# Excel shows 15 digits; a stored 35088848.789999999 is 35088848.79 to everyone who looked at it.
MEMORY = 4 << 30
# rows that one thread works on at a time
ROWS = 50_000
BLANKS = " \t\r\n\u3000\u00a0"
NOISE = r"-?\d+\.\d+"
CELL = """CASE WHEN strlen({c}) > 16 AND strlen({c}) < 30 AND regexp_full_match({c}, '{noise}')
        AND abs(CAST({c} AS DOUBLE)) BETWEEN 0.0001 AND 1e15
      THEN format('{{:.15g}}', CAST({c} AS DOUBLE))
    WHEN strlen({c}) >= 19 AND {c} LIKE '____-__-__ __:__:__%'
      THEN CASE WHEN {c} LIKE '1899-12-31 %' THEN {c}[12:] WHEN ends_with({c}, ' 00:00:00') THEN {c}[:10] ELSE {c} END
    WHEN ({c} < '!' OR starts_with({c}, '\u3000') OR starts_with({c}, '\u00a0')) AND trim({c}, '{blanks}') = ''
      THEN NULL
    ELSE {c} END AS {c}"""


def main(path: Path, scratch: Path) -> dict[str, Any]:
    """Write `sheet-<i>.parquet` for each sheet that holds anything; give what calamine knows of them."""
    book = python_calamine.load_workbook(str(path))
    reader = fastexcel.read_excel(str(path))
    sheets = []
    for i, meta in enumerate(book.sheets_metadata):
        if _word(meta.typ) != "WorkSheet" or meta.name not in reader.sheet_names:
            continue
        width, height = write(reader, meta.name, scratch / f"sheet-{i}.parquet")
        hidden = _word(meta.visible) != "Visible"
        merged = [] if path_is_xml(path) or not height else _merged(book, meta.name)
        sheets.append(
            {"name": meta.name, "index": i, "hidden": hidden, "columns": width, "rows": height, "merged": merged}
        )
    return {"sheets": sheets}


def limit(seconds: int) -> None:
    """Bind this process to `MEMORY` and to `seconds` of processor time on each core, and let it leave no core file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (4 * seconds, 4 * seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def path_is_xml(path: Path) -> bool:
    """Tell whether a workbook is zipped XML, whose merged cells the pre-scan has seen."""
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def _word(value: object) -> str:
    return str(value).rpartition(".")[2]


def _merged(book: python_calamine.CalamineWorkbook, name: str) -> list[str]:
    ranges = book.get_sheet_by_name(name).merged_cell_ranges or []
    return [f"{_letters(c1)}{r1 + 1}:{_letters(c2)}{r2 + 1}" for (r1, c1), (r2, c2) in ranges]


def _letters(column: int) -> str:
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name


def write(reader: fastexcel.ExcelReader, name: str, target: Path) -> tuple[int, int]:
    """Write one sheet as text columns `c0` … from its first row on; give its width and height."""
    sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    width = sheet.width
    if not width or not sheet.height:
        return 0, 0
    cells = sheet.to_arrow().rename_columns([f"c{i}" for i in range(width)])
    height = cells.num_rows
    selected = ", ".join(CELL.format(c=f"c{i}", noise=NOISE, blanks=BLANKS) for i in range(width))
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as con:
        con.register("cells", pa.Table.from_batches(pa.Table.from_batches([cells]).to_batches(ROWS)))
        con.execute(f"COPY (SELECT {selected} FROM cells) TO {quoted(str(target))} (FORMAT parquet)")
    return width, height


if __name__ == "__main__":
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    limit(int(sys.argv[3]))
    try:
        result = main(source, folder)
    except BaseException as error:  # noqa: BLE001 - a panic of the Rust readers is no Exception
        result = {"error": type(error).__name__, "detail": str(error)}
    (folder / "sheets.json").write_text(json.dumps(result), encoding="utf-8")
