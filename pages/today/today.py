"""今日跟进: whom to call today and why, at most seven cards; behind them the full list, the calendar and the habits."""

from __future__ import annotations

import streamlit as st

from kpi import today
from pages.parts import filters
from pages.parts.empty import IMPORTS, empty
from pages.parts.session import ask
from pages.parts.words import _
from pages.today import agenda, bar, cards, everyone, habits, notes

now = filters.current()
if not now.quarter:
    empty(_("还没有可以跟进的客户"), _("导入客户、拜访和电话的导出文件后，这里每天列出该联系谁。"), page=IMPORTS)
    st.stop()

found = ask(today.facts, now.rep, now.dept)
rows = today.listed(found, notes.known(found["today"]))
bar.draw()
cards.heading(found, rows)
everyone.draw(rows, now.rep)
cards.draw(found, rows)
with st.container(key="today-more"):
    first, second, third = st.tabs([_("全部 {n} 户", n=len(rows)), _("日历"), _("习惯")])
with first:
    agenda.listed(found, rows)
with second:
    agenda.calendar(found, rows)
with third:
    habits.draw(now)
