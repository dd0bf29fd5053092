"""The quarter in one sentence, whose numbers lead to what is behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from kpi import overview, plan_periods
from pages.parts import address, formats
from pages.parts.filters import Filters
from pages.parts.kpis import of_quarter
from pages.parts.session import ask
from pages.parts.words import _, language, plain

MOST = 3
PLAN, LOST, WON = "plan", "lost", "won"


def headline(now: Filters) -> None:
    """Say in large type how much of the plan is done, who lacks most, and how many accounts were lost and won."""
    parts = [_plan(now), _short(now), _accounts(now)]
    st.header(" ".join(part for part in parts if part) if language() == "en" else "".join(parts), anchor=False)


def _plan(now: Filters) -> str:
    row = of_quarter("plan_completion", now.quarter, now.rep, now.where)
    if row is None or row["value"] is None:
        return _("{quarter}没有可用的计划，无法计算完成率。", quarter=formats.quarter(now.quarter, language()))
    gap = row["denominator"] - row["numerator"]
    words = _("{quarter}完成计划 {rate}，差 {gap}。") if gap > 0 else _("{quarter}完成计划 {rate}，超出 {gap}。")
    money = formats.money(abs(gap), language())
    return words.format(quarter=_time(now, row), rate=_link(formats.rate(row["value"]), PLAN), gap=_link(money, PLAN))


def _time(now: Filters, row: dict[str, Any]) -> str:
    """Name the quarter, or the plan period that stands for it."""
    if "plan_period" not in row:
        return formats.quarter(now.quarter, language())
    start, end = plan_periods.bounds(row["plan_period"])
    return _("计划期 {start} 至 {last} ", start=formats.day(start), last=formats.day(end - timedelta(days=1)))


def _link(text: object, place: str) -> str:
    return f"[{plain(text)}](#{place})"


def _short(now: Filters) -> str:
    row = of_quarter("plan_completion", now.quarter, now.rep, now.where)
    if now.rep or row is None:
        return ""
    gaps = ask(overview.gaps, now.quarter, now.dept, row.get("plan_period"))
    short = [row for row in gaps if (row["gap"] or 0) > 0]
    if not short:
        return ""
    most = sum(row["gap"] for row in short[:MOST])
    return _(
        "缺口最大的是{names}，合计 {total}，占各人缺口之和的 {share}。",
        names=_("、").join(_person(row) for row in short[:MOST]),
        total=_link(formats.money(most, language()), PLAN),
        share=_link(formats.rate(most / sum(row["gap"] for row in short)), PLAN),
    )


def _person(row: dict[str, Any]) -> str:
    return f"[{plain(row['rep_name'])}](/scorecard?{urlencode(address.link(rep=row['rep']))})"


def _accounts(now: Filters) -> str:
    lost = of_quarter("churn", now.quarter, now.rep, now.where)
    won = of_quarter("new_development", now.quarter, now.rep, now.where)
    if lost is None and won is None:
        return ""
    suspected = [
        row for row in ask(overview.listed, "lost", now.quarter, now.dept, now.rep) if row["reason"] == "lost_inferred"
    ]
    words = (
        _("流失 {lost} 户（其中 {suspected} 户待确认），新开发 {won} 户。")
        if suspected
        else _("流失 {lost} 户，新开发 {won} 户。")
    )
    return words.format(
        lost=_link(int(lost["numerator"]) if lost else 0, LOST),
        suspected=_link(len(suspected), LOST),
        won=_link(int(won["numerator"]) if won else 0, WON),
    )
