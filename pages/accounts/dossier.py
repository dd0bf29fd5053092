"""The account's file by sections, with what is due and missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from data.entity import Field, entities
from kpi import account_file
from kpi.catalogue import reason
from pages.parts import formats
from pages.parts.session import ask
from pages.parts.words import _, language, mark, plain

SECTIONS = {"A1": mark("基本情况"), "A2": mark("需求与决策"), "A3": mark("评估与开发"), "": mark("其他")}
Judged = dict[tuple[str, str], dict[str, Any]]


def draw(found: dict[str, Any], account_id: str) -> None:
    """Draw the sections of the account itself, then a section for each kind of related row."""
    judged = ask(account_file.fields, account_id)
    due = sum(row["weight"] for row in judged.values() if row["due_on"])
    filled = sum(row["weight"] for row in judged.values() if row["due_on"] and row["filled"])
    st.subheader(_("客户档案"), anchor=False)
    if due:
        st.caption(
            _(
                "到期 {due} 分，已填 {filled} 分，完整率 {rate}。",
                due=due,
                filled=filled,
                rate=formats.rate(filled / due),
            )
        )
    with st.grid("auto", min_column_width=330, gap="small"):
        for stage, title in SECTIONS.items():
            fields = [field for field in entities()["account"].fields.values() if field.stage == stage]
            _section(_(title), [_line("account", field, found, judged) for field in fields])
        extras = ask(account_file.extras, account_id)
        _section(_("附加字段"), [f":gray[{plain(name)}] {plain(said)}" for name, said in extras.items()])
        for name in account_file.DETAILS:
            _related(name, account_id, judged)


def _section(title: str, lines: Iterable[str]) -> None:
    shown = [line for line in lines if line]
    if shown:
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(f"**{title}**")
            st.markdown("  \n".join(shown))


def _related(name: str, account_id: str, judged: Judged) -> None:
    entity = entities()[name]
    rows = ask(account_file.rows_of, name, account_id)
    lines = []
    for number, row in enumerate(rows or [{}], 1):
        if len(rows) > 1:
            lines.append(f":gray[{number}]")
        lines += [_line(name, field, row, judged if number == 1 else {}) for field in entity.fields.values()]
    _section(entity.label(language()), lines)


def _line(entity: str, field: Field, row: dict[str, Any], judged: Judged) -> str:
    """Word one field: its value, or that it is due and missing with its points; nothing where it is neither."""
    if field.visibility == "S" or field.refers == "account" or (field.name == "account_name" and entity != "account"):
        return ""
    rule = judged.get((entity, field.name), {})
    label = f":gray[{plain(field.label(language()))}] "
    due = rule.get("due_on") and not rule["filled"]
    if due:
        why = reason(rule["reason"], language()) if rule["reason"] not in {None, "blank"} else _("到期未填")
        value = row.get(field.name)
        given = f"{_word(value, field)} " if value is not None else ""
        return label + given + f":orange[{why} · −{rule['weight']} {_('分')}]"
    if row.get(field.name) is not None:
        return label + _word(row[field.name], field)
    return label + f":gray[{_('已填，不显示')}]" if rule.get("filled") else ""


def _word(value: Any, field: Field) -> str:  # noqa: ANN401 - a cell of any type
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, (date, datetime)):
        return formats.day(value)
    if field.type == "money":
        return plain(formats.money(value, language()))
    if isinstance(value, Decimal):
        return formats.number(value, 0 if value == value.to_integral_value() else 2)
    return plain(value)
