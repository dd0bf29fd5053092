"""Choosing an account among those that may be seen."""

from __future__ import annotations

import streamlit as st

from kpi import account_file
from pages.parts import address
from pages.parts.filters import Filters
from pages.parts.session import ask
from pages.parts.words import _, plain

MOST = 500


def choose(now: Filters) -> str | None:
    """Draw the choice and return an account number; None where there is no account at all."""
    found = ask(account_file.accounts, "", now.rep, now.dept, MOST)
    wanted = address.chosen("account")
    if wanted and wanted not in {row["account_id"] for row in found}:
        exact = [row for row in ask(account_file.accounts, wanted, now.rep, now.dept) if row["account_id"] == wanted]
        found = [*exact, *found]
    if not found:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.container(width=420)
        narrowed = _narrow(now)
    with chosen:
        return _pick(narrowed or found, wanted)


def _pick(found: list[dict[str, str]], wanted: str) -> str:
    names = {row["account_id"]: row["account_name"] for row in found}
    st.session_state["account"] = wanted if wanted in names else next(iter(names))
    chosen: str = st.selectbox(
        _("客户"),
        list(names),
        key="account",
        format_func=lambda key: " · ".join(part for part in (key, names.get(key)) if part),
        placeholder=_("输入编号或名称查找"),
        on_change=lambda: address.choose("account", st.session_state["account"]),
    )
    return chosen


def _narrow(now: Filters) -> list[dict[str, str]]:
    text = st.text_input(_("查找客户"), placeholder=_("编号、名称或附加字段的一部分"), width=300)
    found = ask(account_file.accounts, text, now.rep, now.dept, MOST) if text else []
    if text and not found:
        st.caption(_("没有客户含有「{wanted}」。", wanted=plain(text)))
    return found
