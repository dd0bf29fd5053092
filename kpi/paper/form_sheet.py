"""The form of one person as a sheet (domain.md §4.6): items, closing numbers, notes, comments, signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from kpi.paper import notes
from kpi.paper.closing import SCORES, Book, check, closing, footer
from kpi.paper.person import Person, number
from kpi.paper.sheets import (
    BOX,
    FONT,
    MONEY,
    POINTS,
    RATE,
    Formula,
    Value,
    a4,
    boxed,
    fit,
    head_cell,
    header,
    put,
    row,
    widths,
)

WIDTHS = (5, 20, 9, 10, 13, 13, 10, 18, 10, 34, 10, 10, 10, 10, 26)
LAST = len(WIDTHS)
CHANGE = "+0.00;-0.00;0.00"
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
    put(sheet, (1, 1), made.say("form"))
    sheet["A1"].font = Font(name=FONT, size=15, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height = 28
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
    counted = counted if each.scheme.na_policy == "reweight" else "100"
    line = 5
    for at, item in enumerate(each.card["items"]):
        cells = _form_cells(made, each, item, (at, first + at, counted))
        row(sheet, line, cells, FORM_FORMS, boxed=True)
        fit(sheet, line, [(text, WIDTHS[place]) for place, text in enumerate(cells) if type(text) is str], 20)
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
        _pair(sheet, (line, 2 + 2 * at), made.say(name), found[name], POINTS)
    _check_row(made, each, sheet, line + 1)
    for place in (line, line + 1):
        sheet.row_dimensions[place].height = 32
    blocks: Sequence[tuple[str, str]] = notes.blocks(each, made.sheaf.language)
    for offset, (title, text) in enumerate(blocks, 3):
        head_cell(sheet, (line + offset, 2), title)
        put(sheet, (line + offset, 3), text)
        boxed(sheet, line + offset, 3, LAST)
        fit(sheet, line + offset, [(title, WIDTHS[1]), (text, sum(WIDTHS[2:]))], 30)
    signs = line + len(blocks) + 4
    sheet.row_dimensions[signs].height = 30
    for name, (start, end) in (("sign_own", (2, 5)), ("sign_head", (6, 9)), ("sign_hr", (10, LAST))):
        put(sheet, (signs, start), f"{made.say(name)}{made.say('colon')}____________________")
        sheet.merge_cells(start_row=signs, start_column=start, end_row=signs, end_column=end)


def _pair(sheet: Worksheet, at: tuple[int, int], label: str, value: Value, form: str = "") -> None:
    """Write a label and, to its right, its value, both in boxes."""
    line, column = at
    head_cell(sheet, at, label)
    put(sheet, (line, column + 1), value, form)
    sheet.cell(line, column + 1).border = BOX
    sheet.cell(line, column + 1).alignment = Alignment(horizontal="right", vertical="center")


def _check_row(made: Book, each: Person, sheet: Worksheet, line: int) -> None:
    """Write the check against the screen, and the difference to the quarter before as a formula."""
    screen = number(each.card["total"])
    if screen is not None:
        _pair(sheet, (line, 2), made.say("check"), check(made, f"C{line - 1}", f"E{line}"))
        _pair(sheet, (line, 4), made.say("screen"), screen, POINTS)
    before = each.beside.difference
    now = f"{'I' if before and before.final else 'C'}{line - 1}"
    moved = Formula(f"ROUND({now}-{before.before},2)") if before else "—"
    _pair(sheet, (line, 6), made.say("change"), moved, CHANGE)
    put(sheet, (line, 8), notes.compared(each, made.sheaf.language))
    boxed(sheet, line, 8, LAST)
