"""The steps of the quarter: where it stands, until when, who goes next, and what happened so far."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from data.records import ChangedError
from kpi import quarter, standing
from kpi.appraisal import RefusedError, deadlines
from pages.appraisal.desk import Desk, records, renew, tell
from pages.parts import formats, session
from pages.parts.table import Column, table
from pages.parts.words import _, either, mark, plain

ORDER = ("draft", "locked", "reviewing", "published", "sealed")
NAMES = (
    ("lock", mark("数据锁定")),
    ("submit", mark("经理评分")),
    ("review", mark("HR 复核")),
    ("publish", mark("公示")),
    ("appeal", mark("确认 / 申诉")),
    ("seal", mark("封账")),
)
REACHED = {"lock": 1, "submit": 2, "review": 3, "publish": 3, "appeal": 4, "seal": 4}
KINDS = {
    "lock": mark("锁定数据"),
    "reopen": mark("解除锁定"),
    "rate": mark("评分"),
    "consent": mark("同意调分"),
    "calibrate": mark("校准"),
    "submit": mark("提交评分"),
    "return": mark("退回经理"),
    "publish": mark("公示"),
    "agree": mark("本人同意"),
    "appeal": mark("申诉"),
    "find": mark("申诉处理意见"),
    "countersign": mark("申诉会签"),
    "sign": mark("签字"),
    "seal": mark("封账"),
    "propose": mark("提出更正"),
    "approve": mark("更正会签"),
    "exclude": mark("提出流失剔除"),
    "exclude_approve": mark("批准流失剔除"),
    "exclude_withdraw": mark("撤回流失剔除"),
    "warn": mark("提出口头警告"),
    "cosign": mark("警告会签"),
    "acknowledge": mark("警告知悉"),
    "sign_scheme": mark("方案告知签收"),
    "comment": mark("评语"),
}


def draw(desk: Desk) -> None:
    """Draw the bar of steps, what the viewer may do next, and the log."""
    bar(desk)
    _next(desk)
    log = [
        {"seq": step.seq, "at": step.at.astimezone().replace(tzinfo=None), "who": step.who, "kind": _(KINDS[step.kind])}
        | {"rep": step.rep_id, "why": str(step.value.get("reason", "")), "digest": step.digest[:12]}
        for step in reversed(desk.eyes.log())
    ]
    st.subheader(_("经过"), anchor=False)
    if not log:
        st.caption(_("还没有任何步骤。"))
        return
    columns = [
        Column("seq", _("序号"), "number", width=60),
        Column("at", _("时间"), "moment"),
        Column("who", _("谁"), width=90),
    ]
    columns += [
        Column("kind", _("步骤"), width=120),
        Column("rep", _("被考核人"), width=90),
        Column("why", _("理由"), width=320),
    ]
    table(log, [*columns, Column("digest", _("版本哈希"), width=120)], key="appraisal-log")


def bar(desk: Desk) -> None:
    """Draw the steps with their deadlines in working days; late ones in the colour of a warning."""
    span = session.ask(session.select, "select period_end from quarter where quarter = ?", [desk.now.quarter])
    published = next((step.at.date() for step in reversed(desk.eyes.steps) if step.kind == "publish"), None)
    due = deadlines(span[0]["period_end"], published)
    today, reached = datetime.now(UTC).date(), ORDER.index(desk.state)
    with st.grid("auto", min_column_width=130, gap="small"):
        for name, label in NAMES:
            done = reached >= REACHED[name] and (name != "seal" or desk.state == "sealed")
            done = done and (name != "appeal" or desk.state == "sealed")
            late = not done and today > due[name]
            with st.container(border=True):
                sign = ":material/check_circle:" if done else ":material/schedule:"
                st.markdown(f":{'green' if done else 'orange' if late else 'gray'}[{sign} **{_(label)}**]")
                st.caption(_("截止 {day}", day=formats.day(due[name])) + (_(" · 已超期") if late else ""))


def _next(desk: Desk) -> None:
    role, state = desk.eyes.actor.role, desk.state
    left = standing.missing(desk.eyes.steps, (role,)) if state in {"locked", "reviewing"} else []
    desk.seen("state")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if role == "hr" and state == "draft" and st.button(_("锁定数据"), type="primary", icon=":material/lock:"):
            _lock(desk)
        if role == "head" and state == "locked" and st.button(_("提交经理评分"), type="primary", disabled=bool(left)):
            desk.take("submit")
        if role == "hr" and state == "reviewing" and st.button(_("公示"), type="primary", disabled=bool(left)):
            desk.take("publish")
        if state == "published":
            _sealing(desk)
        if role == "hr" and state in {"locked", "reviewing"}:
            _backwards(desk)
    if left:
        st.caption(_("您还有 {count} 项没有评分；在「考核单」逐项评，或在「汇总」按系统得分确认。", count=len(left)))


def _lock(desk: Desk) -> None:
    try:
        quarter.lock(session.store(), records(), desk.place, desk.eyes.actor, seen=desk.seen("state"))
    except RefusedError as error:
        tell(either(quarter.worded(error, "zh"), quarter.worded(error, "en")))
    except ChangedError as error:
        tell(plain(str(error)))
    renew()


def _sealing(desk: Desk) -> None:
    signed = standing.signatures(desk.eyes.steps)
    for role, name in (("head", _("经理")), ("hr", _("人力资源部"))):
        if role in signed:
            st.badge(_("{name}已签字：{who}", name=name, who=plain(signed[role].who)), color="green")
    if desk.eyes.actor.role not in signed and st.button(_("对当前结果签字"), icon=":material/draw:"):
        desk.take("sign")
    if desk.eyes.actor.role == "hr" and st.button(
        _("封账"), type="primary", icon=":material/lock:", disabled=len(signed) < 2
    ):
        desk.take("seal")


def _backwards(desk: Desk) -> None:
    why = st.text_input(_("理由"), key="back-why", width=240)
    if st.button(_("解除锁定"), disabled=not why, help=_("回到草稿；已有评分作废但留在记录里，重新锁定后再评。")):
        desk.take("reopen", reason=why)
    if desk.state == "reviewing" and st.button(_("退回经理"), disabled=not why):
        desk.take("return", reason=why)
