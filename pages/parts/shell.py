"""The frame around every page: who may open what, and the bar of filters, dates, language and person."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.parts import address, filters, session
from pages.parts.empty import IMPORTS, empty
from pages.parts.logo import logo
from pages.parts.palette import palette
from pages.parts.words import LANGUAGES, _, in_menu, language, plain
from pages.signin.choose import choose_person

log = logging.getLogger("kac")
# Streamlit has no setting for the space above and beside a page, nor for the width of a wide one.
TIGHT = "<style>.stMainBlockContainer {padding: 4.25rem clamp(1rem, 3vw, 3rem) 3rem; max-width: 1680px}</style>"


@dataclass(frozen=True)
class Entry:
    """One page of the app: script, Chinese title, the roles that may open it, whether it has filters."""

    path: str
    title: str
    roles: frozenset[str]
    filtered: bool = True

    @property
    def url(self) -> str:
        """The page's place in the address: the name of its script."""
        return Path(self.path).stem


def allowed(entries: Sequence[Entry], role: str) -> list[Entry]:
    """Return the pages that a role may open; what is left out cannot be reached by its address either."""
    return [entry for entry in entries if role in entry.roles]


def run(entries: Sequence[Entry]) -> None:
    """Draw the frame and run the page that was asked for; where nobody is signed in, ask who you are first."""
    address.adopt()
    who = session.person()
    role = who.role if who else session.FIRST_RUN.role if session.first_run() else ""
    shown = allowed(entries, role)
    page = _navigation(entries, shown, hidden=not role)
    _top(who, next((entry for entry in shown if entry.url == page.url_path), None))
    address.publish()  # before the page, which may stop early
    if role:
        page.run()
    else:
        choose_person()


def _navigation(entries: Sequence[Entry], shown: Sequence[Entry], *, hidden: bool) -> StreamlitPage:
    """Register the pages that a person may open; under the addresses of the others stands a refusal, not the page."""
    st.session_state["pages"] = frozenset(entry.path for entry in shown)
    st.logo(logo(_("大客户驾驶舱"), palette()), size="large")
    pages = [st.Page(entry.path, title=in_menu(entry.title), url_path=entry.url) for entry in shown]
    closed = [
        st.Page(_refuse, title=_(entry.title), url_path=entry.url, visibility="hidden")
        for entry in entries
        if entry not in shown
    ]

    def home() -> None:
        st.switch_page(pages[0], query_params=address.link())

    start = st.Page(home, title=_("大客户驾驶舱"), url_path="home", default=True, visibility="hidden")
    return st.navigation([start, *pages, *closed], position="hidden" if hidden else "top")


def _refuse() -> None:
    if not session.store().version:
        empty(_("还没有数据"), _("请先在「数据导入」页导入一次文件。"), page=IMPORTS)
        return
    empty(_("您的岗位不能打开这一页"), _("请用上方的菜单打开别的页面；若您认为应当可以，请告诉管理员。"))


def _top(who: session.Person | None, entry: Entry | None) -> None:
    st.html(TIGHT)
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute" if entry else "right",
        vertical_alignment="center",
        key="bar",
    ):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if who and entry and entry.filtered:
                filters.bar()
            elif entry:
                st.title(_(entry.title), anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if who:
                _feeds()
            _language()
            if who:
                _person(who)
    if who:
        st.caption(_(":material/computer: 本机模式：身份由您自己选择，没有密码，只接受本机连接。"))


def _feeds() -> None:
    """Say until when each kind of export speaks; older than a week in the colour of a warning."""
    parts = [
        f":{'orange' if stale else 'gray'}[{_('{feed}截至 {day}', feed=name, day=day)}]"
        for name, day, stale in filters.feeds()
    ]
    if parts:
        st.markdown(":small[" + " · ".join(parts) + "]", width="content", help=_("数据截至日；超过 7 天的用橙色。"))


def _language() -> None:
    if st.session_state.get("language") != language():
        st.session_state["language"] = language()
    st.segmented_control(
        "语言 Language",
        list(LANGUAGES),
        key="language",
        required=True,
        format_func=LANGUAGES.__getitem__,
        label_visibility="collapsed",
        on_change=lambda: address.choose("lang", st.session_state["language"]),
    )


def _person(who: session.Person) -> None:
    with st.popover(who.name or _(who.post), icon=":material/person:"):
        st.markdown(f"**{plain(who.name or _(who.post))}**")
        st.caption(" · ".join(part for part in (_(who.post), plain(who.dept)) if part))
        st.button(_("换一个人"), icon=":material/switch_account:", on_click=address.choose, args=("me", None))


def tell_fault(error: Exception) -> bool:
    """Log an error of a page under a number and show that number instead of its details."""
    number = uuid.uuid4().hex[:8]
    log.error("Page failed, number %s", number, exc_info=error)
    st.error(_("这一页出错了，数据没有改变。请刷新再试；若再次出现，请把编号 {number} 告诉管理员。", number=number))
    return True
