"""Tests that hostile, broken and foreign files end in a clear refusal."""

from __future__ import annotations

import hashlib
import struct
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from data.store import Store
from loaders.build import Request, load
from loaders.messages import Refused, text
from loaders.read import tables

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
ROW = '<row r="{row}"><c r="{cell}" t="inlineStr"><is><t>客户名称</t></is></c></row>'


def workbook(path: Path, change: Callable[[str, bytes], bytes | None] = lambda _, content: content) -> Path:
    """Write a small workbook whose parts went through `change` (None: the part is left out)."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["订单编号", "客户名称", "金额"])
    book.worksheets[0].append(["SO1", "甲公司", 12])
    whole = path.with_name("whole.xlsx")
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                out.writestr(name, content)
    return path


def with_rows(rows: str) -> Callable[[str, bytes], bytes]:
    """Put other rows into the first sheet."""
    return lambda name, content: SHEET.format(rows=rows).encode() if name.endswith("sheet1.xml") else content


def refusal(path: Path, tmp_path: Path) -> Refused:
    """Read what must be refused; give the refusal."""
    with pytest.raises(Refused) as caught:
        tables(path, tmp_path / "scratch")
    for lang in ("zh", "en"):
        assert path.name in text(caught.value, lang)
        assert "{" not in text(caught.value, lang)
    return caught.value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"%PDF-1.7 x", "not_a_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n", "not_a_spreadsheet"),
        (b"PAR1abcd", "not_a_spreadsheet"),
        (bytes(range(256)) * 20, "not_a_spreadsheet"),
        (b'{"a": 1}', "not_a_spreadsheet"),
        (b'<?xml version="1.0"?><feed><entry/></feed>', "not_a_spreadsheet"),
        (b"<html><body><p>nothing here</p></body></html>", "no_table"),
        (b"PK\x03\x04 not really a zip", "broken"),
        ("客戶名稱,金額\n臺灣積體電路製造,100\n鴻海精密工業,200\n".encode("big5"), "encoding"),
        ("name;city\nMüller;Köln\nGrößer;Düsseldorf\n".encode("latin-1"), "encoding"),
        (b"\xef\xbb\xbfname,city\n\xff\xfe,x\n", "encoding"),
        (("长篇文字没有表格" * 40).encode(), "no_table"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_bytes(content)
    assert refusal(tmp_path / "file.csv", tmp_path).code == code


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv", tmp_path).code == "missing"


def test_empty_workbook_is_refused(tmp_path: Path) -> None:
    assert refusal(workbook(tmp_path / "a.xlsx", with_rows("")), tmp_path).code == "empty"


def test_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:-400])
    assert refusal(path, tmp_path).code == "broken"


def test_workbook_without_its_sheet_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", lambda name, content: None if name.endswith("sheet1.xml") else content)
    assert refusal(path, tmp_path).code in {"broken", "empty"}


def test_zip_of_other_things_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as out:
        out.writestr("word/document.xml", "<w/>")
    found = refusal(tmp_path / "a.xlsx", tmp_path)
    assert found.code == "not_a_spreadsheet"
    assert "Word" in str(found)


def test_doctype_is_refused(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    path = workbook(tmp_path / "a.xlsx", lambda name, content: bomb + content if name == "xl/workbook.xml" else content)
    assert refusal(path, tmp_path).code == "unsafe"


def test_path_tricks_and_duplicates_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as out:
        out.writestr("../../etc/cron.d/x", "x")
    assert refusal(path, tmp_path).code == "unsafe"
    other = workbook(tmp_path / "b.xlsx")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(other, "a") as out:
        out.writestr("xl/workbook.xml", "x")
    assert refusal(other, tmp_path).code == "unsafe"


def test_cell_far_away_is_refused_with_its_place(tmp_path: Path) -> None:
    rows = ROW.format(row=1, cell="A1") + ROW.format(row=1048576, cell="XFD1048576")
    found = refusal(workbook(tmp_path / "a.xlsx", with_rows(rows)), tmp_path)
    assert found.code == "far_cell"
    assert found.values["cell"] == "XFD1048576"


def test_bomb_that_states_its_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", with_rows(" " * (300 << 20)))
    assert refusal(path, tmp_path).code == "too_large"


def test_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", with_rows(" " * (300 << 20)))
    data = bytearray(path.read_bytes())
    at = data.rfind(b"xl/worksheets/sheet1.xml") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", data, at + 24, 1000)
    path.write_bytes(data)
    assert refusal(path, tmp_path).code in {"broken", "too_large"}


def test_endless_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'a,b\n1,"' + b"x" * (9 << 20) + b"\n")
    assert refusal(tmp_path / "a.csv", tmp_path).code == "broken_text"


def test_colspan_bomb_is_refused(tmp_path: Path) -> None:
    cells = '<td colspan="999999">x</td>' * 30
    (tmp_path / "a.xls").write_text("<table>" + f"<tr>{cells}</tr>" * 1000 + "</table>", encoding="utf-8")
    assert refusal(tmp_path / "a.xls", tmp_path).code == "too_large"


def test_names_with_quotes_are_harmless(tmp_path: Path) -> None:
    folder = tmp_path / "o'brien; drop"
    folder.mkdir()
    path = folder / "客户's.csv"
    path.write_text("客户名称,金额\n甲,1\n", encoding="utf-8")
    assert tables(path, folder / "scratch")[0].rows == 1


def test_an_encrypted_workbook_says_how_to_open_it(tmp_path: Path) -> None:
    streams = b"".join(name.encode("utf-16-le") for name in ("EncryptionInfo", "EncryptedPackage"))
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + streams + bytes(1000))
    assert refusal(tmp_path / "a.xlsx", tmp_path).code == "encrypted"


def test_macros_are_noted_and_never_run(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 Shell")
    [table] = tables(path, tmp_path / "scratch")
    assert [note.code for note in table.notes] == ["macros"]
    assert table.sample == (("SO1", "甲公司", "12"),)


def test_a_file_that_grows_while_it_is_taken_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "订单.csv"
    path.write_text("订单编号,下单日期,客户名称,订单金额\nS1,2026-01-01,甲,5\n", encoding="utf-8")
    keep = Store.keep_raw

    def growing(store: Store, given: Path) -> str:
        digest = keep(store, given)
        with given.open("a", encoding="utf-8") as more:
            more.write("S2,2026-01-02,甲,5\n")
        return digest

    monkeypatch.setattr(Store, "keep_raw", growing)
    with pytest.raises(Refused) as caught:
        load(Store(tmp_path / "store"), Request([path]))
    assert (caught.value.code, Store(tmp_path / "store").version) == ("changed", 0)


def test_what_is_kept_is_what_its_name_says(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2\n" * 500_000)
    store, done = Store(tmp_path / "store"), threading.Event()

    def grow() -> None:
        while not done.wait(0.001):
            with path.open("ab") as stream:
                stream.write(b"3,4\n" * 10_000)

    growing = threading.Thread(target=grow)
    growing.start()
    try:
        kept = {store.keep_raw(path) for _ in range(5)}
    finally:
        done.set()
        growing.join()
    assert len(kept) > 1
    assert kept == {hashlib.sha256(store.raw(digest).read_bytes()).hexdigest() for digest in kept}
    assert not [*store.raw("").glob("*.part")]
