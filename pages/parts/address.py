"""What a person has chosen, kept for the session and written into the address so that it can be shared."""

from __future__ import annotations

import streamlit as st

KEPT = ("me", "lang", "quarter", "dept", "rep", "account", "model", "metric")
DEFAULTS = {"lang": "zh"}


def chosen(name: str) -> str:
    """Return what was chosen under a name of `KEPT`, or its default, or an empty text."""
    return str(_choices().get(name, DEFAULTS.get(name, "")))


def choose(name: str, value: str | None) -> None:
    """Keep a choice; an empty one is forgotten."""
    if value and value != DEFAULTS.get(name):
        _choices()[name] = value
    else:
        _choices().pop(name, None)


def adopt() -> None:
    """Take over what the address says and this session did not write itself: a shared link, a link of a page, Back."""
    shown = st.session_state.setdefault("address_shown", {})
    for name in KEPT:
        if name in st.query_params and st.query_params[name] != shown.get(name):
            choose(name, st.query_params[name])


def publish() -> None:
    """Write the choices into the address."""
    for name in KEPT:
        value = _choices().get(name)
        if value and st.query_params.get(name) != value:
            st.query_params[name] = value
        elif not value and name in st.query_params:
            del st.query_params[name]
    st.session_state["address_shown"] = dict(_choices())


def link(**changed: str) -> dict[str, str]:
    """Return the query of a link to another page: today's choices with some changed."""
    return {name: value for name, value in {**_choices(), **changed}.items() if value}


def _choices() -> dict[str, str]:
    choices: dict[str, str] = st.session_state.setdefault("address", {})
    return choices
