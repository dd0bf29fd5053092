"""The quarterly review pack for the head: KPIs, plan by rep, funnel, lost, new and endangered accounts; with charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import duckdb
from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.worksheet.worksheet import Worksheet

from kpi import overview
from kpi.catalogue import ORDER, metrics, reason
from kpi.funnel import funnel
from kpi.paper import html
from kpi.paper.sheets import MONEY, RATE, Value, a4, header, row, widths
from kpi.paper.words import word
from kpi.periods import previous
from kpi.rollup import value

QUARTERS = 8
FORMS = {"rate": RATE, "money": MONEY}
Section = tuple[str, list[tuple[str, str]], list[list[Any]]]


def gather(cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None, language: str) -> list[Section]:
    """Gather the pack on the viewer's cursor: sections of (name, columns as (label, kind), rows)."""
    return [
        _kpis(cur, quarter, dept, language),
        _plan(cur, quarter, dept, language),
        _funnel(cur, quarter, language),
        *(_accounts(cur, quarter, dept, language, name) for name in ("lost", "won")),
        _near(cur, quarter, dept, language),
    ]


def _kpis(cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None, language: str) -> Section:
    wanted = [previous(quarter, back) for back in range(QUARTERS - 1, -1, -1)]
    where = {"dept": dept} if dept else {}
    found = {name: {r["quarter"]: r["value"] for r in value(cur, name, by=("quarter",), where=where)} for name in ORDER}
    columns = [(word("quarter", language), ""), *((metrics()[name].title(language), "rate") for name in ORDER)]
    return "kpi", columns, [[label, *(found[name].get(label) for name in ORDER)] for label in wanted]


def _plan(cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None, language: str) -> Section:
    labels = [("rep_name", ""), ("actual", "money"), ("planned", "money"), ("gap", "money"), ("value", "rate")]
    rows = overview.gaps(cur, quarter, dept)
    cells = [[r["rep_name"] or r["rep"], r["numerator"], r["denominator"], r["gap"], r["value"]] for r in rows]
    return "plan", [(word(name, language), kind) for name, kind in labels], cells


def _funnel(cur: duckdb.DuckDBPyConnection, quarter: str, language: str) -> Section:
    start, end = cur.execute(
        "select min(period_start), max(period_end) from quarter where quarter between ? and ?",
        [previous(quarter, 3), quarter],
    ).fetchall()[0]
    labels = ("stage", "entered", "advanced", "terminated", "open")
    name = "name_en" if language == "en" else "name_zh"
    rows = funnel(cur, "five_stage", start, end, view="cohort")
    cells = [[r[name], *(r[key] for key in labels[1:])] for r in rows]
    return "funnel", [(word(key, language), "") for key in labels], cells


def _accounts(cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None, language: str, name: str) -> Section:
    labels = [("account", ""), ("rep_name", ""), ("last_order", ""), ("sales", "money"), ("reason", "")]
    rows = overview.listed(cur, name, quarter, dept)
    cells = [
        [
            r["account_name"] or r["account_id"],
            r["rep_name"],
            str(r.get("last_order") or ""),
            r["sales"],
            _why(r, language),
        ]
        for r in rows
    ]
    return name, [(word(label, language), kind) for label, kind in labels], cells


def _why(found: Mapping[str, Any], language: str) -> str:
    return reason(found["reason"], language, date=found["reason_date"])


def _near(cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None, language: str) -> Section:
    labels = ("account", "rep_name", "last_order", "days_left")
    rows = overview.listed(cur, "near_churn", quarter, dept)
    cells = [[r["account_name"] or r["account_id"], r["rep_name"], str(r["last_order"]), r["days_left"]] for r in rows]
    return "risks", [(word(name, language), "") for name in labels], cells


def workbook(sections: Sequence[Section], facts: Mapping[str, str], language: str) -> bytes:
    """Write the pack as a workbook, a sheet for each section, with charts of its KPIs, plan and funnel."""
    book = Workbook()
    book.remove(book.active)
    for name, columns, rows in sections:
        sheet = book.create_sheet(word(name, language)[:31].replace("：", " ").replace(":", " "))
        header(sheet, 1, [label for label, _ in columns])
        for at, cells in enumerate(rows, 2):
            row(sheet, at, [_cell(cell) for cell in cells], [FORMS.get(kind, "") for _, kind in columns], boxed=True)
        widths(sheet, [22] * len(columns))
        a4(sheet, "  ".join(f"{word(key, language)} {found}" for key, found in facts.items()), head_rows="1:1")
        _chart(sheet, name, len(rows), len(columns))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _cell(found: Any) -> Value:  # noqa: ANN401
    return found if found is None or isinstance(found, int | float | str) or hasattr(found, "quantize") else str(found)


def _chart(sheet: Worksheet, name: str, rows: int, columns: int) -> None:
    if not rows or name not in {"kpi", "plan", "funnel"}:
        return
    chart = LineChart() if name == "kpi" else BarChart()
    last = {"kpi": columns, "plan": 3, "funnel": columns}[name]
    chart.add_data(Reference(sheet, min_col=2, max_col=last, min_row=1, max_row=rows + 1), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=rows + 1))
    chart.width, chart.height = 26, 11
    sheet.add_chart(chart, f"A{rows + 4}")


def page(sections: Sequence[Section], facts: Mapping[str, str], language: str, quarter: str) -> str:
    """Give the pack as a print page, with a chart of the plan and of each KPI."""
    title = f"{word('pack', language)} · {quarter}"
    footer = " · ".join(f"{word(key, language)} {found}" for key, found in facts.items())
    body = [f"<section><h1>{title}</h1>"]
    for name, columns, rows in sections:
        body.append(f"<h2>{word(name, language)}</h2>")
        if not rows:
            body.append(f"<p>{word('none', language)}</p>")
            continue
        body.append(_drawn(name, columns, rows))
        shown = [[_shown(cell, kind) for cell, (_, kind) in zip(cells, columns, strict=True)] for cells in rows]
        body.append(html.table([label for label, _ in columns], shown))
    return html.document(title, footer, "".join([*body, "</section>"]), language)


def _drawn(name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> str:
    if name == "plan":
        texts = [f"{_shown(cells[4], 'rate')}" for cells in rows]
        return html.bars([str(c[0]) for c in rows], [float(c[1]) for c in rows], texts, [float(c[2]) for c in rows])
    if name == "funnel":
        return html.bars([str(c[0]) for c in rows], [float(c[1]) for c in rows], [str(c[1]) for c in rows])
    if name == "kpi":
        return "".join(
            f"<div class=keep><h3>{label}</h3>"
            + html.bars([str(c[0]) for c in rows], [c[at] or 0.0 for c in rows], [_shown(c[at], "rate") for c in rows])
            + "</div>"
            for at, (label, _) in enumerate(columns)
            if at
        )
    return ""


def _shown(found: Any, kind: str) -> str:  # noqa: ANN401
    if found is None:
        return "—"
    if kind == "rate":
        return f"{found * 100:.2f}%"
    return f"{found:,.2f}" if kind == "money" else str(found)
