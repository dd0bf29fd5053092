"""One's own appraisal: the form once it is published, agreeing or appealing, signing for the scheme and a warning."""

from __future__ import annotations

import streamlit as st

from kpi import standing
from kpi.scheme import scheme_for
from pages.appraisal import appeal_form, appeals, files, opinions, sheet
from pages.appraisal.desk import Desk, rules
from pages.appraisal.steps import bar
from pages.parts import formats, session
from pages.parts.words import _, language, plain


def draw(desk: Desk) -> None:
    """Draw the own appraisal of whoever looks."""
    bar(desk)
    _scheme(desk)
    own = desk.eyes.actor.number
    if own not in desk.eyes.people():
        st.info(_("结果公示后，您的考核单出现在这里；在此之前没有考核结果。"), icon=":material/hourglass_empty:")
        return
    sheet.form(desk, own)
    _warning(desk, own)
    if desk.state == "published":
        _answer(desk, own)
    if desk.state == "sealed":
        _again(desk, own)
    for appeal in desk.eyes.appeals():
        with st.container(border=True):
            appeals.one(desk, appeal)
    opinions.draw(desk, own)
    files.person(desk, own)


def _scheme(desk: Desk) -> None:
    """Tell which scheme counts and ask for the signature that it was made known (方案告知签收)."""
    found = session.ask(session.select, "select role from member where rep_id = ?", [desk.eyes.actor.number])
    scheme = scheme_for(found[0]["role"] if found else None, desk.now.quarter, rules().stored)
    if scheme is None:
        st.caption(_("您的岗位还没有考核方案。"))
        return
    signed = next(
        (step for step in desk.eyes.steps if step.kind == "sign_scheme" and step.rep_id == desk.eyes.actor.number), None
    )
    with st.expander(_("方案：{name}", name=plain(scheme.label(language()))), icon=":material/rule:"):
        for item in scheme.items:
            st.markdown(f"- {item.weight} % · {plain(item.en if language() == 'en' else item.zh)}")
        if signed:
            st.caption(_("已于 {day} 签收", day=formats.moment(signed.at)))
        elif st.button(_("我已知悉本方案（签收）"), icon=":material/draw:"):
            desk.take("sign_scheme", desk.eyes.actor.number, scheme=scheme.name, version=scheme.version)


def _warning(desk: Desk, own: str) -> None:
    found = desk.eyes.warning(own)
    if found is None:
        return
    st.warning(_("两位考核人对您提出了口头警告。这是人的决定，您可以申诉。"), icon=":material/campaign:")
    if found.kind == "cosign" and st.button(_("我已知悉")):
        desk.take("acknowledge", own)


def _again(desk: Desk, own: str) -> None:
    """Ask anew for the agreement where a correction changed the result that was agreed to."""
    given = standing.agreement(desk.eyes.steps, own)
    if given is not None:
        st.caption(_("您已于 {day} 同意现行的结果。", day=formats.moment(given.at)))
    if not standing.asked_again(desk.eyes.steps, own):
        return
    st.warning(
        _("您的结果在封账后作了更正。以前的确认只对旧版有效，请看过更正后再次确认。"), icon=":material/edit_note:"
    )
    if st.button(_("同意更正后的结果"), icon=":material/thumb_up:", type="primary"):
        desk.take("agree", own)


def _answer(desk: Desk, own: str) -> None:
    agreed = standing.agreed(desk.eyes.steps, own)
    st.subheader(_("确认结果"), anchor=False)
    if agreed:
        st.caption(_("您已同意这个结果；结果若有变动，需要再次确认。"))
    if st.button(_("同意结果"), icon=":material/thumb_up:", type="primary", disabled=agreed):
        desk.take("agree", own)
    appeal_form.draw(desk, own)
