"""The four KPI cards with their evidence, and links between the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from kpi import plan_periods, rollup
from kpi.catalogue import ORDER, metrics
from pages.parts import formats
from pages.parts.card import kpi_card
from pages.parts.evidence import evidence
from pages.parts.session import ask
from pages.parts.words import _, language


def history(name: str, rep: str | None, where: dict[str, str]) -> list[dict[str, Any]]:
    """Return a metric's values by quarter; those of plans that do not run by the calendar by the plans' periods."""
    if name == plan_periods.METRIC:
        return ask(plan_periods.by_quarter, rep, where)
    return ask(rollup.value, name, by=("quarter",), rep=rep, where=where)


def of_quarter(name: str, quarter: str, rep: str | None, where: dict[str, str]) -> dict[str, Any] | None:
    """Return a metric's value in one quarter; None where there is none."""
    return next((row for row in history(name, rep, where) if row["quarter"] == quarter), None)


def cards(quarter: str, rep: str | None, where: dict[str, str], whose: str) -> None:
    """Draw the four cards, equally high, and open the evidence of the one that was asked; `whose` heads the drawer."""
    asked = None
    with st.grid(4, min_column_width=250, gap="small"):
        for name in ORDER:
            notes = period_note(of_quarter(name, quarter, rep, where))
            if kpi_card(metrics()[name], history(name, rep, where), quarter, key=name, notes=notes):
                asked = name
    if asked:
        shown = of_quarter(asked, quarter, rep, where)
        period = (shown or {}).get("plan_period")
        time = {"plan_period": period} if period else {"quarter": quarter}
        found = ask(rollup.rows, asked, rep=rep, dept=where.get("dept"), **time)
        title = f"{metrics()[asked].title(language())} · {whose} · {formats.quarter(quarter, language())}"
        evidence(metrics()[asked], found, shown or {}, title)


def period_note(row: dict[str, Any] | None) -> list[str]:
    """Name the plan period that a number speaks for, where it is not the quarter."""
    if not row or not row.get("plan_period"):
        return []
    start, end = plan_periods.bounds(row["plan_period"])
    last = end - timedelta(days=1)
    return [_("计划期 {start} 至 {last}", start=formats.day(start), last=formats.day(last))]
