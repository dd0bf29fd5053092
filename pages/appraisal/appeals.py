"""Appeals: filed by the person, heard by HR with the score before and after, signed by the head."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from data.appraisals import Step
from kpi import standing
from kpi.standing import Appeal, Score
from pages.appraisal.desk import Desk
from pages.parts import formats
from pages.parts.words import _, mark, plain

OUTCOMES = {"keep": mark("维持"), "change": mark("改分"), "redo": mark("重新评定")}


def draw(desk: Desk) -> None:
    """Draw all appeals, the open ones with what the viewer may do."""
    found = desk.eyes.appeals()
    if not found:
        st.caption(_("没有申诉。公示后 7 个工作日内，本人可以在「我的考核」提出。"))
    for appeal in found:
        with st.container(border=True):
            one(desk, appeal)
            if not appeal.closed and desk.eyes.actor.role == "hr":
                _hear(desk, appeal)
            number = appeal.filed.value["appeal"]
            waits = not appeal.closed and appeal.finding and desk.eyes.actor.role == "head"
            if waits and st.button(_("会签"), key=f"countersign-{number}", type="primary"):
                desk.take("countersign", appeal=number)


def one(desk: Desk, appeal: Appeal) -> None:
    """Say what an appeal is about and where it stands."""
    filed = appeal.filed
    title = f"**{plain(filed.value['appeal'])}** · {desk.name(filed.rep_id)} · {plain(filed.value.get('item', ''))}"
    st.markdown(title + (f" · {plain(filed.value['subject'])}" if filed.value.get("subject") else ""))
    st.markdown(plain(filed.value["reason"]))
    st.caption(formats.moment(filed.at))
    if appeal.finding:
        told = appeal.finding.value
        score = f" {told['score']}" if told["outcome"] == "change" else ""
        st.markdown(
            _("调查与处理：{finding}", finding=plain(told["reason"])) + f" · **{_(OUTCOMES[told['outcome']])}{score}**"
        )
        st.caption(_("双方已签字") if appeal.closed else _("等待经理会签"))


def _hear(desk: Desk, appeal: Appeal) -> None:
    number, rep_id = appeal.filed.value["appeal"], appeal.filed.rep_id
    items = [item["metric"] for item in (desk.eyes.card(rep_id) or {"items": []})["items"]]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        outcome = st.selectbox(
            _("处理结果"),
            list(OUTCOMES),
            format_func=lambda name: _(OUTCOMES[name]),
            key=f"outcome-{number}",
            width=140,
        )
        asked = appeal.filed.value.get("item")
        at = items.index(asked) if asked in items else 0
        item = st.selectbox(_("指标"), items, index=at, key=f"item-{number}", width=200, disabled=outcome != "change")
        score = st.number_input(_("改为"), 0.0, 120.0, key=f"score-{number}", width=130, disabled=outcome != "change")
    if outcome == "change":
        _preview(desk, appeal, item, f"{score:.2f}")
    why = st.text_area(_("调查事实与意见（听取双方后写明）"), key=f"finding-{number}")
    if st.button(_("签署处理意见"), key=f"find-{number}", disabled=not why):
        desk.take("find", appeal=number, outcome=outcome, item=item, score=f"{score:.2f}", reason=why)


def _preview(desk: Desk, appeal: Appeal, item: str, score: str) -> None:
    """Show the score that a change would give, and any threshold that it crosses, before anybody decides."""
    before, after = desk.eyes.score(appeal.filed.rep_id), preview(desk.eyes.steps, appeal, item, score)
    if before is None or after is None:
        return
    crossed = (
        _("，等级 {old} → {new}", old=before.grade, new=after.grade) if before.grade != after.grade else _("，等级不变")
    )
    st.info(
        _("改分后：综合 {old} → {new}", old=formats.number(before.final, 2), new=formats.number(after.final, 2))
        + crossed,
        icon=":material/calculate:",
    )


def preview(steps: object, appeal: Appeal, item: str, score: str) -> Score | None:
    """Compute the score as if a change of one item had been found and signed."""
    so_far = list(steps) if isinstance(steps, list | tuple) else []
    number = appeal.filed.value["appeal"]
    value = {"appeal": number, "outcome": "change", "item": item, "score": score, "reason": ""}
    found = Step("find", "", "hr", value, seq=len(so_far) + 1)
    signed = replace(found, kind="countersign", role="head", value={"appeal": number}, seq=len(so_far) + 2)
    return standing.score([*so_far, found, signed], appeal.filed.rep_id)
