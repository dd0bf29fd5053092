"""What came in for an account: orders, payments, visits, complaints."""

from __future__ import annotations

from typing import Any

import streamlit as st

from data.entity import Field, entities
from kpi import account_file
from pages.parts.session import ask
from pages.parts.table import Column, table
from pages.parts.words import _, language

KINDS = {"money": "money", "date": "date", "datetime": "moment", "number": "decimal", "int": "number"}
LEFT_OUT = {"account_id", "account_name", "rep_name", "lng", "lat"}


def draw(account_id: str) -> None:
    """Draw one tab for each kind of row."""
    rows = {name: ask(account_file.rows_of, name, account_id) for name in account_file.SIGNS}
    titles = [f"{entities()[name].label(language())} {len(found)}" for name, found in rows.items()]
    st.subheader(_("往来"), anchor=False)
    for tab, (name, found) in zip(st.tabs(titles), rows.items(), strict=True):
        with tab:
            _rows(name, found, account_id)


def _rows(name: str, found: list[dict[str, Any]], account_id: str) -> None:
    if not found:
        st.caption(_("没有您可以看到的{kind}记录。", kind=entities()[name].label(language())))
        return
    held = {key for row in found for key, value in row.items() if value is not None}
    columns = [
        Column(field.name, _label(field), KINDS.get(field.type, "text"))
        for field in entities()[name].fields.values()
        if field.name in held - LEFT_OUT
    ]
    label = entities()[name].label(language())
    table(
        found, columns, key=f"came-in-{name}", height=320 if len(found) > 8 else None, file_name=f"{account_id} {label}"
    )


def _label(field: Field) -> str:
    unit = _("(元)") if field.type == "money" else ""
    return field.label(language()) + unit
