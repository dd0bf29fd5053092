"""The development funnel: what came of each stage, how long it took, what it cost, and the accounts behind it."""

from __future__ import annotations

import streamlit as st

from pages.funnel import ahead, behind, care, choice, flow, groups, models, stages, times, why
from pages.parts import filters
from pages.parts.empty import IMPORTS, empty
from pages.parts.words import _

now = filters.current()
if not now.quarter:
    empty(_("还没有可以看的季度"), _("导入客户和阶段的导出文件后，这里显示开发漏斗。"), page=IMPORTS)
    st.stop()

asked = choice.choose(now)
others = {"flow": flow, "time": times, "groups": groups, "ahead": ahead, "care": care, "models": models}
chosen = choice.part()
if chosen in others:
    others[chosen].draw(asked, now.quarter)
    st.stop()

rows = stages.counted(asked)
if not any(row["entered"] for row in rows):
    empty(_("这段时间没有客户进入这个流程"), _("换一个时间范围、看法或流程，或在上方选择别的季度。"))
    st.stop()
if stages.unrecorded(rows):
    empty(_("没有阶段的记录"), _(stages.UNRECORDED), page=IMPORTS)
    st.stop()
left, right = st.columns([13, 7], gap="medium")
with left:
    stages.chart(rows, asked)
    stages.sums(asked)
    stages.figures(rows, asked)
with right:
    why.draw(rows, asked)
behind.draw(rows, asked)
