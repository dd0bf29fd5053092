"""The quarter's appraisal: summary, forms, steps, appeals, what changed after the seal, schemes; or one's own."""

from __future__ import annotations

import streamlit as st

from pages.appraisal import after, appeals, excluded, mine, schemes, sheet, steps, summary
from pages.appraisal.desk import desk, labelled, told
from pages.parts import filters, formats
from pages.parts.empty import IMPORTS, empty
from pages.parts.words import _, language, plain

now = filters.current()
if not now.quarter:
    empty(_("还没有可以考核的季度"), _("导入客户、订单和计划的导出文件后，这里按季度考核。"), page=IMPORTS)
    st.stop()
place = desk(now)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.header(
        _("季度考核 · {quarter}", quarter=formats.quarter(now.quarter, language())), anchor=False, width="content"
    )
    st.badge(labelled(place.state), color="green" if place.state == "sealed" else "blue")
    st.caption(plain(place.dept), width="content")
told(place)
if not place.eyes.appraises:
    mine.draw(place)
    st.stop()
VIEWS = {
    "summary": (_("汇总"), summary.draw),
    "sheet": (_("考核单"), sheet.draw),
    "steps": (_("步骤"), steps.draw),
    "appeals": (_("申诉"), appeals.draw),
    "excluded": (_("流失剔除"), excluded.draw),
    "after": (_("封账后变动"), after.draw),
    "schemes": (_("方案"), schemes.draw),
}
view = st.segmented_control(
    _("考核的内容"),
    list(VIEWS),
    default="summary",
    required=True,
    format_func=lambda name: VIEWS[name][0],
    label_visibility="collapsed",
    key="appraisal-view",
)
VIEWS[view][1](place)
