"""Reconciliation with finance: our total, theirs, the difference and the orders between."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import streamlit as st

from kpi import week
from kpi.catalogue import reason
from loaders.messages import Refused, text
from loaders.reconcile import Finance, between, candidates, finance
from pages.parts import formats, session
from pages.parts.table import Column, table
from pages.parts.words import _, either, language, mark, plain

WHY = {"only_ours": mark("只在我们这里"), "only_theirs": mark("只在财务那里"), "amount": mark("金额不同")}


def box() -> None:
    """Draw the box: a period, finance's file or total, and what lies between."""
    st.subheader(_("与财务对账"), anchor=False)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            span = st.date_input(_("期间"), value=_quarter(), key="finance-span", width=260)
            typed = st.number_input(_("财务合计（元）"), value=None, key="finance-total", width=220)
        given = st.file_uploader(_("或财务的订单明细（订单编号、日期、金额）"), key="finance-file")
        if len(span) != 2:
            st.caption(_("请再选期间的最后一天。"))
            return
        ours = session.ask(week.ours, *span)
        theirs = _read(given, *span) if given else None
        if theirs:
            _compared(ours, theirs)
        elif typed is not None and not given:
            _typed(ours, Decimal(str(typed)))
        else:
            _totals(week.total(ours), None)
        st.caption(_("对账只比较，不导入，也不改变任何数据。"))


def _quarter() -> tuple[date, date]:
    """Offer the quarter of the data date."""
    found = session.ask(
        session.select,
        "select period_start, period_end - 1 as last_day from quarter "
        "where period_start <= (select data_date from clock) order by period_start desc limit 1",
    )
    return found[0]["period_start"], found[0]["last_day"]


def _read(given: Any, start: date, end: date) -> Finance | None:  # noqa: ANN401 - Streamlit's uploaded file
    key = (given.file_id, start, end)
    kept = st.session_state.get("finance-read")
    if kept is None or kept[0] != key:
        kept = (key, _reading(given.name, given.getvalue(), start, end))
        st.session_state["finance-read"] = kept
    if isinstance(kept[1], Finance):
        return kept[1]
    st.error(plain(either(text(kept[1], "zh"), text(kept[1], "en"))), icon=":material/block:")
    return None


def _reading(name: str, content: bytes, start: date, end: date) -> Finance | Refused:
    with st.spinner(_("正在读取文件")), tempfile.TemporaryDirectory(prefix="kac-finance-") as folder:
        path = Path(folder) / "finance"
        path.write_bytes(content)
        try:
            return finance(path, name, start, end)
        except Refused as refusal:
            return refusal


def _totals(ours: Decimal, theirs: Decimal | None) -> None:
    with st.container(horizontal=True):
        st.metric(_("我们的合计（元）"), formats.number(ours, 2), width="content")
        st.metric(_("财务合计（元）"), formats.number(theirs, 2), width="content")
        st.metric(
            _("差额（我们 − 财务）"), formats.number(None if theirs is None else ours - theirs, 2), width="content"
        )


def _compared(ours: list[dict[str, Any]], theirs: Finance) -> None:
    _totals(week.total(ours), sum(theirs.amounts.values(), Decimal(0)))
    rows = between(ours, theirs.amounts)
    if theirs.unread:
        st.warning(_("财务文件有 {count} 行读不出订单编号、日期或金额，没有计入。", count=theirs.unread))
    if theirs.outside:
        st.caption(_("财务文件有 {count} 行不在此期间，没有计入。", count=theirs.outside))
    if not rows:
        st.success(_("每张订单都一致。"), icon=":material/check_circle:")
        return
    st.markdown(_("**差额由 {count} 张订单构成：**", count=len(rows)))
    shown = [
        {
            "order_no": row.order_no,
            "why": _(WHY[row.why]),
            "ours": row.ours,
            "theirs": row.theirs,
            "difference": row.difference,
            "account": row.account,
            "day": row.day,
            "note": _note(row.left_out, row.reason, row.day),
        }
        for row in rows
    ]
    table(shown, _columns(), key="between", file_name=_("与财务对账"))


def _columns() -> list[Column]:
    return [
        Column("order_no", _("订单编号"), pinned=True),
        Column("why", _("情况")),
        Column("ours", _("我们（元）"), "money"),
        Column("theirs", _("财务（元）"), "money"),
        Column("difference", _("差额（元）"), "money"),
        Column("account", _("客户")),
        Column("day", _("下单日期"), "date"),
        Column("note", _("我们不计入的原因"), width=280),
    ]


def _note(left_out: Decimal, code: str | None, day: date | None) -> str:
    if not code:
        return ""
    return f"{formats.number(left_out, 2)}: {reason(code, language(), date=formats.day(day))}"


def _typed(ours: list[dict[str, Any]], theirs: Decimal) -> None:
    mine = week.total(ours)
    _totals(mine, theirs)
    if mine == theirs:
        st.success(_("合计一致。"), icon=":material/check_circle:")
        return
    found = candidates(ours, mine - theirs)
    if not found:
        st.info(_("没有哪一两张订单恰好等于差额；请上传财务的订单明细，逐张比对。"), icon=":material/search:")
        return
    st.markdown(_("**金额恰好等于差额的订单（供查，不是结论）：**"))
    table(_flat(found), [*_columns()[:1], *_columns()[5:7], Column("amount", _("金额（元）"), "money")], key="likely")


def _flat(found: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [{**order, "amount": order["amount"] or order["left_out"]} for group in found[:5] for order in group]
