"""The form of one person as a sheet (domain.md §4.6): items, closing numbers, notes, comments, signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil
from typing import Any

from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from kpi.paper import notes
from kpi.paper.closing import SCORES, Book, check, closing, footer
from kpi.paper.person import Person, number
from kpi.paper.sheets import BOX, HEAD, MONEY, POINTS, RATE, Formula, Value, a4, header, put, row, widths

WIDTHS = (5, 20, 8, 9, 13, 13, 10, 17, 10, 36, 10, 10, 10, 10, 26)
TEXTS = (1, 9, 14)
WIDE_FROM = 0x2E7F
FORM_COLUMNS = (
    "no",
    "item",
    "weight",
    "target",
    "numerator",
    "denominator",
    "value",
    "interval",
    "scored_value",
    "rule",
    "system",
    "head",
    "hr",
    "weighted",
    "note",
)


def form(made: Book, each: Person) -> None:
    """Write the form of a person (domain.md §4.6)."""
    name = re.sub(r"[\[\]:*?/\\]", " ", f"{each.card['rep_id']} {each.card['rep_name']}")[:31]
    sheet = made.book.create_sheet(name)
    put(sheet, (1, 1), made.say("form"), bold=True)
    facts = [
        ("quarter", made.sheaf.quarter),
        ("scheme", f"{each.scheme.label(made.sheaf.language)} ({each.scheme.name})"),
    ]
    facts += [
        ("as_of", made.sheaf.facts["as_of"]),
        ("rep_name", each.card["rep_name"]),
        ("rep_id", each.card["rep_id"]),
    ]
    facts += [("role", each.card["role"]), ("dept", each.card["dept"]), ("manager", each.card.get("manager") or "—")]
    put(sheet, (2, 1), "　".join(f"{made.say(key)}{made.say('colon')}{found}" for key, found in facts))
    for at in (1, 2):
        sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=len(FORM_COLUMNS))
    sheet.row_dimensions[2].height = 30
    header(sheet, 4, [made.say(column) for column in FORM_COLUMNS])
    first, last = made.spans[each.card["rep_id"]]
    counted = f"SUMPRODUCT({SCORES}!$D${first}:$D${last},--ISNUMBER({SCORES}!$K${first}:$K${last}))"
    line = 5
    for at, item in enumerate(each.card["items"]):
        cells = _form_cells(made, each, item, (at, first + at, counted))
        row(sheet, line, cells, FORM_FORMS, boxed=True)
        sheet.row_dimensions[line].height = _tall(max(_lines(str(cells[at] or ""), WIDTHS[at]) for at in TEXTS))
        line += 1
    _closing_block(made, each, sheet, line + 1)
    widths(sheet, WIDTHS)
    a4(sheet, footer(made))


FORM_FORMS = ["0", "", "0", RATE, MONEY, MONEY, RATE, "", RATE, "", POINTS, POINTS, POINTS, POINTS, ""]


def _form_cells(made: Book, each: Person, item: Mapping[str, Any], where: tuple[int, int, str]) -> list[Value]:
    at, line, counted = where
    live = item["score"] is not None and not item["rated"]
    interval = None
    if item["low"] is not None:
        interval = f"[{item['low'] * 100:.2f}%, {item['high'] * 100:.2f}%]"
    cells: list[Value] = [at + 1, item["title_en" if made.sheaf.language == "en" else "title_zh"], item["weight"]]
    cells += [None if item["rated"] else Decimal(item["target"])]
    cells += [
        Formula(f"{SCORES}!{column}{line}") if not item["rated"] and item["denominator"] else None for column in "QGR"
    ]
    cells += [interval, Formula(f"{SCORES}!H{line}") if not item["rated"] and item["denominator"] else None]
    cells += [item["en" if made.sheaf.language == "en" else "zh"]]
    cells += [Formula(f"{SCORES}!K{line}") if live else None]
    cells += [number(each.marks.get((item["metric"], role), {}).get("score")) for role in ("head", "hr")]
    cells += [
        Formula(f"C{at + 5}*K{at + 5}/{counted}") if live else None,
        notes.of_item(each, item, made.sheaf.language),
    ]
    return cells


CLOSING = ("total_system", "total_head", "total_hr", "final", "grade", "coefficient")


def _closing_block(made: Book, each: Person, sheet: Worksheet, line: int) -> None:
    found = closing(made, each)
    for at, name in enumerate(CLOSING):
        put(sheet, (line, 2 + 2 * at), made.say(name), bold=True)
        put(sheet, (line, 3 + 2 * at), found[name], POINTS)
        sheet.cell(line, 3 + 2 * at).alignment = Alignment(horizontal="right", vertical="center")
    _check_row(made, each, sheet, line + 1)
    blocks: Sequence[tuple[str, str]] = notes.blocks(each, made.sheaf.language)
    for offset, (title, text) in enumerate(blocks, 3):
        _block(sheet, line + offset, title, text)
    for name, (first, last) in zip(("sign_own", "sign_head", "sign_hr"), ((2, 5), (6, 9), (10, 15)), strict=True):
        at = line + len(blocks) + 4
        put(sheet, (at, first), f"{made.say(name)}{made.say('colon')}____________________")
        sheet.merge_cells(start_row=at, start_column=first, end_row=at, end_column=last)
        sheet.row_dimensions[at].height = _tall(1)


def _block(sheet: Worksheet, line: int, title: str, text: str) -> None:
    """Write one block in a box across the page: its title, and its text in as many lines as it takes."""
    put(sheet, (line, 2), title, bold=True)
    put(sheet, (line, 3), text)
    for column in range(2, len(FORM_COLUMNS) + 1):
        sheet.cell(line, column).border = BOX
    sheet.cell(line, 2).fill = HEAD
    _spanned(sheet, line, 3)
    sheet.row_dimensions[line].height = _tall(max(2, _lines(text, sum(WIDTHS[2:]))))


def _check_row(made: Book, each: Person, sheet: Worksheet, line: int) -> None:
    """Write the check against the screen, and the difference to the quarter before as a formula."""
    screen = number(each.card["total"])
    if screen is not None:
        put(sheet, (line, 2), made.say("check"), bold=True)
        put(sheet, (line, 3), check(made, f"C{line - 1}", f"E{line}"))
        put(sheet, (line, 4), made.say("screen"))
        put(sheet, (line, 5), screen, POINTS)
    before = each.beside.difference
    put(sheet, (line, 6), made.say("change"), bold=True)
    if before is not None:
        now = f"{'I' if before.final else 'C'}{line - 1}"
        put(sheet, (line, 7), Formula(f"ROUND({now}-{before.before},2)"), "+0.00;-0.00;0.00")
    put(sheet, (line, 8), notes.compared(each, made.sheaf.language))
    _spanned(sheet, line, 8)


def _spanned(sheet: Worksheet, line: int, first: int) -> None:
    sheet.merge_cells(start_row=line, start_column=first, end_row=line, end_column=len(FORM_COLUMNS))


def _lines(text: str, width: float) -> int:
    """Count the lines that a text takes in a width: a Chinese sign is as wide as two others."""
    wide = sum(2 if ord(sign) > WIDE_FROM else 1 for sign in text)
    return max(1, ceil(wide * 1.15 / width))


def _tall(lines: int) -> float:
    return 15 * lines + 4
