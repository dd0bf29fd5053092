"""The quarter in one sentence."""

from __future__ import annotations

import streamlit as st

from kpi import overview
from pages.parts import formats
from pages.parts.filters import Filters
from pages.parts.kpis import of_quarter
from pages.parts.session import ask
from pages.parts.words import _, language, plain

MOST = 3


def headline(now: Filters) -> None:
    """Say in large type how much of the plan is done, who lacks most, and how many accounts were lost and won."""
    parts = [_plan(now), _short(now), _accounts(now)]
    st.header(" ".join(part for part in parts if part) if language() == "en" else "".join(parts), anchor=False)


def _plan(now: Filters) -> str:
    row = of_quarter("plan_completion", now.quarter, now.rep, now.where)
    quarter = formats.quarter(now.quarter, language())
    if row is None or row["value"] is None:
        return _("{quarter}没有可用的计划，无法计算完成率。", quarter=quarter)
    gap = row["denominator"] - row["numerator"]
    words = _("{quarter}完成计划 {rate}，差 {gap}。") if gap > 0 else _("{quarter}完成计划 {rate}，超出 {gap}。")
    rate = _rate(row["value"])
    return words.format(quarter=quarter, rate=f"**{rate}**", gap=f"**{plain(formats.money(abs(gap), language()))}**")


def _rate(value: float) -> str:
    return plain(formats.rate(value))


def _short(now: Filters) -> str:
    if now.rep:
        return ""
    short = [row for row in ask(overview.gaps, now.quarter, now.dept) if (row["gap"] or 0) > 0][:MOST]
    if not short:
        return ""
    names = _("、").join(plain(row["rep_name"]) for row in short)
    total = plain(formats.money(sum(row["gap"] for row in short), language()))
    return _("缺口最大的是{names}，合计 {total}。", names=names, total=total)


def _accounts(now: Filters) -> str:
    lost = of_quarter("churn", now.quarter, now.rep, now.where)
    won = of_quarter("new_development", now.quarter, now.rep, now.where)
    counted = {"lost": int(lost["numerator"]) if lost else 0, "won": int(won["numerator"]) if won else 0}
    if lost is None and won is None:
        return ""
    return _("流失 {lost} 户，新开发 {won} 户。", **counted)
