"""Names behind the quarter: the lost, the new, and what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi import overview
from kpi.catalogue import reason
from pages.parts import formats
from pages.parts.filters import Filters
from pages.parts.kpis import open_account
from pages.parts.session import ask
from pages.parts.table import Column, table
from pages.parts.words import _, language

FEW = 6
ROW_HEIGHT = 35


def lost_and_new(now: Filters) -> None:
    """Draw the lost and the new accounts side by side."""
    left, right = st.columns(2, gap="medium")
    with left:
        rows = ask(overview.listed, "lost", now.quarter, now.dept, now.rep)
        st.subheader(_("流失客户 {count} 户", count=len(rows)), anchor=False)
        names(_worded(rows), [*_who(), *_orders(_("近四季销售额(元)")), _why()], "lost", _("本季度没有流失客户。"))
    with right:
        rows = ask(overview.listed, "won", now.quarter, now.dept, now.rep)
        st.subheader(_("新增客户 {count} 户", count=len(rows)), anchor=False)
        source = Column("source", _("客户来源"), width=90)
        columns = [*_who(), source, *_orders(_("本季销售额(元)"))[:1], *_orders(_("本季销售额(元)"))[2:], _why()]
        names(_worded(rows), columns, "won", _("本季度还没有新开发的大客户。"))


def attention(now: Filters) -> None:
    """Draw what needs a hand: near churn, complaints, receivables, stalled developments."""
    near = ask(overview.listed, "near_churn", now.quarter, now.dept, now.rep)
    open_ones = ask(overview.complaints, now.quarter, now.dept, now.rep)
    owed = ask(overview.listed, "receivables", now.quarter, now.dept, now.rep)
    slow = ask(overview.stalled, now.quarter, now.dept, now.rep)
    st.subheader(_("需要您处理"), anchor=False)
    total = formats.money(sum(row["amount"] for row in owed), language())
    titles = [
        _("临近流失 {count} 户", count=len(near)),
        _("未结投诉 {count} 件，超期 {late} 件", count=len(open_ones), late=sum(row["overdue"] for row in open_ones)),
        _("逾期应收 {total}", total=total),
        _("开发停滞 {count} 户", count=len(slow)),
    ]
    tabs = st.tabs(titles)
    with tabs[0]:
        near_churn(near)
    with tabs[1]:
        _complaints(open_ones)
    with tabs[2]:
        _owed(owed)
    with tabs[3]:
        _slow(slow)


def near_churn(rows: Sequence[dict[str, Any]]) -> None:
    """Draw accounts past two thirds of their churn window."""
    columns = [
        *_who(),
        Column("last_order", _("最近订单"), "date"),
        Column("silent_days", _("静默天数"), "number"),
        Column("median_gap", _("本户常规周期(天)"), "number", help=_("本户各次订单间隔的中位数")),
        Column("churn_date", _("流失判定线"), "date"),
        Column("days_left", _("剩余天数"), "number"),
    ]
    st.caption(_("距上次下单已超过本户判定期的三分之二，还没有到流失判定线；按剩余天数排列。"))
    names(rows, columns, "near", _("没有临近流失判定线的大客户。"))


def _complaints(rows: Sequence[dict[str, Any]]) -> None:
    worded = [row | {"late": _("超期") if row["overdue"] else _("处理中")} for row in rows]
    columns = [
        *_who(),
        Column("opened_on", _("投诉日期"), "date"),
        Column("type", _("类型"), width=80),
        Column("severity", _("严重程度"), width=80),
        Column("days_open", _("未结天数"), "number"),
        Column("late", _("状态"), width=80),
    ]
    st.caption(_("超期：尚未响应，或超过 {days} 天没有关闭。", days=overview.OVERDUE_DAYS))
    names(worded, columns, "complaints", _("没有未结的投诉。"))


def _owed(rows: Sequence[dict[str, Any]]) -> None:
    columns = [
        *_who(),
        Column("instalments", _("逾期期数"), "number"),
        Column("oldest_due", _("最早到期日"), "date"),
        Column("days_overdue", _("逾期天数"), "number"),
        Column("amount", _("逾期金额(元)"), "money"),
    ]
    st.caption(_("计划回款日期已过、到数据截至日仍未收齐的金额。"))
    names(rows, columns, "owed", _("没有逾期的应收款。"))


def _slow(rows: Sequence[dict[str, Any]]) -> None:
    named = [row | {"name": row["name_en"] if language() == "en" else row["name_zh"]} for row in rows]
    columns = [
        *_who(),
        Column("name", _("阶段"), width=160),
        Column("entered_on", _("进入日期"), "date"),
        Column("days", _("停留天数"), "number"),
        Column("limit", _("通常不超过(天)"), "number", help=_("五户中有四户在这个天数内离开该阶段")),
    ]
    st.caption(_("在当前阶段停留得比五分之四的客户都久；停滞不等于终止。"))
    names(named, columns, "slow", _("没有停滞的开发客户。"))


def names(rows: Sequence[dict[str, Any]], columns: Sequence[Column], key: str, none: str) -> None:
    """Draw a list of accounts; a picked one opens its page."""
    if not rows:
        st.caption(none)
        return
    held = {name for row in rows for name, value in row.items() if value is not None}
    shown = [column for column in columns if column.name in held]
    height = ROW_HEIGHT * (min(len(rows), FEW) + 1) + 3
    picked = table(rows, shown, key=f"list-{key}", select=True, height=height)
    if picked is not None:
        open_account(rows[picked]["account_id"])


def _worded(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"why": reason(row["reason"], language(), date=formats.day(row["reason_date"]))} for row in rows]


def _who() -> list[Column]:
    return [
        Column("account_name", _("客户"), width=190, pinned=True),
        Column("account_id", _("客户编号"), width=90),
        Column("rep_name", _("专员"), width=80),
    ]


def _orders(label: str) -> list[Column]:
    return [
        Column("first_order", _("首单"), "date", width=95),
        Column("last_order", _("最近订单"), "date", width=95),
        Column("sales", label, "money", width=130),
    ]


def _why() -> Column:
    return Column("why", _("原因"), width=260)
