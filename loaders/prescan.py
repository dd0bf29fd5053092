"""What a file is by its first bytes, and whether a zipped workbook is safe to parse."""

from __future__ import annotations

import mmap
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path, PurePosixPath

from loaders.messages import Refused

CHUNK = 1 << 20
KEPT = 4096
MOST_BYTES = 6 << 30
MOST_RATIO = 250
SMALL = 200 << 20
MOST_CELLS = 80_000_000
SPARSE = 20_000_000
OTHER_FILES = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "图片 a PNG picture"),
    (b"\xff\xd8\xff", "图片 a JPEG picture"),
    (b"GIF8", "图片 a GIF picture"),
    (b"Rar!", "RAR 压缩包 a RAR archive"),
    (b"7z\xbc\xaf", "7z 压缩包 a 7z archive"),
    (b"\x1f\x8b", "gzip 压缩包 a gzip archive"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite 数据库 a SQLite database"),
    (b"{\\rtf", "RTF 文档 an RTF document"),
    (b"MZ", "程序 a program"),
    (b"\x7fELF", "程序 a program"),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BIFF = (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00", b"\x09\x00\x04\x00")
# how a file begins that is a workbook, if it is a table at all; anything else is text
BOOKS = (b"PK", OLE, *BIFF)
GLOBALS = (b"\x09\x08\x10\x00\x00\x06\x05\x00", b"\x09\x08\x08\x00\x00\x05\x05\x00")
DATEMODE, END = 0x22, 0x0A
COLUMN = re.compile(rb' r="([A-Z]{2,3})([0-9]{1,7})"')
ROW = re.compile(rb'row (?:[^<>]*? )?r="([0-9]{1,7})"')
HIDDEN = re.compile(rb'row (?=[^<>]*hidden="(?:1|true)")(?:[^<>]*? )?r="([0-9]{1,7})"')
MERGE = re.compile(rb'mergeCell [^<>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
UNSAVED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]*/>)(?:<(?:\w+:)?v></(?:\w+:)?v>|<(?:\w+:)?v */>)?</(?:\w+:)?c>"
)


@dataclass
class SheetScan:
    """What the XML of one sheet of a workbook says beyond its values."""

    cells: int = 0
    rows: int = 0
    columns: int = 0
    far: str = ""
    errors: int = 0
    unsaved: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


@dataclass
class Scan:
    """`kind` is one of `xlsx`, `xlsb`, `ods`, `xls`, `text`; `sheets` by sheet name, for xlsx only."""

    kind: str
    sheets: dict[str, SheetScan] = field(default_factory=dict)
    date_1904: bool = False
    macros: bool = False


