"""The four KPI cards with their evidence, and links between the pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import rollup
from kpi.catalogue import ORDER, metrics
from pages.parts import formats
from pages.parts.card import kpi_card
from pages.parts.evidence import evidence
from pages.parts.links import open_account, open_rep
from pages.parts.session import ask
from pages.parts.words import language


__all__ = ["cards", "history", "of_quarter", "open_account", "open_rep"]


def history(name: str, rep: str | None, where: dict[str, str]) -> list[dict[str, Any]]:
    """Return a metric's values by quarter."""
    return ask(rollup.value, name, by=("quarter",), rep=rep, where=where)


def of_quarter(name: str, quarter: str, rep: str | None, where: dict[str, str]) -> dict[str, Any] | None:
    """Return a metric's value in one quarter; None where there is none."""
    return next((row for row in history(name, rep, where) if row["quarter"] == quarter), None)


def cards(quarter: str, rep: str | None, where: dict[str, str], whose: str) -> None:
    """Draw the four cards, equally high, and open the evidence of the one that was asked; `whose` heads the drawer."""
    asked = None
    with st.grid("auto", min_column_width=250, gap="small"):
        for name in ORDER:
            if kpi_card(metrics()[name], history(name, rep, where), quarter, key=name):
                asked = name
    if asked:
        shown = of_quarter(asked, quarter, rep, where)
        found = ask(rollup.rows, asked, quarter=quarter, rep=rep, dept=where.get("dept"))
        title = f"{metrics()[asked].title(language())} · {whose} · {formats.quarter(quarter, language())}"
        evidence(metrics()[asked], found, shown or {}, title)
