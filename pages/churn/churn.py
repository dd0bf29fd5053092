"""Churn and its evidence: the rate as its accounts, each by its own cycle and line; the head's verdicts."""

from __future__ import annotations

import streamlit as st

from kpi import churn_evidence
from kpi.catalogue import metrics
from pages.churn import decide, judged, objections, picture, worth
from pages.parts import filters, spread
from pages.parts.empty import IMPORTS, empty
from pages.parts.session import ask
from pages.parts.words import _

now = filters.current()
if not now.quarter:
    empty(_("还没有可以判定的客户"), _("导入客户和订单的导出文件后，这里逐户显示判定的依据。"), page=IMPORTS)
    st.stop()

rows = ask(churn_evidence.judged, now.quarter, now.dept, now.rep)
judged.headline(rows, now)
judged.under_flat(rows)
picked = None
if rows:
    left, right = st.columns([9, 11], gap="medium")
    with left:
        picture.strips(rows, now)
    with right:
        picked = judged.tabs(rows)
    decide.verdicts(rows, picked)
objections.draw(now, picked)
if now.rep is None:
    spread.section(metrics()["churn"], now)
worth.line(now)
