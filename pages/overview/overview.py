"""The quarter at a glance: one sentence, four KPIs, plan by rep, the base, the lost and the new, what needs a hand."""

from __future__ import annotations

import streamlit as st

from pages.overview import base, lists, moved, plan
from pages.overview.headline import headline
from pages.parts import filters
from pages.parts.empty import IMPORTS, empty
from pages.parts.kpis import cards
from pages.parts.words import _, plain

now = filters.current()
if not now.quarter:
    empty(_("还没有可以看的季度"), _("导入客户和订单的导出文件后，这里显示本季度的四项指标。"), page=IMPORTS)
    st.stop()

whose = next((rep["rep_name"] for rep in filters.reps() if rep["rep_id"] == now.rep), now.dept or _("全部部门"))
headline(now)
cards(now.quarter, now.rep, now.where, plain(whose))
moved.since_update(now)
left, right = st.columns([3, 2], gap="medium")
with left:
    plan.by_rep(now)
with right:
    base.moves(now)
lists.lost_and_new(now)
lists.attention(now)
