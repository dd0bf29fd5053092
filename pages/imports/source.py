"""The columns of a sheet that a shape takes apart, as the file has them: what each is can be told before that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data.entity import entities
from loaders import shapes
from loaders.source import ANSWER, BY_SHAPE
from pages.parts import formats
from pages.parts.table import safe
from pages.parts.words import _, either, language

AS_TAKEN = "*"
SIDE_BY_SIDE = "beside"


def draw(file: Mapping[str, Any], key: str) -> tuple[str | None, dict[str, str]]:
    """Draw the columns before the shape; return another entity ("" leaves the sheet out), and what was said anew."""
    source = file["source"]
    st.markdown(
        f"**{_('文件里的列')}**",
        help=_("这张表的版式先按下面各列拆成普通表。哪一列认错了，在这里改，下次同样的表照此读取。"),
    )
    kind = _kind(source["kinds"], key)
    if kind != AS_TAKEN:
        return kind, {}
    labels = _labels(source)
    lines = [
        {
            "column": safe(header or _("第 {number} 列", number=number + 1)),
            "field": labels.get(source["taken"][number], source["taken"][number]),
            "read": safe(" ｜ ".join(row[number] or formats.NONE for row in source["sample"] if number < len(row))),
        }
        for number, header in enumerate(source["columns"])
    ]
    picked = st.data_editor(
        pd.DataFrame(lines, columns=["column", "field", "read"]),
        hide_index=True,
        column_config={
            "column": st.column_config.TextColumn(_("文件里的列"), pinned=True, width=150),
            "field": st.column_config.SelectboxColumn(
                _("对应字段"), width=180, options=list(labels.values()), required=True
            ),
            "read": st.column_config.TextColumn(_("前三行"), width=300),
        },
        disabled=["column", "read"],
        key=f"{key}-source",
    )
    names = {label: name for name, label in labels.items()}
    return None, said(source["taken"], [names[label] for label in picked["field"]], file["mapping"]["shape"])


def _kind(kinds: Sequence[str], key: str) -> str:
    """Let a person take the sheet for something else than what the shape made of it."""
    taken = "、".join(entities()[kind].label(language()) for kind in kinds if kind) or _("未识别")
    words = {AS_TAKEN: _("{kinds}（按版式拆开）", kinds=taken), "": _("跳过，不载入")}
    known = [AS_TAKEN, "", *entities()]
    picked: str = st.selectbox(
        _("这张表是"),
        known,
        key=f"{key}-kind",
        format_func=lambda name: words[name] if name in words else entities()[name].label(language()),
        width=320,
    )
    return picked


def _labels(source: Mapping[str, Any]) -> dict[str, str]:
    """Return role -> label of all that a column can be here, with the name beside labels that occur twice."""
    fields = {name: field for kind in source["kinds"] if kind for name, field in entities()[kind].fields.items()}
    written = [field.label(language()) for field in fields.values()]
    labels = {BY_SHAPE: _("（由版式读取）")} if BY_SHAPE in source["taken"] else {}
    labels |= {"": _("（附加字段，原样保留）")}
    for name, field in fields.items():
        label = field.label(language())
        labels[name] = f"{label} ({name})" if written.count(label) > 1 else label
    return labels | roles(source["kinds"])


def roles(kinds: Sequence[str]) -> dict[str, str]:
    """Return what a column of these entities can be besides a field: role -> label."""
    return {role: either(zh, en) for role, (kind, zh, en) in shapes.roles().items() if kind in kinds}


def said(taken: Sequence[str], picked: Sequence[str], shape: str) -> dict[str, str]:
    """Compare what was picked with what was taken; a field given to another column leaves the one that had it."""
    new = {number: name for number, name in enumerate(picked) if name not in {taken[number], BY_SHAPE}}
    moved = set(new.values()) - {""}
    left = {
        number: "" for number, name in enumerate(taken) if name in moved and number not in new and shape != SIDE_BY_SIDE
    }
    return {f"{ANSWER}{number}": name for number, name in (left | new).items()}
