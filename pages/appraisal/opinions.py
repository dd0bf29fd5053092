"""The comments of the form, each written by whose it is (head, HR, the person); the newest stands on the form."""

from __future__ import annotations

import streamlit as st

from data.appraisals import Step
from pages.appraisal.desk import Desk, turn
from pages.parts import formats
from pages.parts.words import _, mark, plain

TITLES = {"head": mark("经理评语"), "hr": mark("人力意见"), "own": mark("被考核人意见")}


def draw(desk: Desk, rep_id: str) -> None:
    """Draw the three comments on a person, and the field of the one that is the viewer's."""
    st.subheader(_("评语和意见"), anchor=False)
    stand, said = desk.eyes.opinions(rep_id), desk.eyes.comments(rep_id)
    own = _own(desk, rep_id)
    for place, (who, title) in zip(st.columns(3, gap="small"), TITLES.items(), strict=True):
        with place.container(border=True, height="stretch"):
            st.markdown(f"**{_(title)}**")
            _stands(stand.get(who))
            if who == own:
                _field(desk, rep_id, who, stand.get(who))
    older = [step for step in said if step.seq not in {kept.seq for kept in stand.values()}]
    if older:
        with st.expander(_("没有印在表上的评语 {count} 条", count=len(older)), icon=":material/history:"):
            for step in older:
                st.markdown(f"{plain(step.value['reason'])}  \n:gray[{plain(step.who)} · {formats.moment(step.at)}]")


def _own(desk: Desk, rep_id: str) -> str:
    role = desk.eyes.actor.role
    return role if role in {"head", "hr"} else "own" if desk.eyes.actor.number == rep_id else ""


def _stands(step: Step | None) -> None:
    if step is None:
        st.caption(_("还没有写。"))
        return
    st.markdown(f"{plain(step.value['reason'])}  \n:gray[{plain(step.who)} · {formats.moment(step.at)}]")


def _field(desk: Desk, rep_id: str, who: str, step: Step | None) -> None:
    """Ask for one's own comment; a new one takes the place of the last on the form, the record keeps both."""
    if desk.state == "sealed":
        st.caption(_("已封账：新写的留在记录里，更正后再次确认时才印到表上。"))
    before = str(step.value["reason"]) if step else ""
    text = st.text_area(
        _(TITLES[who]), before, max_chars=300, key=f"opinion-{rep_id}-{turn()}", label_visibility="collapsed"
    )
    if st.button(
        _("保存"),
        disabled=not text.strip() or text.strip() == before,
        key=f"opinion-do-{rep_id}",
        icon=":material/save:",
    ):
        desk.take("comment", rep_id, reason=text.strip())
