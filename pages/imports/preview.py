"""One sheet before and after loading: what it was taken for, its columns, its faults, what changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd
import streamlit as st

from data.entity import Entity, entities
from loaders.returned import reason
from loaders.source import ANSWER
from pages.imports import questions, source
from pages.parts import formats
from pages.parts.table import Column, safe, table
from pages.parts.words import _, either, language, plain

ZEROS = re.compile(r"^(-?\d+)\.0+$|^(-?\d+\.\d*?[1-9])0+$")
AS_BEFORE = "*"
DOUBTS = frozenset({"doubled_rows", "two_columns", "values_do_not_fit"})
SURE, LIKELY = 0.8, 0.5
Changed: TypeAlias = "tuple[str, dict[str, str], dict[str, str]]"
Told: TypeAlias = "dict[str, Any]"
COUNTS = ("inserted", "changed", "unchanged", "rejected")


def heading(file: Mapping[str, Any]) -> str:
    """Return file, sheet and what it was taken for, with its counts."""
    name = f"{file['file']} · {file['sheet']}" if file["sheet"] else str(file["file"])
    entity = entities().get(file["entity"] or "")
    taken = entity.label(language()) if entity else _("未识别")
    return f"**{plain(name)}** → {taken}　{counts(file)}"


def counts(file: Mapping[str, Any]) -> str:
    """Word how many rows a sheet has and what became of them."""
    return _(
        "{rows} 行：新增 {inserted} · 变更 {changed} · 未变 {unchanged} · 退回 {rejected}",
        rows=formats.number(file["rows"]),
        **{key: formats.number(file[key]) for key in COUNTS},
    )


def sheet(file: Mapping[str, Any], key: str, *, editable: bool) -> Told | None:
    """Draw one sheet; return what a person said of it otherwise than it was taken, else None."""
    asks = any(note["code"].endswith("_question") or note["code"] in DOUBTS for note in file["notes"])
    asks = asks or (bool(file["source"]) and not file["mapping"]["remembered"] and "" in file["source"]["taken"])
    open_it = bool(file["errors"]) or not file["loaded"] or file["mapping"]["confidence"] < LIKELY or asks
    with st.expander(heading(file), expanded=open_it, icon=_icon(file)):
        _sureness(file)
        for note in file["notes"]:
            st.markdown(f":material/help: {plain(either(note['zh'], note['en']))}")
        shaped = bool(file["mapping"]["shape"])
        changed = _before_shape(file, key) if editable and shaped and file["source"] else None
        changed = _mapping(file, key, editable=editable and not shaped) or changed
        answers = questions.draw(file, key) if editable else {}
        errors(file["errors"], key)
        _changes(file)
    if changed is None and not answers:
        return None
    entity, fields, columns = changed or (AS_BEFORE, None, {})
    return {"entity": entity, "fields": None if entity == AS_BEFORE else fields, "answers": {**columns, **answers}}


def _before_shape(file: Mapping[str, Any], key: str) -> Changed | None:
    """Let a person say what the columns are before the shape takes the sheet apart; the result follows below."""
    entity, said = source.draw(file, key)
    st.markdown(f"**{_('拆开后')}**")
    if entity is not None:
        return entity, {}, {}
    return (AS_BEFORE, {}, said) if said else None


def _icon(file: Mapping[str, Any]) -> str:
    if not file["loaded"]:
        return ":material/block:"
    return ":material/warning:" if file["errors"] else ":material/check_circle:"


def _sureness(file: Mapping[str, Any]) -> None:
    mapping = file["mapping"]
    with st.container(horizontal=True, gap="xsmall"):
        if mapping["remembered"]:
            st.badge(_("按上次的确认"), color="blue", icon=":material/history:")
        elif mapping["entity"]:
            sure = mapping["confidence"]
            word = _("很有把握") if sure >= SURE else _("大致有把握") if sure >= LIKELY else _("没有把握，请核对")
            st.badge(f"{word} {sure:.0%}", color="blue" if sure >= LIKELY else "orange")
        if mapping["shape"]:
            st.badge(_("特殊版式，已自动拆成普通表"), color="gray")
        if not file["loaded"]:
            st.badge(_("不会载入"), color="orange")


def _mapping(file: Mapping[str, Any], key: str, *, editable: bool) -> Changed | None:
    """Draw the columns with their fields; return what a person picked otherwise."""
    mapping = file["mapping"]
    entity = _entity(mapping, key) if editable else mapping["entity"]
    if not entity:
        return ("", {}, {}) if editable and mapping["entity"] else None
    fields = {number: field for field, number in mapping["numbers"].items()} if entity == mapping["entity"] else {}
    labels = _labels(entities()[entity]) | source.roles([entity])
    rows = _rows(file, fields, labels)
    if not editable:
        st.dataframe(rows, hide_index=True, column_config=_columns(None))
        return None
    picked = st.data_editor(
        rows,
        hide_index=True,
        column_config=_columns(list(labels.values())),
        disabled=["column", "read", "typed"],
        key=f"{key}-{entity}-columns",
    )
    return _difference(mapping, entity, labels, list(picked["field"]))


def _entity(mapping: Mapping[str, Any], key: str) -> str:
    """Let a person pick what the sheet is; "" leaves it out."""
    known = ["", *entities()]
    picked: str = st.selectbox(
        _("这张表是"),
        known,
        index=known.index(mapping["entity"]) if mapping["entity"] in known else 0,
        key=f"{key}-entity",
        format_func=lambda name: entities()[name].label(language()) if name else _("跳过，不载入"),
        width=280,
    )
    return picked


def _labels(entity: Entity) -> dict[str, str]:
    """Return field -> label, with the field's name beside labels that occur twice; "" is an extra field."""
    said = [field.label(language()) for field in entity.fields.values()]
    labels = {"": _("（附加字段，原样保留）")}
    for name, field in entity.fields.items():
        label = field.label(language())
        labels[name] = f"{label} ({name})" if said.count(label) > 1 else label
    return labels


