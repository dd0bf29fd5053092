"""Losses left out of the scored churn: the department's losses, the records, and what the viewer may do with each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from kpi import exclusion, quarter
from kpi.catalogue import reason
from kpi.exclusion import Asked
from pages.appraisal import scored
from pages.appraisal.desk import Desk, records, stepping, turn
from pages.parts import formats, session
from pages.parts.accounts import names
from pages.parts.empty import empty
from pages.parts.table import Column, filled, table
from pages.parts.words import _, either, language, plain

Loss = Mapping[str, Any]


def draw(desk: Desk) -> None:
    """Draw the losses of the quarter with their records, and what comes next."""
    found, causes = quarter.losses(session.store(), desk.place, desk.eyes.steps)
    st.caption(
        _("流失率总是计入全部流失客户。因下列原因流失的，经理提出、人力资源部批准后，可以不计入考核得分，基数不变：")
        + _("、").join(plain(exclusion.cause_words(cause, language())) for cause in causes)
    )
    made = desk.eyes.exclusions()
    if not found and not made:
        empty(_("本季度没有流失的大客户"), _("有流失时，这里列出可以提出剔除的客户和已有的记录。"))
        return
    known = {exclusion.subject(row["account_id"], row["day"]) for row in found}
    rows = [_row(desk, row, made.get(exclusion.subject(row["account_id"], row["day"]))) for row in found]
    rows += [_gone(each) for loss, each in made.items() if loss not in known]
    named = names(row["account"] for row in rows)
    rows = [row | {"name": named.get(row["account"])} for row in rows]
    table(rows, filled(rows, _columns()), key="exclusions", file_name=_("流失剔除"))
    if desk.state == "sealed":
        st.info(_("本季度已封账：剔除记录已随结果封存，不能再提出、批准或撤回。"), icon=":material/lock:")
        return
    if desk.state != "draft":
        st.caption(_("批准或撤回会改变该项的系统得分，两位考核人要对这一项重新评分，原有签字和本人确认随之失效。"))
    for each in made.values():
        if each.ended is None:
            _waiting(desk, each)
    if desk.eyes.actor.role == "head" and causes:
        _propose(desk, found, made, causes)


def _row(desk: Desk, row: Loss, made: Asked | None) -> dict[str, Any]:
    told = {"account": row["account_id"], "rep": _rep(row["rep_id"]), "day": row["day"]}
    why = reason(row["reason"], language(), date=row["reason_date"])
    waits = (row["account_id"], row["day"]) in _unresolved(desk, row["rep_id"])
    state = _("疑似，未确认不计分") if waits else _("计分")
    return told | {"why": why, "state": state} | (_told(made) if made else {})


def _unresolved(desk: Desk, rep_id: str) -> set[tuple[str, str]]:
    """Give the suspected losses of a person that do not score: as locked, else as they are now."""
    if card := desk.eyes.card(rep_id):
        found = [loss for item in card["items"] for loss in item.get("losses") or ()]
    else:
        live = scored.card(rep_id, desk.now.quarter)
        found = [loss for line in live.lines for loss in line.losses] if live else []
    return {(account, day) for account, day, waits in found if waits}


def _gone(each: Asked) -> dict[str, Any]:
    said = each.record
    return {"account": said.account_id, "rep": _rep(each.proposed.rep_id), "day": said.day, "why": ""} | _told(each)


def _told(each: Asked) -> dict[str, Any]:
    said = each.record
    told = {"cause": exclusion.cause_words(said.cause, language()), "reason": said.reason}
    told["proposed"] = f"{said.proposed_by} {said.proposed_at[:10]}"
    if each.approved:
        told["approved"] = f"{said.approved_by} {said.approved_at[:10]}"
    if each.ended:
        by, day, why = each.ended.who, formats.day(each.ended.at), each.ended.value["reason"]
        return told | {"ended": _("{who} {day}：{why}", who=by, day=day, why=why)}
    return told | {"state": _("已剔除，不计分") if each.counts else _("待人力资源部批准")}


def _columns() -> list[Column]:
    return [
        Column("account", _("客户编号"), width=100, pinned=True),
        Column("name", _("客户"), width=180),
        Column("rep", _("责任专员"), width=90),
        Column("state", _("考核中"), width=165),
        Column("day", _("最近订单"), width=95),
        Column("why", _("流失判定"), width=240),
        Column("cause", _("剔除原因"), width=165),
        Column("reason", _("理由"), width=240),
        Column("proposed", _("提出"), width=140),
        Column("approved", _("批准"), width=140),
        Column("ended", _("撤回或退回"), width=220),
    ]


def _rep(rep_id: str | None) -> str:
    found = session.ask(session.select, "select rep_name from member where rep_id = ?", [rep_id])
    return str(found[0]["rep_name"]) if found and found[0]["rep_name"] else rep_id or _("未归属")


def _waiting(desk: Desk, each: Asked) -> None:
    """Draw one record in force or waiting, with what the viewer may do."""
    said, rep_id, loss = each.record, each.proposed.rep_id, str(each.proposed.value["loss"])
    desk.seen(f"exclude:{loss}")
    with st.container(border=True):
        state = _("已批准") if each.counts else _("待人力资源部批准")
        words = plain(exclusion.worded([vars(said)], language())[0]) if each.counts else _pending(each)
        st.markdown(f"**{plain(said.account_id)}** · {plain(_rep(rep_id))} · {state}  \n{words}")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            hr = desk.eyes.actor.role == "hr"
            if hr and each.open and st.button(_("批准剔除"), type="primary", key=f"approve-{loss}"):
                desk.take(exclusion.APPROVE, rep_id, loss=loss)
            why = st.text_input(_("撤回或退回的理由"), key=f"end-why-{loss}-{turn()}", width=280)
            label = _("不批准") if hr and each.open else _("撤回记录")
            if st.button(label, key=f"end-{loss}", disabled=not why.strip()):
                desk.take(exclusion.WITHDRAW, rep_id, loss=loss, reason=why)


def _pending(each: Asked) -> str:
    said = each.record
    return _(
        "{cause}：{why}（{who} 于 {day} 提出）",
        cause=plain(exclusion.cause_words(said.cause, language())),
        why=plain(said.reason),
        who=plain(said.proposed_by),
        day=said.proposed_at[:10],
    )


def _propose(desk: Desk, found: list[dict[str, Any]], made: Mapping[str, Asked], causes: tuple[str, ...]) -> None:
    free = {
        loss: row
        for row in found
        if (loss := exclusion.subject(row["account_id"], row["day"])) not in made or made[loss].ended
    }
    st.subheader(_("提出剔除"), anchor=False)
    if not free:
        st.caption(_("所有流失客户都已有记录。"))
        return
    for loss in free:
        desk.seen(f"exclude:{loss}")
    named = names(row["account_id"] for row in free.values())
    labels = {
        loss: " · ".join(filter(None, (row["account_id"], named.get(row["account_id"]), _rep(row["rep_id"]))))
        for loss, row in free.items()
    }
    words = {cause: exclusion.cause_words(cause, language()) for cause in causes}
    with st.form(f"exclude-{turn()}"):
        loss = st.selectbox(_("哪一户"), list(labels), format_func=labels.__getitem__)
        cause = st.selectbox(_("剔除原因"), causes, format_func=words.__getitem__)
        why = st.text_area(_("理由和依据（必填，写入考核记录）"), max_chars=300)
        if st.form_submit_button(_("提交人力资源部批准"), type="primary"):
            _take(desk, free[loss], cause, why)


def _take(desk: Desk, row: Loss, cause: str, why: str) -> None:
    seen = desk.seen(f"exclude:{exclusion.subject(row['account_id'], row['day'])}")
    said = {"account_id": row["account_id"], "day": row["day"], "cause": cause, "reason": why}
    with stepping():
        quarter.exclude(session.store(), records(), desk.place, desk.eyes.actor, said, seen=seen)


def told(items: list[dict[str, Any]]) -> None:
    """Say under a form by which records losses do not score: both figures, who, when, why."""
    for item in items:
        if not item.get("excluded"):
            continue
        lost, base = float(item["numerator"]), float(item["denominator"])
        scored = lost - len(item["excluded"]) - (item.get("unresolved") or 0)
        st.caption(
            _(
                "{title}：全部 {lost} / {base} = {all}，剔除后计分 {scored} / {base} = {rate}。",
                title=either(item["title_zh"], item["title_en"]),
                lost=formats.number(lost),
                base=formats.number(base),
                all=formats.rate(item["value"]),
                scored=formats.number(scored),
                rate=formats.rate(float(item["rate"])),
            )
            + "  \n".join(["", *(plain(said) for said in exclusion.worded(item["excluded"], language()))])
        )
