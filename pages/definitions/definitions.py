"""What each number means: its formula, the rules in force with who and why, its query, other rules beside it."""

from __future__ import annotations

import streamlit as st

from pages.definitions import change, meaning, sides
from pages.parts import filters
from pages.parts.empty import IMPORTS, empty
from pages.parts.words import _

now = filters.current()
if not now.quarter:
    empty(_("还没有可以看的季度"), _("导入客户和订单的导出文件后，这里显示每个指标的口径。"), page=IMPORTS)
    st.stop()

metric = meaning.choose()
meaning.draw(metric)
meaning.rules(metric)
change.draw(metric)
sides.draw(metric, now.quarter)
meaning.query(metric)
