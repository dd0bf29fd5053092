"""What the funnel is asked: the model, how to look at it, the time, and who and what counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from kpi import periods
from pages.parts import address
from pages.parts.filters import Filters
from pages.parts.session import ask, select
from pages.parts.words import _, language, mark

DEFAULT = "five_stage"
VIEWS = {
    "cohort": (mark("同批跟踪"), mark("这段时间内进入各阶段的客户，到数据截至日各自怎样了。")),
    "period": (mark("本期离开"), mark("这段时间内离开各阶段的客户，是怎样离开的；没有在途。")),
    "risk": (mark("在场"), mark("这段时间内曾经处在各阶段的客户，到期末是否已经离开。")),
    "snapshot": (mark("期末快照"), mark("期末那一天，每个客户正处在哪个阶段；没有转化率。")),
}
SPANS = {"1": mark("本季"), "4": mark("近四季"), "0": mark("全部")}
WITHIN = (0, 30, 60, 90, 180)
PARTS = {
    "stages": mark("各阶段"),
    "flow": mark("流向"),
    "time": mark("时间"),
    "groups": mark("分组与对比"),
    "ahead": mark("展望"),
    "care": mark("危机与忠诚"),
    "models": mark("各流程对账"),
}


@dataclass(frozen=True)
class Asked:
    """One question to `kpi.funnel`: half-open [start, end); start None is the beginning of the data."""

    model: str
    view: str
    start: date | None
    end: date
    dept: str | None
    rep: str | None
    within: int | None = None

    @property
    def span(self) -> dict[str, Any]:
        """Give the time and the limits as keyword arguments."""
        return {"start": self.start, "end": self.end, **self.limits}

    @property
    def limits(self) -> dict[str, Any]:
        """Give whose accounts count as keyword arguments."""
        return {"dept": self.dept, "rep": self.rep}

    @property
    def options(self) -> dict[str, Any]:
        """Give all settings as keyword arguments."""
        return {**self.span, "view": self.view, "within": self.within}


def choose(now: Filters) -> Asked:
    """Draw the choices in one line and the grey line that says what they mean."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = _model()
        view = st.segmented_control(
            _("看法"),
            list(VIEWS),
            default="cohort",
            required=True,
            format_func=lambda name: _(VIEWS[name][0]),
            key="view",
        )
        span = st.segmented_control(
            _("时间"), list(SPANS), default="4", required=True, format_func=lambda name: _(SPANS[name]), key="span"
        )
        within = _within() if view == "cohort" else None
    st.caption(meaning(view, within))
    start, end = bounds(now.quarter, int(span))
    return Asked(model, view, start, end, now.dept, now.rep, within)


def _within() -> int | None:
    picked = st.selectbox(
        _("跟踪天数"),
        WITHIN,
        key="within",
        width=130,
        format_func=lambda days: _("{days} 天内", days=days) if days else _("不限"),
        help=_("只看进入已满这些天的客户，并看他们在这些天内怎样了。"),
    )
    return picked or None


def meaning(view: str, within: int | None) -> str:
    """Say in one sentence what the chosen view counts."""
    if within:
        return _("这段时间内进入、并已满 {days} 天的客户，在进入后 {days} 天内怎样了。", days=within)
    return _(VIEWS[view][1])


def part() -> str:
    """Draw the parts of the page and return the chosen one."""
    picked: str = st.segmented_control(
        _("内容"),
        list(PARTS),
        default="stages",
        required=True,
        format_func=lambda name: _(PARTS[name]),
        key="funnel_part",
        label_visibility="collapsed",
    )
    return picked


def _model() -> str:
    names = {row["name"]: row for row in ask(select, "select name, name_zh, name_en from model order by model")}
    chosen = address.chosen("model")
    st.session_state["funnel_model"] = chosen if chosen in names else DEFAULT
    picked: str = st.selectbox(
        _("流程"),
        list(names),
        key="funnel_model",
        width=230,
        format_func=lambda name: names[name]["name_en" if language() == "en" else "name_zh"],
        on_change=lambda: address.choose("model", st.session_state["funnel_model"]),
    )
    return picked


def bounds(quarter: str, span: int) -> tuple[date | None, date]:
    """Return the first day (None where `span` is 0: all there is) and the day after the last of `span` quarters."""
    days = {str(row["quarter"]): row for row in ask(periods.quarters)}
    first = periods.previous(quarter, span - 1) if span else ""
    start: Any = days[first]["period_start"] if first in days else None
    end: Any = days[quarter]["period_end"]
    return start, end
