"""Data quality: what looks odd, by person and kind, with the rows it rests on, and whether the base adds up."""

from __future__ import annotations

import streamlit as st

from kpi import flags
from pages.parts import filters, formats
from pages.parts.empty import IMPORTS, empty
from pages.parts.session import ask
from pages.parts.words import _, language
from pages.quality import asked, reconciled

now = filters.current()
if not now.quarter:
    empty(_("还没有可以检查的数据"), _("导入客户、拜访和订单的导出文件后，这里列出需要核实的地方。"), page=IMPORTS)
    st.stop()

found = ask(flags.flags, now.quarter, now.rep, now.dept)
people = len({row["rep_id"] for row in found})
quarter = formats.quarter(now.quarter, language())
st.header(
    _("{quarter}：{count} 条待核实，涉及 {people} 人", quarter=quarter, count=len(found), people=people), anchor=False
)
st.caption(_("这里列的是疑问，不是结论：先问清楚。它们不改变任何指标，也不改变任何得分。"))
asked.questions(found)
reconciled.base(now)
