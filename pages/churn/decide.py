"""The head's verdicts on suspected losses, and an account's own cycle: records, in force at the next refresh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from data.records import ChangedError, Decision, ReasonError, Records, UnknownDecisionError
from kpi import churn_evidence as churn
from pages.imports import jobs
from pages.parts import formats, session
from pages.parts.table import Column, table
from pages.parts.words import _, mark, plain

WORDS = {churn.CONFIRM: mark("确认流失"), churn.REJECT: mark("不是流失")}
SUSPECTED = {"lost_inferred", "lost_waiting"}


def verdicts(rows: Sequence[dict[str, Any]], picked: Mapping[str, Any] | None) -> None:
    """Let the head decide about the row that is picked; show what was decided. Nobody else sees this."""
    if session.viewer().role != "head":
        return
    records = Records(session.store().records_url)
    made = {
        (each.kind, each.subject): each for kind in (churn.VERDICT, churn.CYCLE) for each in records.decisions(kind)
    }
    waiting = [row for row in rows if row["reason"] in SUSPECTED and (churn.VERDICT, churn.subject(row)) not in made]
    st.subheader(_("确认：{count} 户疑似流失待您判断", count=len(waiting)), anchor=False)
    st.caption(_("推断的流失是疑似，确认或否决都要写明原因；在下一次重算后生效。客户再次下单后，旧的判断不再适用。"))
    if told := st.session_state.pop("churn-told", ""):
        st.error(told, icon=":material/error:")
    if picked is None:
        st.caption(_("在上面的列表里选一户。"))
    else:
        _form(records, picked, made)
    _made(records, rows, made)


def _form(records: Records, row: Mapping[str, Any], made: Mapping[tuple[str, str], Decision]) -> None:
    about = churn.subject(row)
    with st.container(border=True):
        st.markdown(
            _(
                "**{name}** · 最近订单 {day} · 静默 {silent} 天 · 判定期 {window} 天",
                name=plain(row["account_name"] or row["account_id"]),
                day=formats.day(row["last_order"]),
                silent=row["silent_days"],
                window=row["window_days"] or formats.NONE,
            )
        )
        st.text_input(_("原因（必填，记入日志）"), key="churn-reason", max_chars=200)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for value, label in WORDS.items():
                st.button(
                    _(label), key=f"churn-{value}", on_click=_decide, args=(records, churn.VERDICT, about, value, made)
                )
            days = st.number_input(
                _("本户周期(天)"), min_value=1, max_value=200, value=None, step=1, key="churn-days", width=140
            )
            st.button(
                _("设本户周期"),
                key="churn-cycle",
                disabled=days is None,
                help=_("判定期为周期的 2 倍"),
                on_click=_decide,
                args=(records, churn.CYCLE, row["account_id"], str(days), made),
            )


def _decide(records: Records, kind: str, about: str, value: str, made: Mapping[tuple[str, str], Decision]) -> None:
    before = made.get((kind, about))
    reason = st.session_state["churn-reason"]
    try:
        records.decide(kind, about, value, who=session.viewer().person, reason=reason, seen=before.id if before else 0)
    except ReasonError:
        st.session_state["churn-told"] = _("请先写明原因。")
    except ChangedError as error:
        st.session_state["churn-told"] = _("已有别人判断：{who}。请刷新后再看。", who=plain(error))


def _made(records: Records, rows: Sequence[dict[str, Any]], made: Mapping[tuple[str, str], Decision]) -> None:
    names = {row["account_id"]: row["account_name"] or row["account_id"] for row in rows}
    own = [each for each in made.values() if each.subject.partition("|")[0] in names]
    if not own:
        return
    listed = [
        {
            "name": names[each.subject.partition("|")[0]],
            "said": _(WORDS[each.value]) if each.value in WORDS else _("本户周期 {days} 天", days=each.value),
            "reason": each.reason,
            "who": each.decided_by,
            "at": each.decided_at,
        }
        for each in own
    ]
    columns = [
        Column("name", _("客户"), width=180, pinned=True),
        Column("said", _("决定"), width=120),
        Column("reason", _("原因"), width=300),
        Column("who", _("决定人"), width=90),
        Column("at", _("时间"), "moment", width=140),
    ]
    st.markdown(_("**已做的决定 {count} 条**", count=len(own)))
    place = table(listed, columns, key="churn-made", select=True)
    with st.container(horizontal=True):
        if st.button(_("重算，让决定生效"), icon=":material/refresh:", key="churn-refresh"):
            jobs.refresh(session.store().folder, jobs.Asker.now())
            st.success(_("正在重算；几秒钟后刷新即可看到结果。"), icon=":material/check_circle:")
        if place is not None:
            st.button(_("撤回所选决定"), key="churn-revoke", on_click=_revoke, args=(records, own[place].id))


def _revoke(records: Records, number: int) -> None:
    try:
        records.revoke(number, who=session.viewer().person, reason=_("撤回"))
    except UnknownDecisionError:
        st.session_state["churn-told"] = _("这个决定已经不在了，请刷新。")
