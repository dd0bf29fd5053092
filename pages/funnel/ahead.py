"""What the funnel is likely to bring: velocity, the weighted pipeline against the plan, and the expected closes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import outlook
from pages.funnel.choice import Asked
from pages.funnel.stages import named, with_reps
from pages.parts import formats
from pages.parts.accounts import accounts
from pages.parts.session import ask
from pages.parts.table import Column
from pages.parts.words import _, language


def draw(asked: Asked, quarter: str) -> None:
    """Draw the outlook of the quarter, then the expected closes."""
    plan = ask(outlook.against_plan, asked.model, quarter, asked.rep, asked.dept)
    pace = ask(outlook.pace, asked.model, quarter, **asked.limits)
    with st.grid("auto", min_column_width=280, gap="small"):
        _metric(_("本季计划还差"), plan["left"], _("无计划"), _("计划减去已完成的销售额；只到数据截至日。"))
        _metric(
            _("本季预计成交（加权）"),
            plan["weighted"],
            formats.NONE,
            _("预计成交日在数据截至日与季末之间的 {n} 户：预计金额 × 成交可能性。", n=plan["n"]),
        )
        _metric(_("全部在途（加权）"), plan["all_weighted"], formats.NONE, _("所有在途客户：预计金额 × 成交可能性。"))
        _metric(_("漏斗流速（元/天）"), pace["velocity"], _("样本过小"), _speed(pace))
    st.caption(_sentence(plan))
    st.caption(_speed(pace))
    _closes(asked)


def _metric(label: str, value: Any, none: str, help_text: str) -> None:  # noqa: ANN401 - money of any number type
    with st.container(border=True, height="stretch"):
        st.metric(label, none if value is None else formats.money(value, language()), help=help_text)


def _sentence(plan: dict[str, Any]) -> str:
    parts = []
    if plan["left"]:
        parts.append(_("本季预计成交相当于缺口的 {rate}。", rate=formats.rate(plan["weighted"] / plan["left"])))
    if plan["unweighed"]:
        parts.append(_("{n} 户没有金额或可能性，未计入。", n=plan["unweighed"]))
    if plan["passed"]:
        parts.append(_("{n} 户的预计成交日已过，不计入本季。", n=plan["passed"]))
    return " ".join(parts)


def _speed(pace: dict[str, Any]) -> str:
    words = _(
        "流速 = 在途 {qualified} 户 × 成交率 {rate}（近四季已结束 {closed} 户）× 平均金额 {value}（{valued} 户）"
        "÷ 周期 {days} 天（{cycles} 户，含在途）。"
    )
    return words.format(
        qualified=pace["qualified"],
        rate=formats.rate(pace["win_rate"]),
        closed=pace["closed"],
        value=formats.money(pace["mean_value"], language()),
        valued=pace["valued"],
        days=formats.number(pace["cycle_days"]),
        cycles=pace["cycles"],
    )


def _closes(asked: Asked) -> None:
    rows = ask(outlook.pipeline, asked.model, **asked.limits)
    st.subheader(_("预计成交"), anchor=False)
    worded = [row | {"name": named(row), "late": _("已过") if row["passed"] else None} for row in with_reps(rows)]
    columns = [
        Column("closes_on", _("预计成交日"), "date", pinned=True),
        Column("late", _("逾期"), width=60),
        Column("account_name", _("客户"), width=190),
        Column("account_id", _("客户编号"), width=90),
        Column("deal", _("商机"), width=120),
        Column("rep_name", _("专员"), width=90),
        Column("name", _("阶段"), width=190),
        Column("amount", _("预计金额(元)"), "money"),
        Column("likelihood", _("成交可能性"), "rate"),
        Column("weighted", _("加权金额(元)"), "money"),
        Column("obstacles", _("成交障碍"), width=200),
        Column("assessed_at", _("评估日期"), "date"),
    ]
    accounts(worded, columns, key="closes", none=_("没有在途的客户。"), file_name=_("预计成交"))