def scan(path: Path, file: str) -> Scan:
    """Say what a file is; raise `Refused` for what is no table, cannot be opened or is not safe."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Refused("empty", {"file": file})
    for magic, found in OTHER_FILES:
        if head.startswith(magic):
            raise Refused("not_a_spreadsheet", {"file": file, "found": found})
    if head.startswith(b"PK"):
        return _zipped(path, file)
    if head.startswith(OLE):
        return _ole(path, file)
    return Scan("xls" if head.startswith(BIFF) else "text")


def _ole(path: Path, file: str) -> Scan:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as names:
        return _compound(names, file)


def _compound(names: mmap.mmap, file: str) -> Scan:
    if _holds(names, "EncryptedPackage"):
        raise Refused("encrypted", {"file": file})
    if _holds(names, "WordDocument"):
        raise Refused("not_a_spreadsheet", {"file": file, "found": "Word 文档 a Word document"})
    return Scan("xls", date_1904=_dates_from_1904(names), macros=_holds(names, "_VBA_PROJECT"))


def _holds(names: mmap.mmap, stream: str) -> bool:
    """Tell whether a compound document names a stream."""
    return names.find(stream.encode("utf-16-le")) >= 0


def _dates_from_1904(book: mmap.mmap) -> bool:
    """Walk the first records of an `.xls` workbook (BIFF) to the one that names its date system."""
    at = max(book.find(mark) for mark in GLOBALS)
    while 0 <= at <= len(book) - 6:
        number, length = int.from_bytes(book[at : at + 2], "little"), int.from_bytes(book[at + 2 : at + 4], "little")
        if number == DATEMODE:
            return book[at + 4] == 1
        if number == END:
            return False
        at += 4 + length
    return False


def _zipped(path: Path, file: str) -> Scan:
    try:
        with zipfile.ZipFile(path) as archive:
            return _archive(archive, path, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError) as error:
        raise Refused("broken", {"file": file, "detail": str(error)}) from error


def _archive(archive: zipfile.ZipFile, path: Path, file: str) -> Scan:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    _refuse_unsafe(entries, path, file)
    kind = _kind(archive, names, file)
    found = Scan(kind, macros=any(name.endswith("vbaProject.bin") for name in names))
    left = MOST_BYTES
    parts: dict[str, SheetScan] = {}
    for entry in entries:
        is_sheet = kind == "xlsx" and re.search(r"worksheets/[^/]+\.xml$", entry.filename, re.IGNORECASE) is not None
        sheet = SheetScan()
        left -= _read(archive, entry, sheet if is_sheet else None, left, path, file)
        if is_sheet:
            parts[entry.filename.lstrip("/").lower()] = sheet
    if kind == "xlsx":
        _name_sheets(archive, names, parts, found)
        _refuse_far(found.sheets, file)
    return found


def _refuse_unsafe(entries: list[zipfile.ZipInfo], path: Path, file: str) -> None:
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise Refused("unsafe", {"file": file, "found": "重名的内部文件 duplicate entries"})
    if any(".." in PurePosixPath(name.replace("\\", "/")).parts for name in names):
        raise Refused("unsafe", {"file": file, "found": "内部路径含 .. paths with .."})
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("encrypted", {"file": file})
    _refuse_ratio(sum(entry.file_size for entry in entries), path, file)


def _refuse_ratio(size: int, path: Path, file: str) -> None:
    if size > MOST_BYTES or (size > SMALL and size > MOST_RATIO * path.stat().st_size):
        raise Refused("too_large", {"file": file, "found": f"{size >> 20} MB", "limit": f"{MOST_BYTES >> 20} MB"})


def _kind(archive: zipfile.ZipFile, names: list[str], file: str) -> str:
    lowered = {name.replace("\\", "/").lstrip("/").lower() for name in names}
    if "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype")[:200]:
        if b"encryption-data" in archive.read("META-INF/manifest.xml")[:CHUNK]:
            raise Refused("encrypted", {"file": file})
        return "ods"
    if any(name.endswith("workbook.bin") for name in lowered):
        return "xlsb"
    if any(re.search(r"workbook\d*\.xml$", name) for name in lowered):
        return "xlsx"
    known = {"word/document.xml": "Word 文档 a Word document", "ppt/presentation.xml": "PowerPoint"}
    found = next((title for name, title in known.items() if name in lowered), "zip 压缩包 a zip archive")
    raise Refused("not_a_spreadsheet", {"file": file, "found": found})


def _read(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, sheet: SheetScan | None, left: int, path: Path, file: str
) -> int:
    """Inflate one entry chunk by chunk, never trusting its stated size; give its real size."""
    is_xml = entry.filename.lower().endswith((".xml", ".rels"))
    size, tail = 0, b""
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > left:
                limit = f"{MOST_BYTES >> 20} MB"
                raise Refused("too_large", {"file": file, "found": f"> {limit}", "limit": limit})
            piece = tail + chunk
            if is_xml and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece):
                raise Refused("unsafe", {"file": file, "found": "DOCTYPE"})
            tail = _look(sheet, piece) if sheet else chunk[-16:]
    _refuse_ratio(size, path, file)
    if sheet:
        _look(sheet, tail, last=True)
    return size


def _look(sheet: SheetScan, piece: bytes, *, last: bool = False) -> bytes:
    """Take the facts from whole tags of the XML; give back the rest, which belongs to the next piece."""
    cut = len(piece) if last else piece.rfind(b"<", 0, max(len(piece) - KEPT, 0))
    if cut < 0:
        return piece[-CHUNK:]
    whole = piece[:cut]
    sheet.cells += whole.count(b"<c ") or whole.count(b":c ")
    sheet.errors += whole.count(b' t="e"')
    sheet.rows = max(sheet.rows, max(map(int, ROW.findall(whole)), default=0))
    if b"f>" in whole or b"<f " in whole:
        sheet.unsaved += len(UNSAVED.findall(whole))
    if b'hidden="' in whole:
        sheet.hidden_rows += map(int, HIDDEN.findall(whole))
    for letters, row in COLUMN.findall(whole):
        _widen(sheet, letters, row)
    if b"mergeCell " in whole:
        sheet.merged += [ref.decode() for ref in MERGE.findall(whole)]
    return piece[cut:]


def _widen(sheet: SheetScan, letters: bytes, row: bytes) -> None:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    if number > sheet.columns:
        sheet.columns, sheet.far = number, (letters + row).decode()
    sheet.rows = max(sheet.rows, int(row))


def _refuse_far(sheets: dict[str, SheetScan], file: str) -> None:
    for name, sheet in sheets.items():
        box = max(sheet.rows, 1) * max(sheet.columns, 26)
        if box > SPARSE and box > 50 * max(sheet.cells, 1):
            cell = sheet.far or f"A{sheet.rows}"
            raise Refused("far_cell", {"file": file, "sheet": name, "cells": sheet.cells, "cell": cell})
        if sheet.cells > MOST_CELLS:
            found = f"{sheet.cells} 个单元格 cells"
            raise Refused("too_large", {"file": file, "found": found, "limit": f"{MOST_CELLS} cells"})


def _name_sheets(archive: zipfile.ZipFile, names: list[str], parts: dict[str, SheetScan], found: Scan) -> None:
    """Bring sheet names and parts together by way of the workbook's relationships."""
    book = next(name for name in names if re.search(r"workbook\d*\.xml$", name, re.IGNORECASE))
    xml = archive.read(book).decode("utf-8", "replace")
    found.date_1904 = re.search(r'date1904="(?:1|true)"', xml) is not None
    rels = book.replace("\\", "/").rpartition("/")
    name = next((n for n in names if n.lower().endswith(f"_rels/{rels[2].lower()}.rels")), "")
    linked = archive.read(name).decode("utf-8", "replace") if name else ""
    targets = {}
    for link in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", linked):
        given = dict(re.findall(r'(\w+)="([^"]*)"', link))
        targets[given.get("Id", "")] = given.get("Target", "").rpartition("/")[2].lower()
    by_file = {part.rpartition("/")[2]: sheet for part, sheet in parts.items()}
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", xml):
        title = re.search(r'\bname="([^"]*)"', tag)
        link = re.search(r'\w+:id="([^"]*)"', tag)
        if title and link and (sheet := by_file.get(targets.get(link[1], ""))):
            found.sheets[unescape(title[1])] = sheet
