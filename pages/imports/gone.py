"""Orders gone from a complete export: each with 作废 and 保留, one reason for what is answered together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from data.records import ChangedError, Records
from kpi import week
from pages.parts import formats, session
from pages.parts.words import _, language, mark, plain

SHOWN = 20
ANSWERS = {week.VOID: mark("作废"), week.KEEP: mark("保留")}


def questions() -> int:
    """Draw what vanished, the unanswered first; return how many answers are not published yet."""
    found = session.ask(week.vanished)
    decisions = {each.subject: each for each in Records(session.store().records_url).decisions(week.QUESTION)}
    answers = {subject: each.value for subject, each in decisions.items()}
    seen = {subject: each.id for subject, each in decisions.items()}
    unanswered = [row for row in found if row["order_no"] not in answers]
    answered = [row for row in found if row["order_no"] in answers]
    st.subheader(_("上次有、这次没有的订单：{count} 张待答", count=len(unanswered)), anchor=False)
    if not found:
        st.caption(_("没有。只有声明「在此期间是完整的」的订单导出才会核对。"))
        return 0
    st.caption(_("答复之前仍计入。作废：发布后不再计入；保留：继续计入。"))
    if told := st.session_state.pop("gone-told", ""):
        st.error(told, icon=":material/error:")
    st.text_input(_("原因（必填，记入日志）"), key="gone-reason", max_chars=200)
    for row in unanswered[:SHOWN]:
        _row(row, seen, "")
    if len(unanswered) > 1:
        _together(unanswered, seen)
    if answered:
        with st.expander(_("已答复：{count} 张", count=len(answered))):
            for row in answered[:SHOWN]:
                _row(row, seen, answers[row["order_no"]])
    return len(week.unpublished(found, answers))


def _row(row: dict[str, Any], seen: dict[str, int], answer: str) -> None:
    order = row["order_no"]
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        about = (row["account"], row["rep"], _("第 {load} 次导入中没有", load=row["load_id"]))
        said = f" · **{_(ANSWERS.get(answer, answer))}**" if answer else ""
        amount = plain(formats.money(row["amount"], language()))
        st.markdown(
            f"**{plain(order)}** · {formats.day(row['day'])} · {amount}{said}  \n"
            f":gray[{plain(' · '.join(part for part in about if part))}]",
            width="content",
        )
        with st.container(horizontal=True, width="content"):
            for value, label in ANSWERS.items():
                if value != answer:
                    st.button(_(label), key=f"{value}-{order}", on_click=_answer, args=([order], value, seen))


def _together(rows: Sequence[dict[str, Any]], seen: dict[str, int]) -> None:
    orders = [row["order_no"] for row in rows]
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(rows) > SHOWN:
            st.caption(_("只列出前 {shown} 张，共 {count} 张。", shown=SHOWN, count=len(rows)))
        for value, label in ((week.VOID, _("全部作废")), (week.KEEP, _("全部保留"))):
            st.button(
                f"{label} ({len(orders)})",
                key=f"all-{value}",
                type="tertiary",
                on_click=_answer,
                args=(orders, value, seen),
            )


def _answer(orders: Sequence[str], value: str, seen: dict[str, int]) -> None:
    """Keep an answer for each order under the reason written; tell what stands against it."""
    reason = st.session_state["gone-reason"].strip()
    if not reason:
        st.session_state["gone-told"] = _("请先写明原因，再作废或保留。")
        return
    records = Records(session.store().records_url)
    for order in orders:
        try:
            records.decide(
                week.QUESTION, order, value, who=session.viewer().person, reason=reason, seen=seen.get(order, 0)
            )
        except ChangedError as error:
            st.session_state["gone-told"] = _("订单 {order} 已有别人答复：{who}", order=plain(order), who=plain(error))
            return
