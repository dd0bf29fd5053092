"""The file of one account: rhythm of orders, stages, the file by sections, owners, and what came in."""

from __future__ import annotations

import streamlit as st

from kpi import account_file
from pages.accounts import came_in, dossier, find, life
from pages.parts import contesting, filters
from pages.parts.empty import IMPORTS, empty
from pages.parts.session import ask
from pages.parts.words import _

account_id = find.choose(filters.current())
if account_id is None:
    empty(_("没有可以看的客户"), _("导入客户的导出文件，或在上方换一个部门或专员。"), page=IMPORTS)
    st.stop()

found = ask(account_file.account, account_id) or {}
life.heading(found, account_id)
contesting.offer_account(account_id, filters.current().quarter or "")
left, right = st.columns([3, 2], gap="medium")
with left:
    life.rhythm(account_id)
with right:
    life.stages(account_id)
dossier.draw(found, account_id)
came_in.draw(account_id)
life.owners(account_id)
