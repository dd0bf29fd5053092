"""Rows go back as the sheet they came from, with what is wrong and where."""

from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data.store import Store, Viewer
from loaders.build import Request, check, load, rebuild, undo
from loaders.returned import faulty_sheet

CLERK = Viewer("王芳", "clerk")
ORDERS = """订单编号,下单日期,客户编号,业务员,订单金额
SO1,2026-09-01,A1,张伟,1.5万
SO2,2026-09-02,A1,张伟,面议
SO3,某天,A2,=1+1,300
SO4,2026-09-04,A2,张伟,400
"""


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "订单.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return path


def test_a_check_shows_what_the_first_rows_became(tmp_path: Path, orders: Path) -> None:
    report = check(Store(tmp_path / "store"), Request([orders]))["files"][0]
    first = report["became"][0]
    assert (first["row"], first["read"][4], first["typed"]["amount"]) == (2, "1.5万", "15000.0000")
    assert [row["row"] for row in report["became"]] == [2, 5]


def test_faulty_rows_come_back_with_reasons_and_red_cells(tmp_path: Path, orders: Path) -> None:
    store = Store(tmp_path / "store")
    report = load(store, Request([orders]))["files"][0]
    book = openpyxl.load_workbook(BytesIO(faulty_sheet(store.open(CLERK), store, report["sheet_id"], "zh")))
    rows = list(book.worksheets[0].iter_rows())
    assert [cell.value for cell in rows[0]] == [
        "订单编号",
        "下单日期",
        "客户编号",
        "业务员",
        "订单金额",
        "错误原因",
        "错误来源",
    ]
    assert [row[0].value for row in rows[1:]] == ["SO2", "SO3"]
    assert "面议" in str(rows[1][5].value)
    assert rows[1][4].fill.fgColor.rgb == "00F8CBAD"
    assert rows[1][0].fill.fgColor.rgb != "00F8CBAD"
    assert (rows[2][3].value, rows[2][3].data_type) == ("=1+1", "s")


def test_the_corrected_sheet_loads(tmp_path: Path, orders: Path) -> None:
    store = Store(tmp_path / "store")
    report = load(store, Request([orders]))["files"][0]
    book = openpyxl.load_workbook(BytesIO(faulty_sheet(store.open(CLERK), store, report["sheet_id"], "zh")))
    sheet = book.worksheets[0]
    sheet["E2"], sheet["B3"] = "200", "2026-09-03"
    corrected = tmp_path / "改好.xlsx"
    book.save(corrected)
    again = load(store, Request([corrected]))["files"][0]
    assert (again["inserted"], again["rejected"]) == (2, 0)
    assert faults(store) == [("SO2", 2), ("SO3", 2)]
    cursor = store.open(CLERK)
    assert len(list(openpyxl.load_workbook(BytesIO(faulty_sheet(cursor, store, 1, "zh"))).worksheets[0].rows)) == 1
    assert cursor.execute("select count(*) from orders where extra is not null").fetchall() == [(0,)]
    undo(store, 2)
    assert faults(store) == [("SO2", None), ("SO3", None)]
    undo(store, 2, redo=True)
    rebuild(store)
    assert faults(store) == [("SO2", 2), ("SO3", 2)]


def faults(store: Store) -> list[tuple[Any, ...]]:
    """List the faulty rows of the first sheet by order number, with the load that settled each."""
    cursor = store.open(CLERK)
    return cursor.execute(
        "select distinct coalesce(_key, 'SO' || row_no - 1), cleared_by from source_error where sheet_id = 1 order by 1"
    ).fetchall()


def test_a_row_corrected_twice_settles_both_faults(tmp_path: Path, orders: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, Request([orders]))
    for number, amount in enumerate(("还没定", "200"), start=1):
        book = openpyxl.load_workbook(BytesIO(faulty_sheet(store.open(CLERK), store, number, "en")))
        book.worksheets[0]["E2"] = amount
        book.save(tmp_path / "改好.xlsx")
        load(store, Request([tmp_path / "改好.xlsx"]))
    assert faults(store) == [("SO2", 3), ("SO3", None)]
    assert store.open(CLERK).execute(
        "select cleared_by from source_error where sheet_id = 2 order by 1"
    ).fetchall() == [
        (3,),
        (None,),
    ]


def test_a_later_export_settles_faults_by_key(tmp_path: Path, orders: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, Request([orders]))
    orders.write_text(ORDERS.replace("面议", "250"), encoding="utf-8")
    load(store, Request([orders]))
    assert faults(store) == [("SO2", 2), ("SO3", None)]


def test_what_stood_above_the_header_goes_back_too(tmp_path: Path) -> None:
    path = tmp_path / "订单.csv"
    path.write_text("单位：万元,,,,\n" + ORDERS, encoding="utf-8")
    store = Store(tmp_path / "store")
    load(store, Request([path]))
    book = openpyxl.load_workbook(BytesIO(faulty_sheet(store.open(CLERK), store, 1, "zh")))
    book.worksheets[0]["E3"] = "2"
    book.save(tmp_path / "改好.xlsx")
    load(store, Request([tmp_path / "改好.xlsx"]))
    found = store.open(CLERK).execute("select cast(amount as int) from orders where order_no = 'SO2'").fetchall()
    assert found == [(20000,)]


def test_an_unknown_sheet_is_said_to_be_unknown(tmp_path: Path, orders: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, Request([orders]))
    with pytest.raises(LookupError):
        faulty_sheet(store.open(CLERK), store, 99, "zh")
