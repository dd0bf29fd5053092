"""The app: its pages, who may open them, and the frame around them."""

import streamlit as st

from pages.parts.logo import sign
from pages.parts.shell import Entry, run
from pages.parts.words import mark

EVERYONE = frozenset({"head", "rep", "clerk", "hr"})

PAGES = (
    Entry(
        "pages/imports/imports.py",
        mark("数据导入"),
        ":material/upload_file:",
        frozenset({"head", "clerk", "system"}),
        filtered=False,
    ),
)

if __name__ == "__main__":
    st.set_page_config(page_title="大客户驾驶舱 · Key Account Cockpit", page_icon=sign(), layout="wide")
    run(PAGES)
