"""Everyone's four KPIs in a quarter, to choose a person from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import rollup
from kpi.catalogue import ORDER, metrics
from pages.parts import address, filters, formats
from pages.parts.empty import IMPORTS, empty
from pages.parts.filters import Filters
from pages.parts.kpis import of_quarter
from pages.parts.session import ask
from pages.parts.table import Column, table
from pages.parts.words import _, language


def choose(now: Filters) -> None:
    """Draw a row for each rep; a picked one opens their scorecard."""
    st.header(_("专员记分卡 · {quarter}", quarter=formats.quarter(now.quarter, language())), anchor=False)
    people = [rep for rep in filters.reps() if now.dept in {None, rep["dept"]}]
    if not people:
        empty(_("还没有专员"), _("导入人员或客户的导出文件后，这里列出每一位专员。"), page=IMPORTS)
        return
    st.caption(_("点选一位专员打开记分卡，也可以在上方选择。空白：没有计划或没有基数。"))
    values = {name: _values(name, now) for name in ORDER}
    rows = [rep | {name: values[name].get(rep["rep_id"]) for name in ORDER} for rep in people]
    columns = [
        Column("rep_name", _("专员"), width=120, pinned=True),
        Column("rep_id", _("工号"), width=80),
        *(Column(name, metrics()[name].title(language()), "rate", width=170) for name in ORDER),
    ]
    picked = table(rows, columns, key="team", select=True, file_name=_("专员四项指标"))
    if picked is not None:
        address.choose("rep", people[picked]["rep_id"])
        st.rerun()


def _values(name: str, now: Filters) -> dict[Any, Any]:
    period = (of_quarter(name, now.quarter, None, now.where) or {}).get("plan_period")
    time = {"plan_period": period} if period else {"quarter": now.quarter}
    found = ask(rollup.value, name, by=("rep", *time), where=time | now.where)
    return {row["rep"]: row["value"] for row in found}
