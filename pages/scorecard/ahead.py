"""Where an unfinished quarter is heading: each KPI's range at its end and the score's, in words, never as a score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from data.store import Store, Viewer
from kpi.card import Line, Scorecard
from kpi.expected import Expected, Range, expected
from pages.appraisal import scored
from pages.parts import formats
from pages.parts.filters import Filters
from pages.parts.session import store
from pages.parts.table import Column, table
from pages.parts.words import _, either, mark

BASES = {
    "pace": mark("过去 {quarters} 季同一天之后又做了多少：最少、居中、最多"),
    "pace_count": mark("过去 {quarters} 季同一天之后又开发了几户：最少、居中、最多"),
    "losses": mark("已算的照旧；最差再加待确认的疑似 {suspected} 户、季末前到判定线的 {near} 户"),
    "files": mark("不再补档案（季末前还有 {coming} 个空字段到期），到全部补齐"),
    "as_is": mark("按现在的数，不作推算"),
    "too_short": mark("有计划或有客户的完整季度不足 4 个，推算不了"),
}


def found(now: Filters, rep: str) -> Expected | None:
    """Project the quarter of a person whose card this viewer may read; None where it is over."""
    card = scored.card(rep, now.quarter)
    if card is None or card.total is None:
        return None
    return _expected(str(store().folder), store().version, repr(card), _card=card)


@st.cache_data(show_spinner=False, max_entries=200)
def _expected(folder: str, version: int, key: str, *, _card: Scorecard) -> Expected | None:  # noqa: ARG001 - the key stands for the card
    return expected(Store(Path(folder)).open(Viewer("", "system"), version), _card)


def draw(now: Filters, rep: str) -> None:
    """Draw the ranges of an unfinished quarter; nothing for a finished one."""
    outlook = found(now, rep)
    if outlook is None:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader(_("到季末大概会怎样"), anchor=False, width="content")
            st.badge(_("推算，不是得分"), color="orange", icon=":material/query_stats:")
        st.markdown(_told(outlook))
        table([_row(item) for item in outlook.items], _columns(), key="expected")
        st.caption(_("两头要各项同时最差或最好才会出现。推算不进任何考核；得分以季末锁定的数据为准，方案见上。"))


def _told(outlook: Expected) -> str:
    days = _(
        "本季走到第 {day} 天，共 {length} 天（数据截至 {as_of}）。",
        day=outlook.days, length=outlook.length, as_of=formats.day(outlook.as_of),
    )  # fmt: skip
    worst, likely, best = outlook.worst, outlook.likely, outlook.best
    if worst is None or likely is None or best is None:
        return days + _("有的指标还推算不了，所以不推算总分；各项能说的见下表。")
    words = _(
        "照现在的走法，季末大约 **{likely}**；最差到最好在 **{worst}** 到 **{best}** 之间。",
        likely=_points(likely), worst=_points(worst), best=_points(best),
    )  # fmt: skip
    return days + words


def _points(card: Scorecard) -> str:
    """Write a projected total in whole points and without a grade: more would pose as a score."""
    return _("{total} 分", total=formats.number(card.total, 0))


def _row(item: Range) -> dict[str, Any]:
    return {
        "title": either(item.now.title_zh, item.now.title_en),
        "now": _rate(item.now),
        "range": _span(item),
        "likely": _rate(item.likely),
        "basis": _(BASES[item.basis], **item.values),
    }


def _rate(line: Line | None) -> str:
    return formats.rate(None if line is None else line.rate)


def _span(item: Range) -> str:
    if item.worst is None or item.best is None:
        return formats.NONE
    ends = [_rate(item.worst), _rate(item.best)]
    return ends[0] if ends[0] == ends[1] else " → ".join(ends)


def _columns() -> list[Column]:
    return [
        Column("title", _("指标"), width=170, pinned=True),
        Column("range", _("季末：最差 → 最好"), width=170),
        Column("now", _("到今天（计分的）"), width=120, help=_("没有人确认的疑似流失不计分，这里也不算")),
        Column("likely", _("季末：照现在的走法"), width=130),
        Column("basis", _("怎么推算"), width=460),
    ]
