"""Everyone in one table: scores, grades, states; batch confirmation, calibration, warnings as suggestions, files."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import standing
from kpi.appraisal import CALIBRATE_FROM, CONSENT_ABOVE
from kpi.card import Scorecard
from kpi.catalogue import reason
from kpi.quarter import reread
from kpi.warning import Suggestion, suggestion
from pages.appraisal import files, scored
from pages.appraisal.desk import Desk
from pages.parts import address, formats
from pages.parts.empty import empty, may_open
from pages.parts.table import Column, table
from pages.parts.words import _, either, language, plain

CHURN = "pages/churn/churn.py"
TURN = {"head": "locked", "hr": "reviewing"}


def draw(desk: Desk) -> None:
    """Draw the summary of the department."""
    cards = scored.cards(desk.now.quarter, desk.dept)
    if not cards:
        empty(_("本季度没有可考核的人"), _("导入人员和计划，或在上方换一个季度。"))
        return
    if desk.state == "draft":
        st.caption(_("草稿：得分随数据变动，锁定后才开始评分。"))
    rows = [_row(desk, card) for card in cards]
    table(rows, _columns(), key="appraisal-summary")
    st.caption(_("系统得分和等级在没有两位考核人评分之前只是系统的计算，不是考核结果。"))
    _batch(desk)
    _flags(desk)
    _warnings(desk, cards)
    _suspected(desk)
    files.summary(desk, cards)


def _row(desk: Desk, card: Scorecard) -> dict[str, Any]:
    closing = desk.eyes.score(card.rep_id)
    kept = desk.eyes.card(card.rep_id)
    system = card.total if kept is None else (kept["total"] and formats.exact(float(kept["total"])))
    smallest = min((line.n for line in card.lines if line.low is not None), default=None)
    return {
        "rep_id": card.rep_id,
        "rep_name": card.rep_name,
        "role": card.role,
        "system": system,
        "head": closing.head if closing else None,
        "hr": closing.hr if closing else None,
        "final": closing.final if closing else None,
        "grade": closing.grade if closing else card.grade,
        "coefficient": closing.coefficient if closing else None,
        "n": smallest,
        "flags": "；".join(reason(flag, language()) for flag in card.flags),
        "scheme": card.scheme.label(language()) if card.scheme else None,
    }


def _columns() -> list[Column]:
    return [
        Column("rep_name", _("姓名"), width=90, pinned=True),
        Column("rep_id", _("工号"), width=70),
        Column("role", _("岗位"), width=70),
        Column("system", _("系统得分"), "decimal", width=90),
        Column("head", _("经理 M"), "decimal", width=80),
        Column("hr", _("人力 H"), "decimal", width=80),
        Column("final", _("综合得分"), "decimal", width=90),
        Column("grade", _("等级"), width=60),
        Column("coefficient", _("系数"), "decimal", width=70, help=_("示例系数，公司启用方案后才用于薪酬")),
        Column("n", _("最小 n"), "number", width=70, help=_("按户计的指标中最小的户数；越小，一户之差影响越大")),
        Column("flags", _("状态"), width=260),
        Column("scheme", _("方案"), width=240),
    ]


def _batch(desk: Desk) -> None:
    """Offer to confirm everything still unrated at the system's points, in the viewer's own name."""
    role = desk.eyes.actor.role
    if TURN.get(role) != desk.state:
        return
    waiting = [
        (rep_id, name, found)
        for rep_id, name, _role in standing.missing(desk.eyes.steps, (role,))
        if (found := standing.item(desk.eyes.steps, rep_id, name)) and standing.system_score(found) is not None
    ]
    if waiting and st.button(
        _("全部按系统得分确认（{count} 项）", count=len(waiting)),
        icon=":material/done_all:",
        type="primary",
        help=_("以您的名义确认尚未评分的计分项；内勤的四项要逐项评分。"),
    ):
        asked = [
            desk.ask("rate", rep_id, {"item": name, "score": str(standing.system_score(found)), "reason": ""})
            for rep_id, name, found in waiting
        ]
        desk.take_all(asked)


def _flags(desk: Desk) -> None:
    """Show changes of more than ten points and people on whom the appraisers are far apart."""
    large = []
    for rep_id in desk.eyes.people():
        for (name, _role), mark in desk.eyes.marks(rep_id).items():
            found = standing.item(desk.eyes.steps, rep_id, name)
            system = standing.system_score(found) if found else None
            if system is not None and formats.exact(float(mark["score"])) != system:
                change = formats.exact(float(mark["score"])) - system
                row = {"rep": desk.name(rep_id), "item": name, "who": mark["who"], "change": change}
                large.append(
                    row | {"reason": mark.get("reason", ""), "large": _("是") if abs(change) > CONSENT_ABOVE else ""}
                )
        closing = desk.eyes.score(rep_id)
        if closing and closing.gap >= CALIBRATE_FROM:
            st.warning(
                _("{name}：经理与人力相差 {gap} 分，公示前请校准。", name=desk.name(rep_id), gap=closing.gap),
                icon=":material/balance:",
            )
    if large:
        st.subheader(_("调分日志"), anchor=False)
        columns = [Column("rep", _("姓名")), Column("item", _("指标")), Column("who", _("调分人"))]
        columns += [
            Column("change", _("调整(分)"), "decimal"),
            Column("large", _("超过 10 分")),
            Column("reason", _("理由"), width=320),
        ]
        table(large, columns, key="appraisal-changes")


def _warnings(desk: Desk, cards: list[Scorecard]) -> None:
    st.subheader(_("警告建议"), anchor=False)
    if not any(card.scheme and card.scheme.warn_below is not None for card in cards):
        st.caption(_("公司尚未在方案中设定警告线，因此没有任何警告建议。警告线由公司制度规定，系统不预设。"))
        return
    found = []
    for live in cards:
        kept = desk.eyes.card(live.rep_id)
        card = live if kept is None else reread(kept)
        closing = desk.eyes.score(card.rep_id)
        made = suggestion(card, closing.final if closing else None)
        if made:
            found.append((card, made))
    if not found:
        st.caption(_("没有人低于警告线。"))
    for card, made in found:
        _suggested(desk, card, made)


def _suggested(desk: Desk, card: Scorecard, made: Suggestion) -> None:
    """Draw one suggestion, never without n, intervals and what one account would change."""
    intervals = "，".join(
        f"{either(line.title_zh, line.title_en)} [{formats.rate(line.low)}, {formats.rate(line.high)}]"
        for line in made.intervals
    )
    flip = _("没有单独一户能改变结果")
    if made.flip:
        flip = _(
            "{change} → {total} 分", change=reason(made.flip.code, language()), total=formats.number(made.flip.total, 2)
        )
    with st.container(border=True):
        head = (
            _("建议口头警告（由两位考核人决定）")
            if made.kind == "warning"
            else _("请核实：一户之差即可改变结果，不构成警告建议")
        )
        st.markdown(f"**{plain(card.rep_name)}** · {head}")
        st.caption(
            _(
                "得分 {total}，警告线 {line}（低于才算）· n = {n} · 区间：{intervals} · 一户之差：{flip}",
                total=formats.number(made.total, 2),
                line=formats.number(made.line, 2),
                n=made.n,
                intervals=intervals or formats.NONE,
                flip=flip,
            )
        )
        if made.kind == "warning" and desk.state in {"published", "sealed"}:
            _issue(desk, card.rep_id)


def _suspected(desk: Desk) -> None:
    """Lead the head to the losses that await a verdict."""
    if desk.eyes.actor.role == "head" and desk.state != "sealed" and may_open(CHURN):
        st.caption(
            _("疑似流失在确认之前不计分；封账时仍未确认的，不计分并保留。锁定之后的确认，要重新锁定才进入考核。")
        )
        st.page_link(CHURN, label=_("去确认疑似流失"), icon=":material/arrow_forward:", query_params=address.link())


def _issue(desk: Desk, rep_id: str) -> None:
    issued = desk.eyes.warning(rep_id)
    if issued is None:
        why = st.text_input(_("面谈情况和理由"), key=f"warn-{rep_id}")
        if st.button(_("提出口头警告"), key=f"warn-do-{rep_id}", disabled=not why):
            desk.take("warn", rep_id, reason=why)
        return
    words = {
        "warn": _("已提出，等待另一位考核人签字"),
        "cosign": _("两人已签字，等待本人知悉"),
        "acknowledge": _("本人已知悉"),
    }
    st.caption(f"{words[issued.kind]} · {plain(issued.who)} · {formats.moment(issued.at)}")
    if (
        issued.kind == "warn"
        and issued.role != desk.eyes.actor.role
        and st.button(_("同意并签字"), key=f"cosign-{rep_id}")
    ):
        desk.take("cosign", rep_id)