def _rows(file: Mapping[str, Any], fields: Mapping[int, str], labels: Mapping[str, str]) -> pd.DataFrame:
    samples = file["became"] or [{"read": row, "typed": {}} for row in file["sample"]]
    lines = []
    for number, header in enumerate(file["mapping"]["columns"]):
        field = fields.get(number, "")
        lines.append(
            {
                "column": safe(header or _("第 {number} 列", number=number + 1)),
                "field": labels.get(field, field),
                "read": _three([row["read"][number] for row in samples if number < len(row["read"])]),
                "typed": _three([row["typed"].get(field) for row in samples]) if field else "",
            }
        )
    return pd.DataFrame(lines, columns=["column", "field", "read", "typed"])


def _three(values: Sequence[str | None]) -> str:
    return safe(" ｜ ".join(_whole(value) for value in values))


def _whole(value: str | None) -> str:
    """Write a value without the decimals that only the store gave it."""
    return formats.NONE if value is None else ZEROS.sub(r"\1\2", value)


def _columns(options: list[str] | None) -> dict[str, Any]:
    field = st.column_config.SelectboxColumn if options is not None else st.column_config.TextColumn
    settings: dict[str, Any] = {"options": options, "required": True} if options is not None else {}
    return {
        "column": st.column_config.TextColumn(_("文件里的列"), pinned=True, width=150),
        "field": field(_("对应字段"), width=180, **settings),
        "read": st.column_config.TextColumn(_("前三行"), width=300),
        "typed": st.column_config.TextColumn(_("读成"), width=300),
    }


def _difference(
    mapping: Mapping[str, Any], entity: str, labels: Mapping[str, str], picked: Sequence[str]
) -> Changed | None:
    """Compare what was picked with what was proposed.

    Gives the entity, field -> header ("" for a field that lost its column), for a header that occurs twice which
    of its columns was meant, and what a column is besides a field.
    """
    names = {label: name for name, label in labels.items()}
    columns = list(mapping["columns"])
    chosen: dict[str, int] = {}
    for number, label in enumerate(picked):
        if name := names[label]:
            chosen.setdefault(name, number)
    known = entities()[entity].fields if entity else {}
    roles = {f"{ANSWER}{number}": name for name, number in chosen.items() if name not in known}
    told = {name: columns[number] for name, number in chosen.items() if name in known}
    twice = {f"column:{name}": str(chosen[name]) for name in told if columns.count(columns[chosen[name]]) > 1}
    meant = twice | roles
    if entity != mapping["entity"]:
        return entity, told, meant
    if chosen == mapping["numbers"]:
        return None
    return entity, told | {name: "" for name in mapping["fields"] if name not in told}, meant


def errors(found: Sequence[Mapping[str, Any]], key: str) -> None:
    """Draw the faults of a sheet: where, what stood there, why it was not taken."""
    if not found:
        return
    st.markdown(f"**{_('错误 {count} 处', count=len(found))}**")
    worded = [
        {
            **fault,
            "why": reason(fault["reason"], language()),
            "what": _("整行退回") if fault["rejected"] else _("此格留空"),
        }
        for fault in found
    ]
    columns = [
        Column("row", _("行"), "number", width=70),
        Column("column", _("列")),
        Column("value", _("原值")),
        Column("why", _("原因"), width=320),
        Column("what", _("处理")),
    ]
    table(worded, columns, key=f"{key}-errors")


def _changes(file: Mapping[str, Any]) -> None:
    if not file["changes"]:
        return
    entity = entities()[file["entity"]]
    lines = [
        {"key": change["key"], "field": _label(entity, name), "old": _whole(pair[0]), "new": _whole(pair[1])}
        for change in file["changes"]
        for name, pair in change["fields"].items()
    ]
    st.markdown(f"**{_('变更示例')}**")
    columns = [Column("key", _("编号")), Column("field", _("字段")), Column("old", _("原来")), Column("new", _("变为"))]
    table(lines, columns, key=f"changes-{file['file']}-{file['sheet']}-{file['table']}")


def _label(entity: Entity, name: str) -> str:
    field = entity.fields.get(name.removesuffix("_given"))
    return field.label(language()) if field else name
