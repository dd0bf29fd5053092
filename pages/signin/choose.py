"""Choosing who you are from the loaded people, while the app is bound to this machine."""

from __future__ import annotations

import streamlit as st

from pages.parts import address
from pages.parts.session import POSTS, Person, people
from pages.parts.words import _

MANY = 40


def choose_person() -> None:
    """Ask who looks; the choice is kept in the address."""
    with st.container(horizontal_alignment="center"), st.container(width=760):
        st.title(_("您是谁？"), anchor=False)
        st.markdown(_("请选择您的名字。每个人只看到自己职责范围内的数据：专员只看自己的客户。"))
        for role, post in POSTS.items():
            if group := [person for person in people() if person.role == role]:
                st.markdown(f"#### {_(post)}")
                _group(post, group)


def _group(post: str, persons: list[Person]) -> None:
    if len(persons) > MANY:
        names = {person.key: person.name for person in persons}
        key = f"signin-{post}"
        st.selectbox(
            _(post),
            list(names),
            index=None,
            key=key,
            format_func=lambda one: f"{names[one]} · {one}",
            placeholder=_("输入姓名查找"),
            label_visibility="collapsed",
            on_change=lambda: address.choose("me", st.session_state[key]),
        )
        return
    with st.grid("auto", min_column_width=160, gap="xsmall"):
        for person in persons:
            label = person.name or _("本机查看")
            st.button(label, key=f"me-{person.key}", width="stretch", on_click=address.choose, args=("me", person.key))
