"""Orders and accounts gone from a complete export: each with 作废 and 保留, one reason for those answered together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import streamlit as st

from data.records import ChangedError, Records
from kpi import week
from pages.parts import formats, session
from pages.parts.words import _, language, mark, plain

SHOWN = 20
ANSWERS = {week.VOID: mark("作废"), week.KEEP: mark("保留")}


@dataclass(frozen=True)
class Kind:
    """What may be gone: the decision it takes, the field that names one, how the facts are asked, and its words."""

    question: str
    key: str
    ask: Callable[[duckdb.DuckDBPyConnection], list[dict[str, Any]]]
    title: str
    none: str
    hint: str


KINDS = (
    Kind(
        week.QUESTION,
        "order_no",
        week.vanished,
        mark("上次有、这次没有的订单：{count} 张待答"),
        mark("没有。只有声明「在此期间是完整的」的订单导出才会核对。"),
        mark("答复之前仍计入。作废：发布后不再计入；保留：继续计入。"),
    ),
    Kind(
        week.QUESTION_ACCOUNT,
        "account_id",
        week.vanished_accounts,
        mark("上次有、这次没有的客户：{count} 户待答"),
        mark("没有。只有声明「客户文件是全部客户」的导出才会核对。"),
        mark("答复之前不变。作废：发布后不再考核它的档案，订单和流失照算；保留：继续考核。"),
    ),
)


def questions(kind: Kind) -> int:
    """Draw what vanished, the unanswered first; return how many answers are not published yet."""
    found = session.ask(kind.ask)
    decisions = {each.subject: each for each in Records(session.store().records_url).decisions(kind.question)}
    answers = {subject: each.value for subject, each in decisions.items()}
    seen = {subject: each.id for subject, each in decisions.items()}
    unanswered = [row for row in found if row[kind.key] not in answers]
    answered = [row for row in found if row[kind.key] in answers]
    st.subheader(_(kind.title, count=len(unanswered)), anchor=False)
    if not found:
        st.caption(_(kind.none))
        return 0
    st.caption(_(kind.hint))
    if told := st.session_state.pop(f"{kind.question}-told", ""):
        st.error(told, icon=":material/error:")
    st.text_input(_("原因（必填，记入日志）"), key=f"{kind.question}-reason", max_chars=200)
    for row in unanswered[:SHOWN]:
        _row(kind, row, seen, "")
    if len(unanswered) > 1:
        _together(kind, unanswered, seen)
    if answered:
        with st.expander(_("已答复：{count} 项", count=len(answered))):
            for row in answered[:SHOWN]:
                _row(kind, row, seen, answers[row[kind.key]])
    return len(week.unpublished(found, answers, kind.key))


def _row(kind: Kind, row: dict[str, Any], seen: dict[str, int], answer: str) -> None:
    subject = row[kind.key]
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        said = f" · **{_(ANSWERS.get(answer, answer))}**" if answer else ""
        st.markdown(f"**{plain(subject)}** · {_facts(row)}{said}  \n:gray[{plain(_about(row))}]", width="content")
        with st.container(horizontal=True, width="content"):
            for value, label in ANSWERS.items():
                if value != answer:
                    key = f"{kind.question}-{value}-{subject}"
                    st.button(_(label), key=key, on_click=_answer, args=(kind, [subject], value, seen))


def _facts(row: dict[str, Any]) -> str:
    """Say what tells one from another: day and amount of an order, name and last order of an account."""
    if "amount" in row:
        return f"{formats.day(row['day'])} · {plain(formats.money(row['amount'], language()))}"
    last = _("最近订单 {day}", day=formats.day(row["last_order"])) if row["last_order"] else _("没有订单")
    return f"{plain(row['account'] or formats.NONE)} · {last}"


def _about(row: dict[str, Any]) -> str:
    parts = (row["account"] if "amount" in row else "", row["rep"], _("第 {load} 次导入中没有", load=row["load_id"]))
    return " · ".join(part for part in parts if part)


def _together(kind: Kind, rows: Sequence[dict[str, Any]], seen: dict[str, int]) -> None:
    subjects = [row[kind.key] for row in rows]
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(rows) > SHOWN:
            st.caption(_("只列出前 {shown} 项，共 {count} 项。", shown=SHOWN, count=len(rows)))
        for value, label in ((week.VOID, _("全部作废")), (week.KEEP, _("全部保留"))):
            st.button(
                f"{label} ({len(subjects)})",
                key=f"{kind.question}-all-{value}",
                type="tertiary",
                on_click=_answer,
                args=(kind, subjects, value, seen),
            )


def _answer(kind: Kind, subjects: Sequence[str], value: str, seen: dict[str, int]) -> None:
    """Keep an answer for each under the reason written; tell what stands against it."""
    told = f"{kind.question}-told"
    reason = st.session_state[f"{kind.question}-reason"].strip()
    if not reason:
        st.session_state[told] = _("请先写明原因，再作废或保留。")
        return
    records = Records(session.store().records_url)
    who = session.viewer().person
    for subject in subjects:
        try:
            records.decide(kind.question, subject, value, who=who, reason=reason, seen=seen.get(subject, 0))
        except ChangedError as error:
            st.session_state[told] = _("{subject} 已有别人答复：{who}", subject=plain(subject), who=plain(error))
            return
