"""Who the card is of, and how the quarter turns into points."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi.catalogue import metrics, reason
from kpi.kept import written_down
from kpi.scoring import Line
from pages.appraisal import excluded, scored
from pages.parts import filters, formats
from pages.parts.card import basis
from pages.parts.filters import Filters
from pages.parts.session import ask, select, viewer
from pages.parts.table import Column, table
from pages.parts.words import _, either, language, plain
from pages.scorecard import ahead


def name_of(rep: str) -> str:
    """Return the name of a rep, or the number where no name is known."""
    return next((row["rep_name"] or rep for row in filters.reps() if row["rep_id"] == rep), rep)


def heading(now: Filters, rep: str) -> None:
    """Say whose card this is, since when they are here, and what the quarter came to."""
    own = viewer().role == "rep"
    title = _("我的记分卡") if own else plain(name_of(rep))
    st.header(f"{title} · {formats.quarter(now.quarter, language())}", anchor=False)
    found = ask(select, "select rep_id, role, dept, hired_at, left_at from member where rep_id = ?", [rep])
    if found:
        st.caption(" · ".join(_facts(found[0])))


def _facts(person: dict[str, Any]) -> list[str]:
    facts = [plain(person["rep_id"]), plain(person["dept"] or _("未归属"))]
    if person["hired_at"]:
        facts.append(_("入职 {day}", day=formats.day(person["hired_at"])))
    if person["left_at"]:
        facts.append(_("离职 {day}", day=formats.day(person["left_at"])))
    return facts


def sheet(now: Filters, rep: str) -> None:
    """Draw the form: item, weight, target, base, value, rule, points, weighted points, and the total."""
    card = scored.card(rep, now.quarter)
    st.subheader(_("得分"), anchor=False)
    if card is None or card.scheme is None:
        st.caption(reason(next(iter(card.flags if card else ()), "no_scheme"), language()))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        total = formats.number(card.total, 2) if card.total is not None else formats.NONE
        st.markdown(_("系统得分 **{total}** 分", total=total), width="content")
        outlook = ahead.found(now, rep)
        if outlook:
            day = formats.day(outlook.as_of)
            st.badge(_("本季未结束，只算到 {day}，不定等级", day=day), color="orange", icon=":material/hourglass_top:")
        elif card.grade:
            st.badge(_("等级 {grade}", grade=card.grade), color="blue")
        for flag in card.flags:
            st.badge(reason(flag, language()), color="orange" if flag == "small_sample" else "gray")
    adopted = "" if card.scheme.adopted else _(" · 示例方案，公司尚未启用")
    st.caption(_("方案：{name}", name=plain(card.scheme.label(language()))) + adopted)
    table([_row(line) for line in card.lines], _columns(), key="points", file_name=_("记分卡"))
    excluded.told(written_down(card)["items"])
    rules = [
        f"{either(line.title_zh, line.title_en)}{_('：')}{either(line.item.zh, line.item.en)}" for line in card.lines
    ]
    with st.expander(_("规则"), icon=":material/rule:", expanded=True):
        st.caption("  \n".join(plain(rule) for rule in rules))


def _row(line: Line) -> dict[str, Any]:
    metric = metrics().get(line.metric)
    shown = {"value": line.value, "numerator": line.numerator, "denominator": line.denominator}
    interval = f"{formats.rate(line.low)} – {formats.rate(line.high)}" if line.low is not None else None
    return {
        "title": either(line.title_zh, line.title_en),
        "weight": line.item.weight / 100,
        "target": line.item.target if line.item.metric else None,
        "value": line.value,
        "interval": interval,
        "scored": None if line.rate is None else float(line.rate),
        "basis": basis(metric, shown) if metric and line.numerator is not None else None,
        "status": _("正常") if line.status == "ok" else _(line.status),
        "score": line.score,
        "weighted": line.weighted,
    }


def _columns() -> list[Column]:
    return [
        Column("title", _("指标"), width=170, pinned=True),
        Column("weight", _("权重"), "rate", width=80),
        Column("target", _("目标"), "rate", width=90),
        Column("value", _("实际"), "rate", width=90),
        Column("interval", _("95% 区间"), width=130),
        Column("scored", _("计分值"), "rate", width=85, help=_("不含未确认的疑似流失和经批准剔除的流失")),
        Column("basis", _("分子 / 分母"), width=250),
        Column("status", _("状态"), width=90),
        Column("score", _("得分"), "decimal", width=80),
        Column("weighted", _("加权得分"), "decimal", width=90),
    ]
