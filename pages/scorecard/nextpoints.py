"""What would change the score: the cheapest next points, what one account would change, comments of the head."""

from __future__ import annotations

import streamlit as st

from kpi import overview
from kpi.catalogue import reason
from kpi.flip import flips
from kpi.nextpoints import Gain, gains
from pages.appraisal import scored
from pages.appraisal.desk import desk
from pages.parts import formats
from pages.parts.filters import Filters
from pages.parts.session import ask
from pages.parts.words import _, language, mark, plain

WORDS = {
    "files": mark("补齐缺项最多的 {amount} 份档案（{account}）"),
    "money": mark("再有 {money} 订单"),
    "band": mark("再有 {money} 订单，进入下一等级"),
    "new": mark("再新开发 1 户"),
    "near": mark("留住 {account}（还有 {amount} 天到流失判定线）；流失并被确认则"),
}


def draw(now: Filters, rep: str) -> None:
    """Draw what would change the score of a rep, live from the data."""
    card = scored.card(rep, now.quarter)
    if card is None or card.total is None:
        return
    missing = ask(overview.missing_points, now.quarter, None, rep)
    near = ask(overview.listed, "near_churn", now.quarter, None, rep)
    found = gains(card, missing, near)
    st.subheader(_("最容易的分"), anchor=False)
    if not found:
        st.caption(_("没有能再提高的项。"))
    for gain in found:
        colour = "blue" if gain.points > 0 else "orange"
        change = formats.change(gain.points, "", language()) if gain.points else _("不变")
        st.markdown(f"- {_told(gain)} :{colour}[**{change.strip()}**] → {formats.number(gain.total, 2)}")
    turns = [f"{reason(flip.code, language())} → {formats.number(flip.total, 2)}" for flip in flips(card)]
    st.caption(_("一户之差：") + " · ".join(turns))
    for step in desk(now).eyes.comments(rep):
        st.info(f"{plain(step.value['reason'])} — {plain(step.who)}", icon=":material/comment:")


def _told(gain: Gain) -> str:
    money = plain(formats.money(gain.amount, language()))
    return _(WORDS[gain.code], amount=int(gain.amount), account=plain(gain.account), money=money)
