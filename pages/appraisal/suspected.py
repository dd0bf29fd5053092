"""Suspected losses: the head confirms or rejects each with a reason; until then they do not score."""

from __future__ import annotations

from typing import Any

import duckdb
import streamlit as st

from data.records import ChangedError
from pages.appraisal.desk import Desk, records, renew, rules, tell
from pages.parts import formats, session
from pages.parts.words import _, plain

SUSPECTED = """
select c.account_id, a.account_name, c.rep_id, m.rep_name, c.day, c.reason_date
from contribution_churn c
left join account a on a.account_id = c.account_id
left join member m on m.rep_id = c.rep_id
where c.quarter = ? and c.reason = 'lost_inferred' and c.numerator <> 0
order by c.reason_date, c.account_id
"""


def suspected(cur: duckdb.DuckDBPyConnection, quarter: str) -> list[dict[str, Any]]:
    """List the suspected losses of a quarter on the viewer's view."""
    return session.select(cur, SUSPECTED, [quarter])


def draw(desk: Desk) -> None:
    """Draw the suspicions that await the head's verdict."""
    if desk.eyes.actor.role != "head" or desk.state == "sealed":
        return
    settled = {(account, day) for account, day, _verdict in rules().verdicts}
    rows = [
        row
        for row in session.ask(suspected, desk.now.quarter)
        if (row["account_id"], formats.day(row["day"])) not in settled
    ]
    if not rows:
        return
    st.subheader(_("疑似流失待您确认 {count} 户", count=len(rows)), anchor=False)
    st.caption(_("确认之前不计分；封账时仍未确认的，不计分并保留在此。锁定之后的确认，要重新锁定才进入考核。"))
    for row in rows:
        _one(row)


def _one(row: dict[str, Any]) -> None:
    subject = f"{row['account_id']}|{formats.day(row['day'])}"
    with st.container(border=True, horizontal=True, vertical_alignment="bottom"):
        st.markdown(
            _(
                "**{name}** · {rep} · 最近订单 {day}，判定线 {line}",
                name=plain(row["account_name"] or row["account_id"]),
                rep=plain(row["rep_name"] or row["rep_id"] or formats.NONE),
                day=formats.day(row["day"]),
                line=formats.day(row["reason_date"]),
            )
        )
        why = st.text_input(_("理由"), key=f"why-{subject}", width=260)
        if st.button(_("确认流失"), key=f"yes-{subject}", disabled=not why):
            _decide(subject, "confirmed", why)
        if st.button(_("不是流失"), key=f"no-{subject}", disabled=not why):
            _decide(subject, "rejected", why)


def _decide(subject: str, verdict: str, why: str) -> None:
    try:
        records().decide("churn", subject, verdict, who=session.viewer().person, reason=why, seen=0)
    except ChangedError as error:
        tell(plain(str(error)))
    renew()
