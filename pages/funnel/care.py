"""After the first order: crises (complaints and what followed) and stability (repeat orders, satisfaction)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi import care
from kpi.survival import SHOWN_FROM
from pages.funnel.choice import Asked
from pages.parts import chart as charts
from pages.parts import formats
from pages.parts.accounts import accounts
from pages.parts.session import ask
from pages.parts.table import Column
from pages.parts.words import _, language, mark

ACCEPTED = {True: mark("认可"), False: mark("不认可"), None: mark("未表态")}


def draw(asked: Asked, _quarter: str) -> None:
    """Draw crises on the left, stability on the right, and the lists below."""
    left, right = st.columns(2, gap="medium")
    found = ask(care.complaints, **asked.span)
    loyal = ask(care.loyalty, asked.rep, asked.dept)
    with left:
        st.subheader(_("危机公关"), anchor=False, help=_("这段时间内受理的投诉；一次投诉是一次危机，可以多次。"))
        _crises(found)
    with right:
        st.subheader(_("稳定与发展"), anchor=False, help=_("数据截至日仍在合作的客户。"))
        _stability(loyal, asked)
    tabs = st.tabs([_("投诉 {n} 件", n=len(found)), _("在合作客户 {n} 户", n=len(loyal))])
    with tabs[0]:
        _complaints(found)
    with tabs[1]:
        _customers(loyal)


def _crises(rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        st.caption(_("这段时间没有投诉。"))
        return
    told = care.summary(rows)
    hours = (
        formats.NONE if told["response_hours"] is None else _("{n} 小时", n=formats.number(told["response_hours"], 1))
    )
    days = _("{days} 天", days=told["days_to_close"]) if told["days_to_close"] is not None else _close(told)
    with st.grid("auto", min_column_width=190, gap="small"):
        st.metric(_("投诉"), _("{n} 件", n=told["n"]), help=_("其中未结 {n} 件", n=told["open"]))
        st.metric(_("响应中位数"), hours, help=_("已响应的 {n} 件", n=told["answered"]))
        st.metric(_("关闭中位数"), days, help=_("含未结的投诉（Kaplan–Meier）"))
        st.metric(_("客户认可"), f"{told['accepted']} / {told['closed']}", help=_("已关闭的投诉中客户认可的"))
    if told["mature"]:
        words = mark(
            "满 90 天的 {mature} 件投诉中，{reordered} 件之后 90 天内又下单；销售额由之前 90 天 {before} 变为 {after}。"
        )
        money = {name: formats.money(told[name], language()) for name in ("before", "after")}
        st.caption(_(words, mature=told["mature"], reordered=told["reordered"], **money))


def _close(told: dict[str, Any]) -> str:
    return _("样本过小") if told["n"] < SHOWN_FROM else _("未达到")


def _stability(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
    if not rows:
        st.caption(_("还没有成交的客户。"))
        return
    stable = sum(row["stable"] for row in rows)
    with st.grid("auto", min_column_width=190, gap="small"):
        st.metric(_("处于第七阶段"), formats.rate(stable / len(rows)), help=f"{stable} / {len(rows)}")
        st.metric(_("连续四季下单"), _("{n} 户", n=sum(row["running"] >= 4 for row in rows)))
        st.metric(_("正在危机中"), _("{n} 户", n=sum(row["in_crisis"] for row in rows)))
    scores = ask(care.satisfaction, **{**asked.span, "start": None})[-8:]
    if scores:
        quarters = [formats.quarter(row["quarter"], language()) for row in scores]
        texts = [f"{at} {formats.rate(row['score'])} · n={row['n']}" for at, row in zip(quarters, scores, strict=True)]
        series = charts.Series(_("满意度"), [float(row["score"]) for row in scores], "better", texts)
        st.markdown(f"**{_('满意度（得分 ÷ 量表）')}**")
        charts.show(charts.line([row["quarter"] for row in scores], [series]), key="satisfaction", alt="；".join(texts))


def _complaints(rows: Sequence[dict[str, Any]]) -> None:
    worded = [row | {"accepted": _(ACCEPTED[row["customer_accepted"]])} for row in rows]
    columns = [
        Column("account_name", _("客户"), width=190, pinned=True),
        Column("account_id", _("客户编号"), width=90),
        Column("rep_name", _("专员"), width=80),
        Column("opened_on", _("投诉日期"), "date"),
        Column("type", _("类型"), width=80),
        Column("severity", _("严重程度"), width=80),
        Column("response_hours", _("响应(小时)"), "number"),
        Column("days_to_close", _("关闭(天)"), "number"),
        Column("accepted", _("客户态度"), width=90),
        Column("sales_before", _("之前90天销售额(元)"), "money"),
        Column("sales_after", _("之后90天销售额(元)"), "money", help=_("投诉未满 90 天的不显示")),
        Column("orders_after", _("之后下单(天数)"), "number"),
    ]
    accounts(worded, columns, key="care-complaints", none=_("这段时间没有投诉。"), file_name=_("投诉"))


def _customers(rows: Sequence[dict[str, Any]]) -> None:
    states = {True: _("是"), False: None}
    worded = [row | {"is_stable": states[row["stable"]], "crisis": states[row["in_crisis"]]} for row in rows]
    columns = [
        Column("account_name", _("客户"), width=190, pinned=True),
        Column("account_id", _("客户编号"), width=90),
        Column("rep_name", _("专员"), width=80),
        Column("won_on", _("成交日期"), "date"),
        Column("running", _("连续下单(季)"), "number", help=_("到最近一季为止没有间断")),
        Column("quarters", _("下单季数"), "number"),
        Column("possible", _("最近八季中在合作(季)"), "number"),
        Column("is_stable", _("第七阶段"), width=80),
        Column("crisis", _("危机中"), width=80),
    ]
    accounts(worded, columns, key="care-customers", none=_("还没有成交的客户。"), file_name=_("忠诚客户"))
