"""The empty state: why there is nothing here and what to do next."""

from __future__ import annotations

import streamlit as st

from pages.parts.words import _

IMPORTS = "pages/imports/imports.py"


def empty(why: str, next_step: str, *, page: str | None = None, label: str | None = None) -> None:
    """Say why there is nothing and what to do; `page` is linked where this person may open it."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(":gray[:material/inbox:]", text_alignment="center")
        st.subheader(why, anchor=False, text_alignment="center")
        st.markdown(f":gray[{next_step}]", text_alignment="center")
        if page and may_open(page):
            st.page_link(page, label=label or _("去导入"), icon=":material/arrow_forward:", width="content")
        st.space("small")


def may_open(page: str) -> bool:
    """Say whether this person's navigation holds a page."""
    return page in st.session_state.get("pages", ())
