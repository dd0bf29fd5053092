"""A rep's objection to a loss charged to them, and the head's answer; nobody else sees either."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from data.records import ChangedError, ReasonError, Records, UnknownDecisionError
from kpi import churn_evidence, objections
from kpi.catalogue import reason
from kpi.objections import Objection
from pages.parts import filters, formats, session
from pages.parts.accounts import names
from pages.parts.filters import Filters
from pages.parts.table import Column, filled, table
from pages.parts.words import _, language, mark, plain

ANSWERS = {objections.ACCEPTED: mark("接受异议"), objections.REFUSED: mark("不接受")}
STATES = {objections.ACCEPTED: mark("已接受"), objections.REFUSED: mark("未接受"), "": mark("待答复")}
TOLD, FILED, ANSWERED = "objection-told", "objection-reason", "objection-answer"


def concerned() -> list[Objection]:
    """List the objections that this viewer is concerned in, the open ones first."""
    who = session.viewer()
    if who.role not in {"head", "rep"}:
        return []
    people = [row["rep_id"] for row in filters.reps() if who.dept in {"", row["dept"]}]
    return objections.readable(objections.listed(_records()), who.role, who.rep_id, people)


def waiting() -> list[Objection]:
    """List those that wait for this viewer's answer: the head's."""
    return [each for each in concerned() if each.answer is None] if session.viewer().role == "head" else []


def draw(now: Filters, picked: Mapping[str, Any] | None) -> None:
    """Let a rep object to the row that is picked, and the head answer; show both what was said."""
    role, found = session.viewer().role, concerned()
    if role not in {"head", "rep"} or (role == "head" and not found):
        return
    count = sum(each.answer is None for each in found)
    title = _("异议：{count} 件待您答复", count=count) if role == "head" else _("我的异议 {count} 件", count=len(found))
    st.subheader(title, anchor=False)
    if told := st.session_state.pop(TOLD, ""):
        st.error(told, icon=":material/error:")
    if role == "rep":
        st.caption(_("记在您名下的流失，如有不同看法，可在上面选一户提出；只有您和经理看得到。"))
        _object(now, picked, found)
    chosen = shown(found, key="objections")
    if chosen is not None:
        _answer(chosen) if role == "head" else _withdraw(chosen)


def _records() -> Records:
    return Records(session.store().records_url)


def _object(now: Filters, picked: Mapping[str, Any] | None, found: Sequence[Objection]) -> None:
    if picked is None or not objections.may_object(picked, session.viewer().rep_id):
        return
    if churn_evidence.subject(picked) in {each.silence for each in found}:
        st.caption(_("对这一户已提出异议，见下表。"))
        return
    with st.container(border=True):
        why = reason(picked["reason"], language(), date=formats.day(picked["reason_date"]))
        st.markdown(f"**{plain(picked['account_name'] or picked['account_id'])}** · {plain(why)}")
        st.text_area(_("为什么不应算作您的流失（必填）"), key=FILED, max_chars=400, height=90)
        st.button(_("对此有异议"), key="objection-file", icon=":material/flag:", on_click=_file, args=(picked, now))


def _file(row: Mapping[str, Any], now: Filters) -> None:
    who = session.viewer()
    said = str(st.session_state.get(FILED, ""))
    _try(lambda: objections.file(_records(), row, now.quarter, who.rep_id, who=who.person, reason=said), FILED)


def shown(found: Sequence[Objection], *, key: str) -> Objection | None:
    """Draw objections with their answers; return the one that is picked."""
    if not found:
        return None
    named = names(each.account_id for each in found)
    people = {row["rep_id"]: row["rep_name"] for row in filters.reps()}
    rows = [
        {
            "name": named.get(each.account_id) or each.account_id,
            "rep": people.get(each.rep_id, each.rep_id),
            "quarter": formats.quarter(each.quarter, language()),
            "reason": each.made.reason,
            "at": each.made.decided_at,
            "state": _(STATES[each.answer.value if each.answer else ""]),
            "said": each.answer.reason if each.answer else "",
            "who": each.answer.decided_by if each.answer else "",
        }
        for each in found
    ]
    columns = [
        Column("name", _("客户"), width=170, pinned=True),
        Column("state", _("状态"), width=80),
        Column("rep", _("专员"), width=80),
        Column("quarter", _("季度"), width=130),
        Column("reason", _("异议理由"), width=280),
        Column("at", _("时间"), "moment", width=140),
        Column("said", _("答复理由"), width=240),
        Column("who", _("答复人"), width=90),
    ]
    if session.viewer().role == "rep":
        columns = [column for column in columns if column.name != "rep"]
    place = table(rows, filled(rows, columns), key=key, select=True)
    return found[place] if place is not None else None


def _answer(objection: Objection) -> None:
    if objection.answer is not None:
        return
    row = _judged(objection)
    with st.container(border=True):
        st.markdown(f"“{plain(objection.made.reason)}” — {plain(objection.made.decided_by)}")
        if row:
            why = reason(row["reason"], language(), date=formats.day(row["reason_date"]))
            st.caption(
                _(
                    "判定：{why} · 最近订单 {day} · 静默 {silent} 天",
                    why=plain(why),
                    day=formats.day(row["last_order"]),
                    silent=row["silent_days"],
                )
            )
        st.caption(_effect(row))
        st.text_input(_("答复理由（必填，专员可见）"), key=ANSWERED, max_chars=200)
        with st.container(horizontal=True):
            for said, label in ANSWERS.items():
                st.button(_(label), key=f"objection-{said}", on_click=_say, args=(objection, said, row))


def _effect(row: Mapping[str, Any] | None) -> str:
    if row and row["reason"] == "lost_declared":
        return _("客户状态写明流失：接受后请在 CRM 更正状态并重新导入，判定才会改变。")
    return _("接受即判为「不是流失」，下一次重算后生效；不接受则判定不变。已锁定的季度不因此变动。")


def _judged(objection: Objection) -> Mapping[str, Any] | None:
    rows = session.ask(churn_evidence.judged, objection.quarter, None, objection.rep_id)
    found = [row for row in rows if row["reason"] in objections.CHARGED]
    return next((row for row in found if churn_evidence.subject(row) == objection.silence), None)


def _say(objection: Objection, said: str, row: Mapping[str, Any] | None) -> None:
    who, why = session.viewer(), str(st.session_state.get(ANSWERED, ""))

    def answered() -> None:
        objections.answer(_records(), objection, said, who.role, who=who.person, reason=why)
        if said == objections.ACCEPTED and row and row["reason"] != "lost_declared":
            objections.settle(_records(), objection, who=who.person, reason=why)

    _try(answered, ANSWERED)


def _withdraw(objection: Objection) -> None:
    if objection.answer is None:
        st.button(_("撤回所选异议"), key="objection-withdraw", on_click=_revoke, args=(objection,))


def _revoke(objection: Objection) -> None:
    who = session.viewer()
    mine = objection.rep_id == who.rep_id
    if mine:
        _try(lambda: _records().revoke(objection.made.id, who=who.person, reason=_("撤回")), FILED)


def _try(step: Callable[[], object], field: str) -> None:
    try:
        step()
        st.session_state[field] = ""
    except ReasonError:
        st.session_state[TOLD] = _("请先写明理由。")
    except (ChangedError, UnknownDecisionError):
        st.session_state[TOLD] = _("这件异议已经变动，请刷新后再看。")
