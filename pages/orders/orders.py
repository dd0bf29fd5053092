"""Orders and payments: plan, orders, cash and receivables side by side; overdue; returns; plans and their division."""

from __future__ import annotations

import streamlit as st

from kpi import ledger
from pages.orders import owed, plans, side
from pages.parts import filters
from pages.parts.empty import IMPORTS, empty
from pages.parts.session import ask
from pages.parts.words import _

now = filters.current()
if not now.quarter:
    empty(_("还没有订单和回款"), _("导入订单、回款和计划的导出文件后，这里并排显示它们。"), page=IMPORTS)
    st.stop()

rows = ask(ledger.by_rep, now.quarter, now.dept, now.rep)
numerator = side.headline(rows, now)
side.by_rep(rows, numerator)
side.by_account(now, numerator)
left, right = st.columns([2, 3], gap="medium")
with left:
    owed.ages(rows)
with right:
    owed.overdue(now)
owed.returns(now)
plans.versions(now)
plans.division(now)
