"""Beside the bars: why developments were terminated, and what they had cost by then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi import funnel, funnel_moves
from pages.funnel.behind import why
from pages.funnel.choice import Asked
from pages.funnel.stages import FATES
from pages.parts import chart as charts
from pages.parts import formats
from pages.parts.session import ask, viewer
from pages.parts.table import Column, table
from pages.parts.words import _, language, mark, plain

MOST = 6
KINDS = {"visits": mark("拜访(元)"), "samples": mark("样品(元)"), "expenses": mark("领用(元)")}


def draw(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
    """Draw the reasons of the clicked stage (of all where none was clicked), then the money spent."""
    _reasons(rows, asked)
    if viewer().role != "hr":
        _spent(rows, asked)


def _reasons(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
    clicked = st.session_state.get("funnel_clicked")
    chosen = [row for row in rows if clicked is None or row["stage"] == st.session_state.get("funnel_stage")]
    where = chosen[0]["name"] if clicked is not None and chosen else _("全部阶段")
    found = [
        member
        for row in chosen or rows
        if row["terminated"]
        for member in ask(funnel.members, asked.model, row["stage"], "terminated", **asked.options)
    ]
    once = {(row["account_id"], row["deal"], row["cycle_no"]): row for row in found}
    st.markdown(f"**{_('为什么终止')}** :gray[· {plain(where)} · {_(FATES['terminated'][0])} {len(once)}]")
    if not once:
        st.caption(_("这里没有终止的客户。"))
        return
    counted = funnel_moves.reasons(list(once.values()))
    head, rest = counted[:MOST], sum(n for _reason, n in counted[MOST:])
    labels = [_short(why(code)) for code, _n in head] + ([_("其他")] if rest else [])
    values = [n for _reason, n in head] + ([rest] if rest else [])
    series = charts.Series(_("终止"), values, "neutral", [str(value) for value in values])
    alt = "；".join(f"{label} {value}" for label, value in zip(labels, values, strict=True))
    charts.show(charts.bars(labels, series), key="funnel-reasons", alt=alt)


def _short(text: str) -> str:
    return text if len(text) <= 16 else f"{text[:15]}…"


def _spent(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
    found = ask(funnel_moves.spending, asked.model, **asked.span)
    lost = [row for row in found if row["outcome"] == "terminated" and row["total"]]
    cost = funnel_moves.cost_per_won(found)
    st.markdown(
        f"**{_('终止前已投入 {money}', money=plain(formats.money(cost['lost'], language())))}**",
        help=_("这段时间内终止的客户，从建档到终止之间的拜访、样品和领用费用，按终止时所处的阶段。"),
    )
    if cost["full"] is not None:
        words = mark("每成交一户花费 {own}；连同终止的投入，合 {full}（成交 {won} 户，终止 {lost} 户）。")
        amounts = {name: plain(formats.money(cost[name], language())) for name in ("own", "full")}
        st.caption(_(words, won=cost["won"], lost=cost["terminated"], **amounts))
    if not lost:
        return
    names = {row["stage"]: row["name"] for row in rows}
    worded = [row | {"name": names.get(row["stage"], _("未进入"))} for row in lost]
    columns = [
        Column("name", _("终止于"), width=150),
        Column("units", _("户数"), "number", width=50),
        *(Column(name, _(word), "money", width=90) for name, word in KINDS.items() if any(row[name] for row in lost)),
        Column("total", _("合计(元)"), "money", width=90),
    ]
    table(worded, columns, key="funnel-spent")
