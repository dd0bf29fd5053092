"""The workbook being written, and the closing numbers of a person as formulas over its sheet of scores."""

from __future__ import annotations

from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi.card import UNGRADED
from kpi.paper import formula
from kpi.paper.person import Person, Sheaf, number
from kpi.paper.sheets import Formula, Value
from kpi.paper.words import word

DATA = "Data"
SCORES = "Scores"


@dataclass
class Book:
    """A workbook being written: the sheaf, the sheets of rows and of scores, and where each person's scores stand."""

    sheaf: Sheaf
    book: Workbook
    data: Worksheet
    scores: Worksheet
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)

    def say(self, name: str, **values: object) -> str:
        """Give a word in the file's language."""
        return word(name, self.sheaf.language, **values)


def check(made: Book, found: str, screen: str) -> Formula:
    """Compare a cell with what the screen shows."""
    return Formula(f'IF(ABS(ROUND(ROUND({found},9),2)-{screen})<0.005,"{made.say("same")}","{made.say("different")}")')


def whole(each: Person, role: str) -> bool:
    """Tell whether an appraiser rated every item that counts."""
    counted = [item for item in each.card["items"] if item["rated"] or item["score"] is not None]
    return bool(counted) and all((item["metric"], role) in each.marks for item in counted)


def closing(made: Book, each: Person) -> dict[str, Value]:
    """Give the closing numbers of a person as formulas: system, M, H, final, grade and coefficient."""
    line, scheme = made.totals[each.card["rep_id"]], each.scheme
    both = whole(each, "head") and whole(each, "hr")
    final = f"ROUND(ROUND({scheme.head_share}*{SCORES}!M{line}+{scheme.hr_share}*{SCORES}!N{line},9),2)"
    judged = final if both else f"{SCORES}!K{line}"
    if each.beside.corrected:
        return _corrected(each, line)
    ungraded = bool(UNGRADED & set(each.card["flags"])) or (not both and each.card["total"] is None)
    return {
        "total_system": Formula(f"{SCORES}!K{line}") if each.card["total"] is not None else None,
        "total_head": Formula(f"{SCORES}!M{line}") if whole(each, "head") else None,
        "total_hr": Formula(f"{SCORES}!N{line}") if whole(each, "hr") else None,
        "final": Formula(final) if both else None,
        "grade": None if ungraded else Formula(formula.grade(scheme, judged)),
        "coefficient": None if ungraded else Formula(formula.grade(scheme, judged, coefficient=True)),
    }


def _corrected(each: Person, line: int) -> dict[str, Value]:
    """Give the closing numbers where a correction is in force: what two people signed, beside the formulas."""
    fixed = each.beside.corrected
    return {
        "total_system": Formula(f"{SCORES}!K{line}") if each.card["total"] is not None else None,
        "total_head": Formula(f"{SCORES}!M{line}") if whole(each, "head") else None,
        "total_hr": Formula(f"{SCORES}!N{line}") if whole(each, "hr") else None,
        "final": number(fixed["final"]),
        "grade": fixed.get("grade"),
        "coefficient": number(fixed.get("coefficient")),
    }


def footer(made: Book) -> str:
    """Give the line at the foot of every sheet."""
    return f"{made.say('hash')} {made.sheaf.facts['hash']}"
