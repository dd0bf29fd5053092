"""Reading, typing, error table and fold of one large file (marts apart), beside what the libraries need alone.

`python -m bench.reading [--rows N] [--only csv,gb18030,xlsx]` – ten million rows need some 4 GB of disk.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path

import duckdb
import fastexcel

from bench.report import HEADING, Line
from data.store import Store
from loaders import delivery
from loaders.draft import drafting
from loaders.fold import fold
from loaders.manifest import HEAD

HEADERS = (
    "订单编号", "行号", "下单日期", "客户编号", "客户名称", "业务员工号", "产品", "数量", "订单金额", "状态", "区域",
    "备注",
)  # fmt: skip
# One amount in a thousand cannot be read, so that the error table has work to do.
ROWS = """
select 'SO' || lpad(i::varchar, 9, '0') as a, '1' as b, strftime(date '2023-07-01' + (i % 1096)::int, '%Y-%m-%d') as c,
       'A' || lpad((hash(i) % 20000)::varchar, 6, '0') as d, '客户' || (hash(i) % 20000) || '有限公司' as e,
       'R' || lpad((i % 20)::varchar, 3, '0') as f, '产品' || (i % 300) as g, (1 + i % 9)::varchar as h,
       if(i % 1000 = 7, '面议', ((hash(i, 1) % 9000000) / 100)::decimal(18, 2)::varchar) as j,
       ['已完成', '有效'][1 + i % 2] as k, ['华东', '华北', '华南'][1 + i % 3] as l, '备注' || i as m
