"""Ways from one page to another, for what this person may open."""

from __future__ import annotations

import streamlit as st

from pages.parts import address
from pages.parts.empty import may_open

ACCOUNT_PAGE = "pages/accounts/account.py"
SCORECARD_PAGE = "pages/scorecard/scorecard.py"


def open_account(account_id: str) -> None:
    """Go to the page of an account, where this person has that page."""
    _go(ACCOUNT_PAGE, "account", account_id)


def open_rep(rep_id: str) -> None:
    """Go to the scorecard of a rep, where this person has that page."""
    _go(SCORECARD_PAGE, "rep", rep_id)


def open_page(page: str) -> None:
    """Go to another page with the same filters."""
    st.switch_page(page, query_params=address.link())


def _go(page: str, name: str, value: str) -> None:
    if may_open(page):
        address.choose(name, value)
        st.switch_page(page, query_params=address.link())
