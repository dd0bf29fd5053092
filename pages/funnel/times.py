"""How long stages take: the share still in by day, who is slow now, and conversion by quarter of entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi import funnel, funnel_time
from pages.funnel import figures
from pages.funnel.choice import Asked
from pages.funnel.stages import days, named, with_reps
from pages.parts import chart as charts
from pages.parts import formats
from pages.parts.accounts import accounts
from pages.parts.session import ask
from pages.parts.table import Column
from pages.parts.words import _, language, mark

PACES = {"slow": mark("超过五分之四"), "late": mark("超过一半"), "usual": mark("正常"), None: mark("无从比较")}
RISK_DAYS = (0, 7, 14, 30, 60, 90, 180)


def draw(asked: Asked, _quarter: str) -> None:
    """Draw the curve of one stage, the slow ones, and the trend."""
    view = "cohort" if asked.view == "snapshot" else asked.view
    rows = ask(funnel_time.times, asked.model, view=view, **asked.span)
    names = {row["stage"]: named(row) for row in rows}
    left, right = st.columns(2, gap="medium")
    with left:
        _curve(rows, names)
    with right:
        _trend(asked, names)
    _slow(asked)


def _curve(rows: Sequence[dict[str, Any]], names: dict[int, str]) -> None:
    st.subheader(_("停留时间"), anchor=False)
    stage = st.selectbox(_("阶段"), list(names), key="time_stage", format_func=names.__getitem__, width=260)
    row = next(row for row in rows if row["stage"] == stage)
    if row["hidden"]:
        st.caption(_("这个阶段只有 {n} 次停留，少于五次，不画曲线。", n=row["n"]))
        return
    late = _("未达到") if row["p80_days"] is None else _("{days} 天", days=row["p80_days"])
    words = mark("{n} 次停留，{left} 次已离开；一半在 {median} 内离开，五分之四在 {late} 内。")
    st.caption(_(words, n=row["n"], left=row["left"], median=days(row), late=late))
    if not row["points"]:
        st.caption(_("还没有客户离开这个阶段。"))
        return
    alt = "；".join(f"{point.day}: {formats.rate(point.still_in)}" for point in row["points"])
    charts.show(figures.still_in(row["points"], row["median_days"]), key=f"time-{stage}", alt=alt)
    st.caption(_("在场户数：") + _("、").join(at_risk(row)))


def at_risk(row: dict[str, Any]) -> list[str]:
    """Word how many stays were still watched on some days."""
    found = []
    for day in RISK_DAYS:
        later = [point for point in row["points"] if point.day >= day]
        if later:
            found.append(_("第 {day} 天 {n}", day=day, n=later[0].at_risk))
    return found


def _trend(asked: Asked, names: dict[int, str]) -> None:
    st.subheader(_("按进入季度的转化率"), anchor=False)
    limits = {"end": asked.end, "within": asked.within, **asked.limits}
    lines = funnel_time.cohorts(ask(funnel.funnel, asked.model, by=("quarter",), **limits))
    rated = {stage: rows for stage, rows in lines.items() if any(row["conversion"] is not None for row in rows)}
    if not rated:
        st.caption(_("还没有可以比较的季度。"))
        return
    stage = st.selectbox(_("转化自"), list(rated), key="trend_stage", format_func=names.__getitem__, width=260)
    rows = rated[stage]
    quarters = [row["quarter"] for row in rows]
    st.caption(_("最近进入的客户还有在途，转化率会继续上升；选「跟踪天数」后各季度才可比。"))
    texts = [_said(row) for row in rows]
    series = charts.Series(names[stage], [row["conversion"] for row in rows], "better", texts)
    charts.show(charts.line(quarters, [series, *_band(rows)]), key=f"trend-{stage}", alt="；".join(texts))


def _said(row: dict[str, Any]) -> str:
    quarter = formats.quarter(row["quarter"], language())
    return f"{quarter} {formats.rate(row['conversion'])} · {row['advanced']} / {row['entered']}"


def _band(rows: Sequence[dict[str, Any]]) -> list[charts.Series]:
    return [
        charts.Series(word, [row[side] for row in rows], "quiet", [formats.rate(row[side]) for row in rows])
        for side, word in (("low", _("区间下限")), ("high", _("区间上限")))
    ]


def _slow(asked: Asked) -> None:
    rows = ask(funnel_time.waiting, asked.model, **asked.limits)
    st.subheader(_("在途客户与本阶段的常规停留"), anchor=False)
    if rows:
        st.caption(_("常规停留取自全部客户（含仍在途的）；停滞不等于终止。"))
    worded = [row | {"name": named(row), "pace_word": _(PACES[row["pace"]])} for row in with_reps(rows)]
    columns = [
        Column("account_name", _("客户"), width=190, pinned=True),
        Column("account_id", _("客户编号"), width=90),
        Column("deal", _("商机"), width=120),
        Column("rep_name", _("专员"), width=90),
        Column("name", _("阶段"), width=190),
        Column("since", _("进入日期"), "date"),
        Column("days", _("停留天数"), "number"),
        Column("median_days", _("一半不超过(天)"), "number"),
        Column("p80_days", _("五分之四不超过(天)"), "number"),
        Column("pace_word", _("快慢"), width=110),
    ]
    accounts(worded, columns, key="waiting", none=_("没有在途的客户。"), file_name=_("在途停留"))
