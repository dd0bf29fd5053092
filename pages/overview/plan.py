"""Plan against actual by rep, the largest gap in money first."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import overview, pace
from pages.overview.headline import PLAN
from pages.parts import chart, formats
from pages.parts.filters import Filters
from pages.parts.kpis import of_quarter, period_note
from pages.parts.links import open_rep
from pages.parts.session import ask
from pages.parts.words import _, language, mark

NO_PLAN = mark("无计划")


def by_rep(now: Filters) -> None:
    """Draw the reps as bars against the tick of their plan; a click opens the rep's scorecard."""
    st.subheader(_("计划与实际"), anchor=PLAN, help=_("条形为实际，竖线为计划；按差额从大到小。点一位专员打开记分卡。"))
    whole = of_quarter("plan_completion", now.quarter, now.rep, now.where)
    period = whole.get("plan_period") if whole else None
    rows = [row for row in ask(overview.gaps, now.quarter, now.dept, period) if now.rep in {None, row["rep"]}]
    if not rows:
        st.caption(_("这个季度没有订单，也没有计划。"))
        return
    names = [row["rep_name"] for row in rows]
    ahead = {} if period else ask(pace.by_rep, "plan_completion", now.quarter, now.dept)
    actual = chart.Series(
        _("实际"),
        [float(row["numerator"]) for row in rows],
        "neutral",
        [_label(row, ahead.get(row["rep"])) for row in rows],
    )
    planned = [float(row["denominator"]) if row["denominator"] else None for row in rows]
    expected = [_expected(ahead.get(row["rep"])) for row in rows]
    picked = chart.show(
        chart.bullet(names, actual, planned, expected),
        key="plan-by-rep",
        alt=_("{count} 位专员的实际与计划", count=len(rows)),
        select=True,
    )
    told = [_("条形：实际（蓝色为已达计划） · 竖线：计划 · 右侧：实际 / 计划，完成率"), *period_note(whole)]
    st.caption(" · ".join(told))
    if any(expected):
        st.caption(_projected(ahead))
    if picked is not None:
        open_rep(rows[picked]["rep"])


def _label(row: dict[str, Any], told: pace.Projection | None) -> str:
    expected = f"<br><span style='font-size:11px'>{_text(told)}</span>" if told else ""
    if not row["denominator"]:
        return f"{formats.money(row['numerator'], language())} · {_(NO_PLAN)}{expected}"
    pair = formats.money_pair(row["numerator"], row["denominator"], language())
    return f"{pair} · {formats.rate(row['value'])}{expected}"


def _text(told: pace.Projection) -> str:
    amount, low, high = (formats.money(value, language()) for value in (told.amount, told.low, told.high))
    return _("预计 {amount}（{low} – {high}）", amount=amount, low=low, high=high)


def _expected(told: pace.Projection | None) -> chart.Expected | None:
    if told is None:
        return None
    return chart.Expected(float(told.amount), float(told.low), float(told.high), _text(told))


def _projected(ahead: dict[str, pace.Projection]) -> str:
    """Say how the dots were made and how far to trust their range."""
    counts = [told.quarters for told in ahead.values()]
    sure = sorted({told.nominal for told in ahead.values()})
    words = _("圆点：预计季末（已完成 + 本人前几个季度同日之后完成额的中位数），横线：其中最少与最多；")
    return words + _(
        "按各人前 {quarters} 个季度推算，约 {share} 的把握。",
        quarters=_span(min(counts), max(counts)),
        share=_span(f"{sure[0]:.0%}", f"{sure[-1]:.0%}"),
    )


def _span(least: object, most: object) -> str:
    return f"{least}" if least == most else f"{least}–{most}"
