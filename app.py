"""The app: its pages, who may open them, and the frame around them."""

import streamlit as st

from pages.parts.logo import sign
from pages.parts.shell import Entry, run
from pages.parts.words import mark

EVERYONE = frozenset({"head", "rep", "clerk", "hr"})

PAGES = (
    Entry("pages/overview/overview.py", mark("季度总览"), EVERYONE - {"rep"}),
    # The start page of a rep, who has no overview.
    Entry("pages/today/today.py", mark("今日跟进"), frozenset({"rep", "head", "clerk"})),
    Entry("pages/orders/orders.py", mark("订单与回款"), EVERYONE - {"hr"}),
    Entry("pages/churn/churn.py", mark("流失与证据"), EVERYONE),
    Entry("pages/scorecard/scorecard.py", mark("专员记分卡"), EVERYONE),
    Entry("pages/appraisal/appraisal.py", mark("季度考核"), EVERYONE),
    Entry("pages/funnel/funnel.py", mark("开发漏斗"), EVERYONE),
    Entry("pages/accounts/account.py", mark("客户档案"), EVERYONE),
    Entry("pages/quality/quality.py", mark("数据质量"), EVERYONE),
    Entry("pages/definitions/definitions.py", mark("口径说明"), EVERYONE),
    Entry("pages/imports/week.py", mark("本周交件"), frozenset({"head", "clerk"}), filtered=False),
    Entry(
        "pages/imports/imports.py",
        mark("数据导入"),
        frozenset({"head", "clerk", "system"}),
        filtered=False,
    ),
)

if __name__ == "__main__":
    st.set_page_config(page_title="大客户驾驶舱 · Key Account Cockpit", page_icon=sign(), layout="wide")
    run(PAGES)
