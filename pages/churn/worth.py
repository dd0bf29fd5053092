"""What one account is worth: the points of the churn item and the total with one lost account less or more."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from kpi.catalogue import reason
from kpi.flip import Flip, flips
from kpi.scoring import Scorecard
from pages.appraisal import scored
from pages.parts import formats, session
from pages.parts.filters import Filters
from pages.parts.words import _, language, plain
from pages.scorecard import ahead

METRIC = "churn"


def line(now: Filters) -> None:
    """Say what one lost account less or more would do to the chosen rep's score; nothing for a clerk."""
    if session.viewer().role == "clerk":
        return
    st.subheader(_("一户值多少分"), anchor=False)
    if now.rep is None:
        st.caption(_("选一位专员，看一户之差会改变多少分。"))
        return
    card = scored.card(now.rep, now.quarter)
    turns = [turn for turn in flips(card) if turn.metric == METRIC] if card else []
    if card is None or card.total is None or not turns:
        st.caption(_("本季没有综合得分，或流失率不计分：没有一户之差可算。"))
        return
    graded = ahead.found(now, now.rep) is None
    for turn in turns:
        st.markdown(told(card, turn, graded=graded))
    st.caption(
        _("按方案「{scheme}」和当前数据计算；锁定后的得分以考核单为准。", scheme=plain(card.scheme.label(language())))
        if card.scheme
        else ""
    )


def told(card: Scorecard, turn: Flip, *, graded: bool = True) -> str:
    """Word one change: 若少流失1户：得分 80 → 100，综合 +5.00 分; an unfinished quarter has no grade to change."""
    moved = (turn.total or Decimal(0)) - (card.total or Decimal(0))
    sign = "+" if moved > 0 else formats.MINUS if moved < 0 else "±"
    words = _(
        "若{change}：得分 {before} → {after}，综合 {moved} 分",
        change=reason(turn.code, language()),
        before=_points(card),
        after=_points(turn.card),
        moved=f"{sign}{formats.number(abs(moved), 2)}",
    )
    if not graded or card.grade == turn.card.grade:
        return f"**{words}**"
    return f"**{words}**" + _("，等级 {before} → {after}", before=card.grade, after=turn.card.grade)


def _points(card: Scorecard) -> str:
    found = next(line.score for line in card.lines if line.metric == METRIC)
    return formats.number(found, 0 if found is not None and found == int(found) else 2)
