"""A rep's four places, in thumb's reach at the bottom of a phone."""

from __future__ import annotations

import streamlit as st

from pages.parts import address
from pages.parts.empty import may_open
from pages.parts.session import viewer
from pages.parts.words import _, mark

PLACES = (
    ("pages/today/today.py", mark("今日"), ":material/today:"),
    ("pages/accounts/account.py", mark("我的客户"), ":material/folder_shared:"),
    ("pages/funnel/funnel.py", mark("我的漏斗"), ":material/filter_alt:"),
    ("pages/scorecard/scorecard.py", mark("我的得分"), ":material/assignment_ind:"),
)
# Streamlit has no place that stays at the bottom of a phone's screen.
FIXED = """<style>
.st-key-thumb-bar {display: none}
@media (max-width: 640px) {
  .st-key-thumb-bar {display: flex; position: fixed; left: 0; right: 0; bottom: 0; z-index: 90; padding: .2rem .25rem;
    background: var(--kac-bar, Canvas); border-top: 1px solid rgba(128, 128, 128, .3); justify-content: space-around;
    flex-wrap: nowrap; gap: 0}
  .st-key-thumb-bar a {padding: .5rem .3rem}
  .stMainBlockContainer {padding-bottom: 5rem !important}
}
</style>"""


def draw() -> None:
    """Draw the bar for a rep; on a desk the menu above does the same."""
    if viewer().role != "rep":
        return
    st.html(FIXED)
    with st.container(horizontal=True, key="thumb-bar"):
        for page, word, icon in PLACES:
            if may_open(page):
                st.page_link(page, label=_(word), icon=icon, query_params=address.link())
