"""The workbook of an appraisal: forms and summary whose formulas compute every score from the rows beside them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi import exclusion
from kpi.afterwards import Row
from kpi.catalogue import metrics, reason
from kpi.paper import formula, notes
from kpi.paper.closing import DATA, SCORES, Book, check, closing, footer, whole
from kpi.paper.form_sheet import form
from kpi.paper.person import Person, Sheaf, number
from kpi.paper.sheets import MONEY, POINTS, RATE, Formula, Value, a4, fit, header, put, row, widths
from kpi.points import rounded

DATA_COLUMNS = ("rep_id", "item", "quarter", "account", "day", "reason", "numerator", "denominator")
PERSON_COLUMNS = ("rep_id", "rep_name", "item", "weight", "target")
SCORE_COLUMNS = (*PERSON_COLUMNS, "scored_numerator", "denominator", "scored_value", "year", "rule")
MARK_COLUMNS = ("system", "head", "hr", "screen", "check", "numerator", "value")


def workbook(sheaf: Sheaf) -> bytes:
    """Write the workbook: summary, a form for each person, scores, rows, and what the file is."""
    book = Workbook()
    summary = book.active
    made = Book(sheaf, book, book.create_sheet(DATA), book.create_sheet(SCORES))
    summary.title = made.say("summary")
    _data(made)
    _scores(made)
    _summary(made, summary)
    for each in sheaf.people:
        form(made, each)
    _about(made)
    book.move_sheet(SCORES, len(book.sheetnames))
    book.move_sheet(DATA, len(book.sheetnames))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _data(made: Book) -> None:
    """Write the contributions: which person and item, both numbers, and where each counts."""
    sheet = made.data
    header(
        sheet,
        1,
        [*(made.say(name) for name in DATA_COLUMNS), *map(made.say, ("scored_numerator", "in_quarter", "in_year"))],
    )
    line = 2
    for each in made.sheaf.people:
        for metric, rows in each.rows.items():
            based = {found.quarter for found in rows if found.denominator}
            for found in sorted(rows, key=lambda found: (found.quarter, found.day, found.account_id)):
                scored, why = found.scored, _why(made, each, metric, found)
                cells: list[Value] = [each.card["rep_id"], metric, found.quarter, found.account_id, found.day, why]
                own, year = found.quarter == each.card["quarter"], found.quarter in based
                cells += [found.numerator, found.denominator, scored, int(own), int(year)]
                row(sheet, line, cells, ["", "", "", "", "", "", MONEY, MONEY, MONEY])
                line += 1
    widths(sheet, (10, 20, 10, 14, 12, 36, 14, 14, 14, 10, 12))
    sheet.freeze_panes = "A2"
    a4(sheet, footer(made), head_rows="1:1")


def _why(made: Book, each: Person, metric: str, found: Row) -> str:
    """Say why a row counts as it does, and by which record a loss does not score."""
    why = reason(found.reason, made.sheaf.language, date=found.day)
    item = next(each for each in each.card["items"] if each["metric"] == metric)
    records = [r for r in item.get("excluded") or () if (r["account_id"], r["day"]) == (found.account_id, found.day)]
    causes = [exclusion.cause_words(record["cause"], made.sheaf.language) for record in records]
    return made.say("semicolon").join([why, *(made.say("excluded_cause", cause=cause) for cause in causes)])


def _summed(column: str, line: int, flag: str) -> str:
    """Sum a column of the rows over the person and item of a line where a flag column is 1."""
    return f"SUMIFS({DATA}!{column}:{column},{DATA}!A:A,A{line},{DATA}!B:B,L{line},{DATA}!{flag}:{flag},1)"


def _mean(line: int, last: int) -> str:
    ranges = f"({DATA}!$A$2:$A${last}=A{line})*({DATA}!$B$2:$B${last}=L{line})*({DATA}!$J$2:$J${last}=1)"
    safe = f"({DATA}!$H$2:$H${last}+({DATA}!$H$2:$H${last}=0))"
    counted = f"SUMPRODUCT({ranges}*({DATA}!$H$2:$H${last}<>0))"
    return f"SUMPRODUCT({ranges}*({DATA}!$H$2:$H${last}<>0)*{DATA}!$G$2:$G${last}/{safe})/{counted}"


def _scores(made: Book) -> None:
    sheet = made.scores
    header(sheet, 1, [made.say(name) for name in (*SCORE_COLUMNS, "system", "item", *MARK_COLUMNS[1:])])
    line = 2
    for each in made.sheaf.people:
        start = line
        for item in each.card["items"]:
            _score_line(made, each, item, line)
            line += 1
        made.spans[each.card["rep_id"]] = (start, line - 1)
        _total_line(made, each, line)
        line += 1
    widths(sheet, (10, 12, 26, 8, 10, 16, 16, 12, 12, 44, 12, 18, 10, 10, 12, 10, 16, 12))
    sheet.freeze_panes = "A2"
    a4(sheet, footer(made), head_rows="1:1")


def _score_line(made: Book, each: Person, item: Mapping[str, Any], line: int) -> None:
    title = item["title_en" if made.sheaf.language == "en" else "title_zh"]
    rule = item["en" if made.sheaf.language == "en" else "zh"]
    cells: list[Value] = [each.card["rep_id"], each.card["rep_name"], title, item["weight"]]
    cells += [None if item["rated"] else Decimal(item["target"]), *_inputs(made, each, item, line), rule]
    cells += [_system(each, item, line), item["metric"]]
    cells += [number(each.marks.get((item["metric"], role), {}).get("score")) for role in ("head", "hr")]
    screen = None if item["score"] is None else rounded(Decimal(item["score"]))
    cells += [screen, check(made, f"K{line}", f"O{line}") if screen is not None and not item["rated"] else None]
    cells += _headline(item, line)
    forms = ["", "", "", "0", RATE, MONEY, MONEY, RATE, RATE, "", POINTS, "", POINTS, POINTS, POINTS, "", MONEY, RATE]
    row(made.scores, line, cells, forms, boxed=True)
    fit(made.scores, line, [(title, 26), (rule, 44)])


def _by_plan(item: Mapping[str, Any]) -> bool:
    return item["metric"] == "new_development" and Decimal(item["target"]) == 1


def _inputs(made: Book, each: Person, item: Mapping[str, Any], line: int) -> list[Value]:
    """Write numerator, denominator, rate and year-to-date rate of a line as formulas over the rows."""
    if item["rated"] or item["denominator"] in {None, ""} or not Decimal(item["denominator"]):
        return [None, None, item["status"] if not item["rated"] else None, None]
    if _by_plan(item):
        reached = f"SUMIFS({DATA}!I:I,{DATA}!A:A,A{line},{DATA}!B:B,L{line})"
        return [Formula(reached), Decimal(item["denominator"]), Formula(f"F{line}/G{line}"), None]
    mean = metrics()[item["metric"]].rollup == "mean"
    rate = _mean(line, made.data.max_row) if mean else f"F{line}/G{line}"
    year = None
    if each.item(item).year_to_date_share and item["year_rate"] is not None:
        year = Formula(f"{_summed('I', line, 'K')}/{_summed('H', line, 'K')}")
    return [Formula(_summed("I", line, "J")), Formula(_summed("H", line, "J")), Formula(rate), year]


def _headline(item: Mapping[str, Any], line: int) -> list[Value]:
    """Write the numerator and the value that count everything, scored or not, as formulas over the rows."""
    if item["rated"] or item["denominator"] in {None, ""} or not Decimal(item["denominator"]):
        return [None, None]
    if metrics()[item["metric"]].rollup == "mean" or _by_plan(item):
        return [Formula(f"F{line}"), Formula(f"H{line}")]
    return [Formula(_summed("G", line, "J")), Formula(f"Q{line}/G{line}")]


def _system(each: Person, item: Mapping[str, Any], line: int) -> Value:
    if item["rated"] or item["score"] is None:
        return None
    cells = (f"H{line}", f"I{line}" if item["year_rate"] is not None else "", f"G{line}")
    lower = metrics()[item["metric"]].better == "lower"
    return Formula(formula.item_points(each.scheme, each.item(item), cells, lower=lower))


def _total_line(made: Book, each: Person, line: int) -> None:
    first, last = made.spans[each.card["rep_id"]]
    made.totals[each.card["rep_id"]] = line
    sheet = made.scores
    put(sheet, (line, 3), made.say("final"), bold=True)
    weights = f"$D${first}:$D${last}"
    graded = each.card["total"] is not None
    for column, shown in (("K", graded), ("M", whole(each, "head")), ("N", whole(each, "hr"))):
        if shown:
            scores = f"{column}${first}:{column}${last}"
            put(
                sheet,
                (line, "ABCDEFGHIJKLMN".index(column) + 1),
                Formula(formula.total(each.scheme, weights, scores)),
                POINTS,
                bold=True,
            )
    if graded:
        put(sheet, (line, 15), Decimal(each.card["total"]), POINTS)
        put(sheet, (line, 16), check(made, f"K{line}", f"O{line}"), bold=True)


def _summary(made: Book, sheet: Worksheet) -> None:
    names = ("rep_id", "rep_name", "role")
    shown = ("total_system", "total_head", "total_hr", "final", "grade", "coefficient")
    put(sheet, (1, 1), f"{made.say('form')} · {made.sheaf.quarter} · {made.say('summary')}", bold=True)
    sheet.merge_cells("A1:L1")
    header(sheet, 2, [*(made.say(name) for name in (*names, *shown, "screen", "check", "note"))])
    line = 3
    for line, each in enumerate(made.sheaf.people, 3):
        found = closing(made, each)
        cells: list[Value] = [
            each.card["rep_id"],
            each.card["rep_name"],
            each.card["role"],
            *(found[name] for name in shown),
        ]
        screen = number(each.card["total"])
        cells += [screen, check(made, f"D{line}", f"J{line}") if screen is not None else None]
        noted = made.say("semicolon").join(notes.of(each, made.sheaf.language))
        row(sheet, line, [*cells, noted], ["", "", "", *[POINTS] * 4, "", POINTS, POINTS], boxed=True)
        fit(sheet, line, [(noted, 60)])
    _spread(made, sheet, line + 2)
    widths(sheet, (10, 12, 10, 12, 12, 12, 12, 8, 10, 12, 10, 60))
    sheet.freeze_panes = "A3"
    a4(sheet, footer(made), head_rows="2:2")


def _spread(made: Book, sheet: Worksheet, line: int) -> None:
    """Count the grades, as formulas over the summary."""
    grades = sorted({band.grade for each in made.sheaf.people for band in each.scheme.bands})
    for at, grade in enumerate(grades):
        put(sheet, (line, 1 + 2 * at), f"{made.say('grade')} {grade}")
        put(sheet, (line, 2 + 2 * at), Formula(f'COUNTIF(H3:H{line - 2},"{grade}")'))


def _about(made: Book) -> None:
    sheet = made.book.create_sheet(made.say("about"))
    for line, (name, found) in enumerate(made.sheaf.facts.items(), 1):
        row(sheet, line, [made.say(name), found])
    widths(sheet, (16, 90))
    a4(sheet, footer(made))
