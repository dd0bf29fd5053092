"""The questions: a table of people by kinds, and the evidence rows of what is picked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from data.entity import entities
from kpi.flags import Detector, detectors, worded
from pages.parts.accounts import accounts
from pages.parts.evidence import source
from pages.parts.table import Column, height, table
from pages.parts.words import _, language, plain

NOBODY = ""


def questions(found: Sequence[dict[str, Any]]) -> None:
    """Draw people by kinds, then the rows of the person and the kind that are picked."""
    if not found:
        st.success(_("没有需要核实的地方。"), icon=":material/check_circle:")
        return
    kinds = [detector for name, detector in detectors().items() if any(row["detector"] == name for row in found)]
    rep = _people(found, kinds)
    kind = _kind(found, kinds)
    shown = [
        row
        for row in found
        if rep in {None, row["rep_id"] or NOBODY} and (kind is None or row["detector"] == kind.name)
    ]
    if kind:
        st.markdown(f"**{plain(kind.question(language()))}**")
        st.caption(_("疑问线：{line}", line=plain(kind.line(language()))))
    _rows(shown)


def _people(found: Sequence[dict[str, Any]], kinds: Sequence[Detector]) -> str | None:
    names = {row["rep_id"] or NOBODY: row["rep_name"] or row["rep_id"] or _("未归属") for row in found}
    counted = Counter((row["rep_id"] or NOBODY, row["detector"]) for row in found)
    whole = Counter(row["rep_id"] or NOBODY for row in found)
    order = sorted(names, key=lambda key: (-whole[key], key))
    rows = [
        {"name": names[key], "whole": whole[key]} | {kind.name: counted[key, kind.name] or None for kind in kinds}
        for key in order
    ]
    columns = [Column("name", _("专员"), width=90, pinned=True), Column("whole", _("合计"), "number", width=64)]
    columns += [
        Column(kind.name, kind.title(language()), "number", help=kind.question(language()), width=96) for kind in kinds
    ]
    st.subheader(_("按人和类别"), anchor=False, help=_("点一行只看这一位的。"))
    picked = table(rows, columns, key="flag-people", select=True, height=height(rows, 16))
    return None if picked is None else order[picked]


def _kind(found: Sequence[dict[str, Any]], kinds: Sequence[Detector]) -> Detector | None:
    counted = Counter(row["detector"] for row in found)
    named = {kind.name: kind for kind in kinds}
    picked = st.pills(
        _("类别"),
        list(named),
        format_func=lambda name: f"{named[name].title(language())} {counted[name]}",
        key="flag-kind",
        label_visibility="collapsed",
    )
    return named.get(picked or "")


def _rows(rows: Sequence[dict[str, Any]]) -> None:
    worded_rows = [_worded(row) for row in rows]
    columns = [
        Column("rep_name", _("专员"), width=80),
        Column("kind", _("类别"), width=110),
        Column("account_name", _("客户"), width=180),
        Column("account_id", _("客户编号"), width=90),
        Column("day", _("日期"), "date", width=95),
        Column("field", _("字段"), width=110),
        Column("why", _("请核实"), width=380),
        Column("source", _("来源"), width=280),
    ]
    if rows:
        st.caption(_("{count} 条。点一行打开客户档案。", count=len(rows)))
    none = _("这一位没有这一类的疑问。")
    accounts(worded_rows, columns, key="flag-rows", none=none, height=height(rows), file_name=_("数据质量"))


def _worded(row: dict[str, Any]) -> dict[str, Any]:
    kind = detectors()[row["detector"]].title(language())
    return row | {"kind": kind, "why": worded(row, language()), "field": _field(row["detail"]), "source": source(row)}


def _field(detail: str | None) -> str | None:
    entity, _dot, name = (detail or "").partition(".")
    known = entities().get(entity)
    return known.fields[name].label(language()) if known and name in known.fields else None
