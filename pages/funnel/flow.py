"""How developments really moved between the stages: forward, back, won, terminated."""

from __future__ import annotations

import streamlit as st

from kpi import funnel_moves
from pages.funnel import figures
from pages.funnel.choice import Asked
from pages.funnel.stages import counted
from pages.parts import chart as charts
from pages.parts.session import ask
from pages.parts.table import Column, table
from pages.parts.words import _


def draw(asked: Asked, _quarter: str) -> None:
    """Draw the moves as bands, and as a table."""
    view = "period" if asked.view == "period" else "cohort"
    moves = ask(funnel_moves.moves, asked.model, view=view, **asked.span)
    if view == "period":
        st.caption(_("这段时间内离开的每一次停留去了哪里；跳过的阶段不出现。"))
    else:
        st.caption(_("这段时间内开始的每一次停留去了哪里；跳过的阶段不出现，回退单独列出。"))
    if not moves:
        st.caption(_("这段时间没有阶段之间的移动。"))
        return
    names = {row["stage"]: row["name"] for row in counted(asked)}
    figure, said = figures.sankey(moves, names)
    charts.show(figure, key=f"flow-{asked.model}-{view}", alt=said)
    total = {source: sum(move["units"] for move in moves if move["source"] == source) for source in names}
    worded = [
        {
            "source": names[move["source"]],
            "target": names[move["target"]] if move["target"] else _(figures.ENDS[move["kind"]]),
            "units": move["units"],
            "share": move["units"] / total[move["source"]],
        }
        for move in moves
    ]
    columns = [
        Column("source", _("从"), width=220),
        Column("target", _("到"), width=220),
        Column("units", _("次数"), "number"),
        Column("share", _("占该阶段"), "rate"),
    ]
    table(worded, columns, key="flow-table", file_name=_("阶段移动"))
