"""Where a rep stands: among all reps, without names, and in their own funnel."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from data.store import Store, Viewer
from kpi import rollup
from kpi.catalogue import ORDER, metrics
from pages.funnel.choice import DEFAULT, Asked, bounds
from pages.funnel.stages import UNRECORDED, bars, counted, unrecorded
from pages.parts import chart
from pages.parts.filters import Filters
from pages.parts.kpis import of_quarter
from pages.parts.session import store
from pages.parts.table import Column, table
from pages.parts.words import _, language


@st.cache_data(show_spinner=False, max_entries=500)
def _distribution(folder: str, version: int, name: str, quarter: str) -> dict[str, float] | None:
    """Return the quartiles over all reps and nothing else: the one question asked beyond the viewer's own view."""
    return rollup.distribution(Store(Path(folder)).open(Viewer("", "system"), version), name, quarter)


def quartiles(now: Filters) -> None:
    """Draw the own value beside the quartiles of all reps, where at least five can be compared."""
    st.subheader(_("与全体专员相比"), anchor=False, help=_("只显示四分位数，不显示任何人的数值；不足五人不显示。"))
    rows = []
    for name in ORDER:
        found = _distribution(str(store().folder), store().version, name, now.quarter)
        own = of_quarter(name, now.quarter, now.rep, {})
        if found:
            title = metrics()[name].title(language())
            rows.append({"title": title, "own": own["value"] if own else None} | found)
    if not rows:
        st.caption(_("可以比较的专员不足五人，不显示分布。"))
        return
    columns = [
        Column("title", _("指标"), width=160, pinned=True),
        Column("own", _("本人"), "rate"),
        Column("q1", _("下四分位"), "rate"),
        Column("median", _("中位数"), "rate"),
        Column("q3", _("上四分位"), "rate"),
    ]
    table(rows, columns, key="quartiles")


def own_funnel(now: Filters) -> None:
    """Draw the five-stage funnel of the rep over four quarters."""
    st.subheader(_("开发漏斗 · 近四季"), anchor=False)
    start, end = bounds(now.quarter, 4)
    rows = counted(Asked(DEFAULT, "cohort", start, end, None, now.rep))
    if not any(row["entered"] for row in rows):
        st.caption(_("近四季没有客户进入五阶段流程。"))
        return
    if unrecorded(rows):
        st.caption(_(UNRECORDED))
        return
    chart.show(bars(rows), key="own-funnel", alt="；".join(f"{row['name']} {row['entered']}" for row in rows))
