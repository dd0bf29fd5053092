"""Habits of the quarter: planned visits done, effective visits, contact in time, each with its list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from kpi import cadence, periods, visit_plan
from pages.funnel.stages import with_reps
from pages.parts import formats
from pages.parts.accounts import accounts
from pages.parts.filters import Filters
from pages.parts.session import ask
from pages.parts.table import Column
from pages.parts.words import _, mark

STATES = {
    "on_time": mark("按时"),
    "late": mark("迟到"),
    "cancelled": mark("客户取消"),
    "missed": mark("未执行"),
    "withdrawn": mark("我方取消"),
    "unplanned": mark("计划外"),
}
PARTS = {
    "has_result": mark("结果不少于十个字"),
    "has_form": mark("反馈表"),
    "has_class": mark("客户分类"),
    "has_next": mark("下一步"),
    "has_supervisor": mark("主管沟通"),
    "in_time": mark("48 小时内填写"),
}


def draw(now: Filters) -> None:
    """Draw the three rates of the quarter, then their lists."""
    quarter = next(row for row in ask(periods.quarters) if row["quarter"] == now.quarter)
    start: Any = quarter["period_start"]
    last: Any = quarter["as_of"]
    end = last + timedelta(days=1)
    visits = ask(visit_plan.visits, start, end, now.rep, now.dept)
    counted = visit_plan.counted(visits)
    kept = cadence.kept_in_touch(ask(cadence.follow_up, last, now.rep, now.dept), start, end)
    gaps, good = sum(row["judged"] for row in kept), sum(row["kept"] for row in kept)
    with st.grid("auto", min_column_width=150, gap="small"):
        st.metric(_("拜访计划完成率"), formats.rate(counted["on_time_rate"]), help=_plan(counted))
        st.metric(
            _("有效拜访率"),
            formats.rate(counted["effective_rate"]),
            help=_(
                "有效 {n} / 完成 {all}：结果不少于十个字，反馈表有分类、下一步和主管沟通，48 小时内填写。",
                n=counted["effective"],
                all=counted["done"],
            ),
        )
        st.metric(
            _("跟进及时率"),
            formats.rate(good / gaps if gaps else None),
            help=_("{n} / {all} 次间隔在规定的工作日内。", n=good, all=gaps),
        )
    st.caption(_plan(counted))
    first, second, third = st.tabs([_("拜访计划"), _("有效拜访"), _("跟进间隔")])
    with first:
        _visits(visits)
    with second:
        _effective([row for row in visits if row["effective"] is not None])
    with third:
        _gaps(kept)


def _plan(counted: dict[str, Any]) -> str:
    words = _(
        "计划 {planned} 次：按时（前后三天内）{on_time}，迟到 {late}，客户取消 {cancelled}，未执行 {missed}；"
        "含迟到 {done}，不计客户取消 {without}。计划外 {unplanned} 次不计入。"
    )
    return words.format(
        **{name: counted[name] for name in ("planned", "on_time", "late", "cancelled", "missed", "unplanned")},
        done=formats.rate(counted["done_rate"]),
        without=formats.rate(counted["done_rate_without_cancelled"]),
    )


def _visits(rows: Sequence[dict[str, Any]]) -> None:
    worded = [row | {"word": _(STATES[row["state"]])} for row in rows]
    columns = [
        *_who(),
        Column("plan_date", _("计划日期"), "date"),
        Column("visit_on", _("实际日期"), "date"),
        Column("word", _("状态"), width=90),
        Column("purpose", _("目的"), width=150),
    ]
    _listed(worded, columns, "habit-visits", _("本季没有计划的拜访。"))


def _effective(rows: Sequence[dict[str, Any]]) -> None:
    worded = [
        row | {"missing": _("、").join(_(word) for name, word in PARTS.items() if not row[name]) or None}
        for row in rows
    ]
    worded.sort(key=lambda row: row["missing"] is None)
    columns = [*_who(), Column("visit_on", _("实际日期"), "date"), Column("missing", _("还缺"), width=360)]
    _listed(worded, columns, "habit-effective", _("本季没有完成的拜访。"))


def _gaps(rows: Sequence[dict[str, Any]]) -> None:
    columns = [
        Column("account_name", _("客户"), width=170, pinned=True),
        Column("tier", _("级别"), width=60),
        Column("kept", _("及时(次)"), "number"),
        Column("judged", _("间隔(次)"), "number"),
        Column("share", _("及时率"), "rate"),
        Column("longest", _("最长间隔(工作日)"), "number"),
        Column("allowed", _("规定(工作日)"), "number"),
        Column("rep_name", _("专员"), width=90),
    ]
    _listed(with_reps(rows), columns, "habit-gaps", _("本季没有可以判断的间隔。"))


def _who() -> list[Column]:
    return [Column("account_name", _("客户"), width=170, pinned=True), Column("rep_name", _("专员"), width=80)]


def _listed(rows: Sequence[dict[str, Any]], columns: Sequence[Column], key: str, none: str) -> None:
    accounts(rows, columns, key=key, none=none, height=320 if len(rows) > 8 else None, file_name=_("跟进习惯"))
