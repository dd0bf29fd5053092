"""How reps differ in a count ratio, and whether the difference says anything."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import certainty
from kpi.catalogue import Metric
from kpi.rollup import SMALL, UNASSIGNED
from pages.parts import formats, session
from pages.parts.filters import Filters
from pages.parts.table import Column, height, table
from pages.parts.words import _, language, mark

MOST = 16
VERDICTS = {
    "higher": mark("显著更高"),
    "lower": mark("显著更低"),
    "alike": mark("差异不显著"),
    "small": mark("样本过小"),
    "none": mark("无从比较"),
}
TURNS = {(True, True): mark("一户之差会改变是否达标"), (True, False): mark("区间包含目标")}


def section(metric: Metric, now: Filters) -> None:
    """Draw the comparison under a heading of its own; nothing for somebody who sees no others."""
    if session.viewer().role == "rep":
        return
    st.subheader(_("专员之间的差别"), anchor=False)
    among(metric, now.quarter, now.dept)


def among(metric: Metric, quarter: str, dept: str | None) -> None:
    """Draw each rep beside all the others together, with interval, verdict and the one account that decides."""
    rows = session.ask(certainty.among, metric.name, quarter, dept)
    if not rows:
        st.caption(_("没有可以比较的专员。"))
        return
    sure = sum(row["verdict"] in {"higher", "lower"} for row in rows)
    st.markdown(
        _("{count} 位专员与其余人有显著差别。", count=sure)
        if sure
        else _("没有哪位专员与其余人有显著差别：看到的高低可能只是偶然。")
    )
    above, below = metric.parts(language())
    shown = [_row(row, metric) for row in rows]
    tall = height(shown, MOST)
    table(shown, _columns(above, below), key=f"spread-{metric.name}", height=tall, file_name=_("专员之间"))
    st.caption(
        _(
            "每位专员与其余人合计相比（Fisher 精确检验，按人数收紧），整张表误报机会不超过 5%；不足 {least} 户的不比。",
            least=SMALL,
        )
    )


def _row(row: dict[str, Any], metric: Metric) -> dict[str, Any]:
    turn = "" if metric.target is None else TURNS.get((row["spans"] or row["flips"], row["flips"]), "")
    return row | {
        "rep_name": _(UNASSIGNED) if row["rep"] == UNASSIGNED else row["rep_name"],
        "interval": f"{formats.rate(row['low'])} – {formats.rate(row['high'])}" if row["low"] is not None else None,
        "said": _(VERDICTS[row["verdict"]]),
        "turn": _(turn) if turn else "",
    }


def _columns(above: str, below: str) -> list[Column]:
    return [
        Column("rep_name", _("专员"), width=90, pinned=True),
        Column("numerator", above, "number", width=95),
        Column("denominator", below, "number", width=95),
        Column("value", _("比率"), "rate", width=80),
        Column("interval", _("95% 区间"), width=130),
        Column("rest", _("其余人"), "rate", width=80),
        Column("said", _("与其余人相比"), width=110),
        Column("turn", _("与目标相比"), width=170),
    ]
