"""Facts beside the ratings of a clerk: what came in on time, what was rejected; facts, not scores."""

from __future__ import annotations

from typing import Any

import duckdb
import streamlit as st

from pages.appraisal.desk import Desk
from pages.parts import formats, session
from pages.parts.words import _

LOADED = """
select count(distinct l.load_id) as loads, coalesce(sum(s.rows), 0) as rows, coalesce(sum(ls.rejected), 0) as rejected,
       count(distinct l.load_id) filter (where cast(l.loaded_at as date) - l.exported_on <= 3) as on_time
from source_load l
join source_load_sheet ls using (load_id)
join source_sheet s using (sheet_id)
join quarter q on q.quarter = ?
where l.in_force and cast(l.loaded_at as date) >= q.period_start and cast(l.loaded_at as date) < q.period_end
  and (l.who = ? or ? = '')
"""
COMPLAINTS = """
select count(*) as opened, count(*) filter (where c.closed_at is not null) as closed,
       median(date_diff('day', cast(c.opened_at as date), cast(c.closed_at as date))) as days
from complaint c
join quarter q on q.quarter = ?
where cast(c.opened_at as date) >= q.period_start and cast(c.opened_at as date) < q.period_end
"""
DRAWN = """
select count(*) as issued
from requisition r
join quarter q on q.quarter = ?
where r.issued_at >= q.period_start and r.issued_at < q.period_end
"""


def facts(cur: duckdb.DuckDBPyConnection, quarter: str, name: str) -> dict[str, Any]:
    """Gather the facts of a quarter: own loads, and the department's complaints and issues."""
    found: dict[str, Any] = {}
    for query, values in ((LOADED, [quarter, name, name]), (COMPLAINTS, [quarter]), (DRAWN, [quarter])):
        found |= session.select(cur, query, values)[0]
    return found


def panel(desk: Desk, rep_id: str) -> None:
    """Draw the facts for a person who is rated on qualitative items."""
    card = desk.eyes.card(rep_id)
    if card is None or not any(item["rated"] for item in card["items"]):
        return
    found = session.ask(facts, desk.now.quarter, card["rep_name"])
    st.subheader(_("评分依据（事实，不是分数）"), anchor=False)
    with st.container(horizontal=True, gap="large"):
        st.metric(_("本季本人导入"), _("{count} 次", count=found["loads"]), width="content")
        share = found["on_time"] / found["loads"] if found["loads"] else None
        st.metric(_("导出后 3 天内交件"), formats.rate(share), width="content")
        wrong = found["rejected"] / found["rows"] if found["rows"] else None
        st.metric(_("退回行占比"), formats.rate(wrong), width="content")
        st.metric(_("部门投诉受理 / 结案"), f"{found['opened']} / {found['closed']}", width="content")
        st.metric(_("结案天数中位数"), formats.number(found["days"]), width="content")
        st.metric(_("领用发放"), _("{count} 笔", count=found["issued"]), width="content")
    st.caption(_("投诉与领用是全部门的数字；导入只计本人的。"))
