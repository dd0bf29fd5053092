"""What the values of a sheet leave open, asked beside it: the order of day and month, decimal mark, percent, unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from data.entity import entities
from loaders.match import ANSWERS
from pages.parts.words import _, language, mark

LABELS = {
    "date_order": mark("日期的写法"),
    "decimal_mark": mark("小数点的写法"),
    "percent_scale": mark("百分比的写法"),
}
CHOICES = {
    "dmy": mark("日-月-年"),
    "mdy": mark("月-日-年"),
    "ymd": mark("年-月-日"),
    ".": mark("小数点是 ."),
    ",": mark("小数点是 ,"),
    "fraction": mark("小数：0.875 是 87.5%"),
    "percent": mark("百分数：87.5 是 87.5%"),
}


def draw(file: Mapping[str, Any], key: str) -> dict[str, str]:
    """Draw the questions of a sheet and those answered before; return the answers that differ from now."""
    entity = entities().get(file["mapping"]["entity"] or "")
    if entity is None:
        return {}
    now = file["mapping"]["options"]
    asked = [f"{note['code'].removesuffix('_question')}:{note['field']}" for note in file["notes"] if note.get("field")]
    answered = [name for name in now if name.partition(":")[0] in LABELS and name.partition(":")[2] in entity.fields]
    said = {}
    for name in dict.fromkeys([*asked, *answered]):
        kind, _colon, field = name.partition(":")
        label = f"{_(LABELS[kind])} · {entity.fields[field].label(language())}"
        if answer := _choice(label, kind, now.get(name), f"{key}-{name}"):
            said[name] = answer
    if any(entity.fields[name].type == "money" for name in file["mapping"]["numbers"] if name in entity.fields):
        said["unit"] = _unit(now, key)
    return {name: answer for name, answer in said.items() if answer != now.get(name, "元" if name == "unit" else None)}


def _choice(label: str, kind: str, now: str | None, key: str) -> str | None:
    answer: str | None = st.segmented_control(
        label, ANSWERS[kind], default=now, format_func=lambda value: _(CHOICES[value]), key=key
    )
    return answer


def _unit(now: Mapping[str, str], key: str) -> str:
    units = list(ANSWERS["unit"])
    columns = "、".join(f"{name.partition(':')[2]}={unit}" for name, unit in now.items() if name.startswith("unit:"))
    picked: str = st.selectbox(
        _("金额单位"),
        units,
        index=units.index(now["unit"]) if now.get("unit") in units else 0,
        key=f"{key}-unit",
        width=160,
        help=_("表头自己写明单位的列以表头为准。") + (f" {columns}" if columns else ""),
    )
    return picked
