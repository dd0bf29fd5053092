"""What cost points and what may still be done: missing fields, accounts near churn, the amount still needed."""

from __future__ import annotations

import streamlit as st

from data.entity import entities
from kpi import overview
from kpi.catalogue import reason
from pages.overview.lists import names, near_churn
from pages.parts import formats
from pages.parts.filters import Filters
from pages.parts.kpis import of_quarter
from pages.parts.session import ask
from pages.parts.table import Column
from pages.parts.words import _, language, plain


def missing(now: Filters) -> None:
    """Draw the amount still needed and the fields that are due and missing, the dearest first."""
    st.subheader(_("哪里丢了分"), anchor=False)
    _amount(now)
    rows = ask(overview.missing_points, now.quarter, None, now.rep)
    st.markdown(_("**档案缺项 {count} 个**：补上一项，完整率就提高这么多。", count=len(rows)))
    known = entities()
    worded = [
        row
        | {
            "label": known[row["entity"]].fields[row["field"]].label(language()),
            "why": reason(row["reason"], language()) if row["reason"] else _("没有提供"),
            "points": float(row["cost"] or 0) * 100,
        }
        for row in rows
    ]
    columns = [
        Column("account_name", _("客户"), width=180, pinned=True),
        Column("account_id", _("客户编号"), width=90),
        Column("label", _("缺的字段"), width=150),
        Column("points", _("提高(百分点)"), "decimal", width=100),
        Column("weight", _("权重(分)"), "number", width=80),
        Column("due_on", _("到期日"), "date", width=95),
        Column("why", _("原因"), width=130),
    ]
    names(worded, columns, "missing", _("到期的字段都已填好。"))


def _amount(now: Filters) -> None:
    row = of_quarter("plan_completion", now.quarter, now.rep, {})
    if row is None or row["value"] is None:
        st.markdown(_("这个季度没有可用的计划，不计算差额。"))
        return
    gap = row["denominator"] - row["numerator"]
    words = _("完成计划还差 **{gap}**。") if gap > 0 else _("计划已完成，超出 **{gap}**。")
    st.markdown(words.format(gap=plain(formats.money(abs(gap), language()))))


def near(now: Filters) -> None:
    """Draw the accounts near their churn line."""
    rows = ask(overview.listed, "near_churn", now.quarter, None, now.rep)
    st.markdown(_("**临近流失 {count} 户**", count=len(rows)))
    near_churn(rows)
