"""Print pages: the form of each person, and the review pack, as one HTML document set for A4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from kpi.card import UNGRADED, whole_weight
from kpi.paper import notes
from kpi.paper.form_sheet import FORM_COLUMNS
from kpi.paper.person import Person, Sheaf, number
from kpi.paper.words import word
from kpi.points import band, final, rounded, total

STYLE = """
@page { size: A4 landscape; margin: 12mm 10mm 16mm;
        @bottom-left { content: "FOOTER"; font: 8pt sans-serif; color: #555 }
        @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #555 } }
* { box-sizing: border-box } html { -webkit-print-color-adjust: exact }
body { font: 8.5pt/1.4 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: #17212b; margin: 0 }
section { break-after: page } section:last-child { break-after: auto }
h1 { font-size: 15pt; text-align: center; margin: 0 0 3mm } h2 { font-size: 11pt; margin: 5mm 0 2mm }
p.facts { margin: 0 0 3mm } p.facts span { margin-right: 6mm; white-space: nowrap }
table { border-collapse: collapse; width: calc(100% - 0.5mm); margin-bottom: 3mm } tr { break-inside: avoid }
th, td { border: 0.25mm solid #9aa5b1; padding: 1.2mm 1.5mm; vertical-align: middle; text-align: left }
th { background: #eef2f6; font-weight: 600; white-space: nowrap } td.n { text-align: right; white-space: nowrap }
td.rule { font-size: 7.5pt; line-height: 1.3; min-width: 38mm } td:nth-child(2) { min-width: 20mm }
div.keep { break-inside: avoid } table.block td:first-child { width: 32mm; background: #eef2f6 }
td.room { height: 9mm } p.sign { display: flex; justify-content: space-between; margin: 5mm 0 0 }
figure { margin: 0 0 4mm }
svg { width: 100%; height: auto } svg text { font: 10px "Noto Sans CJK SC", sans-serif; fill: #17212b }
"""


def document(title: str, footer: str, body: str, language: str) -> str:
    """Give a whole HTML document; `footer` stands on every page."""
    style = STYLE.replace("FOOTER", footer.replace("\\", "").replace('"', "").replace("<", ""))
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{style}</style>'
    tongue = "en" if language == "en" else "zh-CN"
    return f'<!doctype html><html lang="{tongue}"><head>{head}</head><body>{body}</body></html>'


def forms(sheaf: Sheaf) -> str:
    """Give the forms of all people of a sheaf, one page each (domain.md §4.6)."""
    footer = (
        f"{word('hash', sheaf.language)} {sheaf.facts['hash']} · {word('made', sheaf.language)} {sheaf.facts['made']}"
    )
    title = word("form", sheaf.language)
    return document(title, footer, "".join(_form(sheaf, each) for each in sheaf.people), sheaf.language)


def _form(sheaf: Sheaf, each: Person) -> str:
    card = each.card

    def say(name: str) -> str:
        return word(name, sheaf.language)

    facts = [(say("quarter"), sheaf.quarter), (say("scheme"), each.scheme.label(sheaf.language))]
    facts += [(say("as_of"), sheaf.facts["as_of"]), (say("version"), sheaf.facts["version"])]
    facts += [(say(key), card[key]) for key in ("rep_name", "rep_id", "role", "dept")]
    facts.append((say("manager"), card.get("manager") or "—"))
    told = "".join(f"<span>{escape(name)}{say('colon')}{escape(str(found))}</span>" for name, found in facts)
    rows = "".join(_item(each, item, at, sheaf.language) for at, item in enumerate(card["items"], 1))
    heads = "".join(f"<th>{escape(say(name))}</th>" for name in FORM_COLUMNS)
    blocks = "".join(
        f"<tr><td>{escape(name)}</td><td class=room>{escape(text)}</td></tr>"
        for name, text in notes.blocks(each, sheaf.language)
    )
    signs = "".join(
        f"<span>{escape(say(name))}{say('colon')}____________________</span>"
        for name in ("sign_own", "sign_head", "sign_hr")
    )
    return (
        f"<section><h1>{escape(say('form'))}</h1><p class=facts>{told}</p><table><tr>{heads}</tr>{rows}</table>"
        f"{_closing(each, sheaf.language)}<table class=block>{blocks}</table><p class=sign>{signs}</p></section>"
    )


def _item(each: Person, item: Mapping[str, Any], at: int, language: str) -> str:
    english = language == "en"
    weight = whole_weight(each.scheme.na_policy, each.card["effective_weight"])
    score = number(item["score"])
    marks = [number(each.marks.get((item["metric"], role), {}).get("score")) for role in ("head", "hr")]
    low = "" if item["low"] is None else f"[{item['low'] * 100:.2f}%, {item['high'] * 100:.2f}%]"
    cells = [str(at), item["title_en" if english else "title_zh"], str(item["weight"])]
    cells += ["" if item["rated"] else _rate(item["target"]), _count(item["numerator"]), _count(item["denominator"])]
    cells += ["" if item["value"] is None else _rate(item["value"]), low]
    cells += [_scored(item), item["en" if english else "zh"]]
    cells += [_points(score), *map(_points, marks)]
    cells += [_points(None if score is None or not weight else item["weight"] * score / weight)]
    cells += [notes.of_item(each, item, language)]
    kinds = ["n", "", "n", "n", "n", "n", "n", "n", "n", "rule", "n", "n", "n", "n", "rule"]
    return "<tr>" + "".join(f'<td class="{k}">{escape(c)}</td>' for k, c in zip(kinds, cells, strict=True)) + "</tr>"


def _scored(item: Mapping[str, Any]) -> str:
    """Give the rate that was scored, where there is a value."""
    return "" if item["rated"] or item["rate"] is None else _rate(item["rate"])


def _rate(found: object) -> str:
    return f"{rounded(Decimal(str(found)) * 100)}%"


def _count(found: object) -> str:
    value = number(found)
    if value is None:
        return ""
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{rounded(value):,}"


def _points(found: Decimal | None) -> str:
    return "" if found is None else str(rounded(found))


def _closing(each: Person, language: str) -> str:
    found = closing(each)
    cells = "".join(
        f"<th>{escape(word(name, language))}</th><td class=n>{escape(text)}</td>" for name, text in found.items()
    )
    beside = f"<p class=facts>{escape(word('compared', language))}{word('colon', language)}"
    return f"<table><tr>{cells}</tr></table>{beside}{escape(notes.compared(each, language))}</p>"


def closing(each: Person) -> dict[str, str]:
    """Give the closing numbers as they are printed: system total, M, H, final, grade, coefficient, difference.

    A correction in force counts before what the ratings come to.
    """
    fixed = each.beside.corrected
    totals = {role: _total(each, role) for role in ("head", "hr")}
    both = final(each.scheme, totals["head"], totals["hr"]) if totals["head"] and totals["hr"] else None
    system = number(each.card["total"])
    judged = both if both is not None else system
    graded = None if judged is None or UNGRADED & set(each.card["flags"]) else band(each.scheme, judged)
    return {
        "total_system": _points(system),
        "total_head": _points(totals["head"]),
        "total_hr": _points(totals["hr"]),
        "final": _points(number(fixed["final"]) if fixed else both),
        "grade": str(fixed.get("grade") or "") if fixed else graded.grade if graded else "",
        "coefficient": str(fixed.get("coefficient") or "") if fixed else str(graded.coefficient) if graded else "",
        "change": f"{each.beside.difference.moved:+.2f}" if each.beside.difference else "—",
    }


def _total(each: Person, role: str) -> Decimal | None:
    marks: list[tuple[int, Decimal | None]] = []
    for item in each.card["items"]:
        counts = item["rated"] or item["score"] is not None
        mark = number(each.marks.get((item["metric"], role), {}).get("score")) if counts else None
        if counts and mark is None:
            return None
        marks.append((item["weight"], mark))
    summed = total(each.scheme, marks)
    return None if summed is None else rounded(summed)


def table(labels: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a plain table; cells that read as numbers stand on the right."""
    heads = "".join(f"<th>{escape(label)}</th>" for label in labels)
    body = "".join(
        "<tr>"
        + "".join(f'<td class="{"n" if c[:1].isdigit() or c[:1] in "-−¥" else ""}">{escape(c)}</td>' for c in row)
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{heads}</tr>{body}</table>"


def bars(
    labels: Sequence[str], values: Sequence[float], texts: Sequence[str], marks: Sequence[float | None] = ()
) -> str:
    """Draw horizontal bars as SVG; a mark is a tick, such as a plan."""
    top = max([1e-9, *values, *(mark for mark in marks if mark)])
    parts = []
    for at, (label, value, text) in enumerate(zip(labels, values, texts, strict=True)):
        y, long = 18 * at + 4, 430 * max(value, 0) / top
        parts.append(f'<text x="128" y="{y + 9}" text-anchor="end">{escape(label)}</text>')
        parts.append(f'<rect x="134" y="{y}" width="{long:.1f}" height="11" fill="#1769b5"/>')
        mark = marks[at] if at < len(marks) else None
        if mark:
            parts.append(f'<rect x="{134 + 430 * mark / top:.1f}" y="{y - 2}" width="1.6" height="15" fill="#17212b"/>')
        parts.append(f'<text x="{570}" y="{y + 9}">{escape(text)}</text>')
    return f'<figure><svg viewBox="0 0 760 {18 * len(labels) + 8}" role="img">{"".join(parts)}</svg></figure>'
