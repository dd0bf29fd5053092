"""The answers to the cards: who may give them, and how they are kept."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from data.follow_ups import FollowUp, FollowUps
from data.records import Records
from pages.parts import session
from pages.parts.words import _

KEPT_DAYS = 400


def may_answer() -> bool:
    """Say whether this person may answer the cards: reps and heads; clerks only look."""
    return session.viewer().role in {"rep", "head"}


def known(today: date) -> list[FollowUp]:
    """Return the answers that may still count on a day."""
    return _store().since(today - timedelta(days=KEPT_DAYS))


def keep(
    account_id: str, today: date, answer: str, reason: str, result: str = "", next_date: date | None = None
) -> None:
    """Keep one answer and say so at the next run; the account must be one that this person sees."""
    if not may_answer():
        raise PermissionError("Only reps and heads answer the day's list.")
    _store().answer(account_id, today, answer, who=_who(), reason=reason, result=result, next_date=next_date)
    st.session_state["today_told"] = answer


def withdraw(number: int) -> None:
    """Take back an answer of one's own."""
    _store().withdraw(number, who=_who())


def mine(note: FollowUp | None) -> bool:
    """Say whether an answer is this person's own."""
    return note is not None and note.who == _who()


def told() -> None:
    """Say once what was kept."""
    answer = st.session_state.pop("today_told", None)
    if answer == "done":
        st.toast(_("已记下，等下次导入拜访或电话后合并。"), icon=":material/check:")
    elif answer:
        st.toast(_("已记下。"), icon=":material/check:")


def _who() -> str:
    return session.viewer().person


def _store() -> FollowUps:
    return FollowUps(Records(session.store().records_url))
