"""One rep in one quarter: KPIs, points, what cost them, where they stand among others, their own funnel."""

from __future__ import annotations

import streamlit as st

from pages.parts import filters
from pages.parts.empty import IMPORTS, empty
from pages.parts.kpis import cards
from pages.parts.session import viewer
from pages.parts.words import _, plain
from pages.scorecard import ahead, among, cost, nextpoints, points, team

now = filters.current()
if not now.quarter:
    empty(_("还没有可以看的季度"), _("导入客户、订单和计划的导出文件后，这里显示专员的记分卡。"), page=IMPORTS)
    st.stop()
if now.rep is None:
    team.choose(now)
    st.stop()

points.heading(now, now.rep)
cards(now.quarter, now.rep, {}, plain(points.name_of(now.rep)))
if viewer().role != "clerk":
    points.sheet(now, now.rep)
    ahead.draw(now, now.rep)
    nextpoints.draw(now, now.rep)
left, right = st.columns(2, gap="medium")
with left:
    cost.missing(now)
    cost.near(now)
with right:
    among.quartiles(now)
    among.own_funnel(now)