from range({rows}) t(i)
"""
PARTS = ("csv", "gb18030", "xlsx")


def write(folder: Path, rows: int, kind: str) -> Path:
    """Write the orders as UTF-8, as GB18030 or as a workbook, and give the path."""
    path = folder / f"订单-{kind}.{'xlsx' if kind == 'xlsx' else 'csv'}"
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        orders = con.sql(ROWS.format(rows=rows))
        if kind == "xlsx":
            _workbook(path, con, rows, orders.columns)
            return path
        named = ", ".join(f'{name} as "{header}"' for name, header in zip(orders.columns, HEADERS, strict=True))
        orders.project(named).write_csv(str(path), header=True)
    if kind == "gb18030":
        plain = path.rename(path.with_suffix(".utf8"))
        with plain.open(encoding="utf-8") as source, path.open("w", encoding="gb18030") as out:
            while piece := source.read(1 << 22):
                out.write(piece)
        plain.unlink()
    return path


def _workbook(path: Path, con: duckdb.DuckDBPyConnection, rows: int, names: list[str]) -> None:
    """Write a workbook's XML with inline texts and, where a column is one, numbers."""
    numbers = {"h"}
    cells = [
        f"'<c r=\"{chr(65 + place)}' || n || '\"><v>' || {name} || '</v></c>'"
        if name in numbers
        else f"'<c r=\"{chr(65 + place)}' || n || '\" t=\"inlineStr\"><is><t>' || {name} || '</t></is></c>'"
        for place, name in enumerate(names)
    ]
    told = con.execute(
        f"select '<row r=\"' || n || '\">' || {' || '.join(cells)} || '</row>' "
        f"from (select *, row_number() over () + 1 as n from ({ROWS.format(rows=rows)}))"
    )
    head = "".join(f'<c r="{chr(65 + n)}1" t="inlineStr"><is><t>{text}</t></is></c>' for n, text in enumerate(HEADERS))
    space = "http://schemas.openxmlformats.org"
    office, package = f"{space}/officeDocument/2006/relationships", f"{space}/package/2006"
    kind = "application/vnd.openxmlformats-"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="{kind}package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}officedocument.spreadsheetml.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{kind}officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": _related(package, f"{office}/officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{space}/spreadsheetml/2006/main" xmlns:r="{office}">'
        '<sheets><sheet name="订单" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _related(package, f"{office}/worksheet", "worksheets/sheet1.xml"),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as out:
        for name, text in parts.items():
            out.writestr(name, text)
        with out.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(
                f'<worksheet xmlns="{space}/spreadsheetml/2006/main"><sheetData><row r="1">{head}</row>'.encode()
            )
            while batch := told.fetchmany(20_000):
                sheet.write("".join(row[0] for row in batch).encode())
            sheet.write(b"</sheetData></worksheet>")


def _related(package: str, kind: str, target: str) -> str:
    one = f'<Relationship Id="r1" Type="{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{package}/relationships">{one}</Relationships>'


def raw(path: Path, folder: Path) -> None:
    """Let DuckDB alone make a table of a CSV file."""
    with duckdb.connect(str(folder / "raw.duckdb")) as con:
        con.execute("CREATE OR REPLACE TABLE raw AS SELECT * FROM read_csv(?)", [str(path)])


def strings(path: Path, folder: Path) -> None:
    """Let fastexcel alone read a sheet, every column as text, into DuckDB."""
    cells = fastexcel.read_excel(str(path)).load_sheet(0, header_row=None, skip_rows=0, dtypes="string").to_arrow()
    with duckdb.connect(str(folder / "raw.duckdb")) as con:
        con.register("cells", cells)
        con.execute("CREATE OR REPLACE TABLE raw AS SELECT * FROM cells")


def ours(path: Path, folder: Path) -> None:
    """Read, type, keep the faults and fold, as a load does before it derives anything."""
    store = Store(folder / "store")
    request = delivery.Request([path])
    with drafting(store, None) as draft:
        files = delivery.read(store, draft, request)
        delivery.log(draft.con, dict.fromkeys(HEAD) | {"load_id": 1, "in_force": True, "loaded_at": "2026-01-01"})
        sheets = [
            sheet for file in files for table in file.tables for sheet in delivery.take(draft, request, 1, file, table)
        ]
        fold(draft.con, sheets)
        draft.con.execute("commit")


def _measured(action: Callable[[Path, Path], None], path: Path) -> tuple[float, int]:
    """Run an action in a fresh process; give its milliseconds and its peak memory, children included, in MB."""
    fresh = get_context("spawn")
    told = fresh.SimpleQueue()
    process = fresh.Process(target=_timed, args=(action, path, told))
    process.start()
    process.join()
    took, peak = told.get()
    return took, peak


def _timed(action: Callable[[Path, Path], None], path: Path, told: object) -> None:
    with tempfile.TemporaryDirectory(prefix="kac-bench-", dir=path.parent) as folder:
        begun = time.perf_counter()
        action(path, Path(folder))
        took = (time.perf_counter() - begun) * 1000
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told.put((took, peak >> 10))  # type: ignore[attr-defined]


def measure(rows: int, kinds: tuple[str, ...] = PARTS, times: int = 2) -> Iterator[Line]:
    """Yield the time of each kind of file beside its floor; the fastest of alternating runs counts."""
    best: dict[str, float] = {}
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="kac-bench-") as name:
            path = write(Path(name), rows, kind)
            alone = strings if kind == "xlsx" else raw if kind == "csv" else None
            runs = [(alone and _measured(alone, path), _measured(ours, path)) for _ in range(times)]
            took, peak = min(mine for _, mine in runs)
            floor, least = min(floors) if (floors := [one for one, _ in runs if one]) else (best.get("csv"), 0)
            best[kind] = took
            note = f"{path.stat().st_size >> 20} MB file; peak {peak} MB" + (
                f", floor {least} MB" if least else "; floor: the UTF-8"
            )
            yield Line(f"read {kind}", took, floor, note)


def main(arguments: list[str]) -> int:
    """Measure and print; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", default=",".join(PARTS), help="comma-separated parts")
    parser.add_argument("--times", type=int, default=2, help="runs of each, alternating; the fastest counts")
    given = parser.parse_args(arguments)
    print(f"{given.rows:,} rows of {len(HEADERS)} columns, {os.cpu_count()} cores\n{HEADING}", flush=True)
    for line in measure(given.rows, tuple(given.only.split(",")), given.times):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
