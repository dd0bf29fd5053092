"""What is overdue, by age and row by row, and what came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi import ledger, overview
from pages.parts import chart, formats
from pages.parts.accounts import accounts
from pages.parts.evidence import source
from pages.parts.filters import Filters
from pages.parts.session import ask
from pages.parts.table import Column, height
from pages.parts.words import _, language, mark

AGES = {
    "late_30": mark("1–30 天"),
    "late_60": mark("31–60 天"),
    "late_90": mark("61–90 天"),
    "late_more": mark("90 天以上"),
}
KINDS: dict[str, str | int] = {"late_30": "quiet", "late_60": 3, "late_90": 1, "late_more": "worse"}
FEW = 9


def ages(rows: Sequence[dict[str, Any]]) -> None:
    """Draw what is overdue of each rep, stacked by age."""
    late = sorted((row for row in rows if row["overdue"]), key=lambda row: -row["overdue"])
    total = formats.money(ledger.total(late)["overdue"], language())
    st.subheader(_("逾期账龄 {total}", total=total), anchor=False)
    if not late:
        st.caption(_("没有逾期的应收款；没有应收日期的回款不在此列。"))
        return
    names = [str(row["rep_name"] or row["rep_id"]) for row in late]
    segments = [
        chart.Series(
            _(AGES[name]), [float(row[name]) / 10_000 for row in late], KINDS[name], [_short(row[name]) for row in late]
        )
        for name in ledger.BUCKETS
    ]
    words = "，".join(
        f"{name} {formats.money(row['overdue'], language())}" for name, row in zip(names, late, strict=True)
    )
    figure = chart.funnel_bars(names, segments)
    figure["layout"]["height"] = chart.ROW * len(names) + 90
    figure["layout"]["margin"]["t"] = 62
    chart.show(figure, key="overdue-ages", alt=words)
    st.caption(_("单位：万元。到数据截至日，计划回款日已过而没有收齐的金额。"))


def _short(value: Any) -> str:  # noqa: ANN401 - Decimal from the database
    return f"{value / 10_000:,.0f}" if value >= 100_000 else ""  # narrower bars hold no number


def overdue(now: Filters) -> None:
    """Draw the instalments that are overdue; a picked one opens its account."""
    rows = ask(overview.listed, "overdue", now.quarter, now.dept, now.rep)
    st.subheader(_("逾期明细 {count} 期", count=len(rows)), anchor=False)
    columns = [
        Column("account_name", _("客户"), width=180, pinned=True),
        Column("rep_name", _("专员"), width=80),
        Column("due_at", _("应收日期"), "date", width=95),
        Column("days_overdue", _("逾期天数"), "number", width=80),
        Column("open_amount", _("未收(元)"), "money", width=120),
        Column("due_amount", _("应收(元)"), "money", width=120),
        Column("order_no", _("订单编号"), width=130),
        Column("source", _("来源"), width=260),
    ]
    _listed(rows, columns, "overdue", _("没有逾期的应收款。"), _("逾期明细"))


def returns(now: Filters) -> None:
    """Draw the returns of the quarter with the orders that they take back."""
    rows = ask(overview.listed, "returns", now.quarter, now.dept, now.rep)
    total = formats.money(sum(row["amount"] for row in rows), language())
    with st.expander(_("退货 {count} 张，{total}", count=len(rows), total=total), icon=":material/undo:"):
        columns = [
            Column("account_name", _("客户"), width=180, pinned=True),
            Column("rep_name", _("专员"), width=80),
            Column("day", _("退货日"), "date", width=95),
            Column("amount", _("退货(元)"), "money", width=120),
            Column("orig_order_no", _("原订单"), width=130),
            Column("ordered_on", _("原下单日"), "date", width=95),
            Column("ordered", _("原金额(元)"), "money", width=120),
            Column("source", _("来源"), width=260),
        ]
        st.caption(_("退货按退货日从订货中减去，归原订单的专员。"))
        _listed(rows, columns, "returns", _("这个季度没有退货。"), _("退货"))


def _listed(rows: Sequence[dict[str, Any]], columns: Sequence[Column], key: str, none: str, file_name: str) -> None:
    traced = [row | {"source": source(row)} for row in rows]
    accounts(traced, columns, key=f"orders-{key}", none=none, height=height(rows, FEW), file_name=file_name)
