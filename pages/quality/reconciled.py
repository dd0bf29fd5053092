"""Whether the base adds up: opening ± moves = closing, for every person."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import overview
from pages.overview.base import STEPS
from pages.parts import filters
from pages.parts.filters import Filters
from pages.parts.session import ask
from pages.parts.table import Column, height, table
from pages.parts.words import _


def base(now: Filters) -> None:
    """Draw the movement of each person's base, its sum and what is left over."""
    reps = [rep for rep in filters.reps() if now.rep in {None, rep["rep_id"]} and now.dept in {None, rep["dept"]}]
    rows = [
        _row(rep["rep_name"] or rep["rep_id"], ask(overview.movement, now.quarter, now.dept, rep["rep_id"]))
        for rep in reps
    ]
    rows = [row for row in rows if any(value for name, value in row.items() if name != "name")]
    st.subheader(
        _("大客户数对账"), anchor=False, help=_("期初与期末按流失口径；各步相加应等于期末，差额不为 0 请告诉管理员。")
    )
    if not rows:
        st.caption(_("期初和期末都没有在购的大客户。"))
        return
    if now.rep is None:
        rows.append(_row(_("合计"), ask(overview.movement, now.quarter, now.dept)))
    used = [step for step in overview.STEPS if any(row[step] for row in rows)]
    columns = [
        Column("name", _("专员"), width=100, pinned=True),
        Column("opening", _("期初"), "number", width=70),
        *(Column(step, _(STEPS[step]), "number", width=90) for step in used),
        Column("closing", _("期末"), "number", width=70),
        Column("rest", _("差额"), "number", width=70),
    ]
    table(rows, columns, key="reconciled", height=height(rows, 20), file_name=_("大客户数对账"))
    if now.rep is None:
        st.caption(_("专员之间的划转在合计中抵消，合计行按部门重新数，不是各行之和。"))


def _row(name: str, counted: dict[str, int]) -> dict[str, Any]:
    return {"name": name, **counted, "rest": rest(counted)}


def rest(counted: dict[str, int]) -> int:
    """Give what the steps leave unexplained: 0 where opening ± moves = closing."""
    return counted["opening"] + sum(counted[step] for step in overview.STEPS) - counted["closing"]
