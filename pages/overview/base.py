"""How the base of key accounts moved in the quarter."""

from __future__ import annotations

import streamlit as st

from kpi import overview
from pages.parts import chart
from pages.parts.filters import Filters
from pages.parts.kpis import of_quarter
from pages.parts.session import ask
from pages.parts.table import Column, table
from pages.parts.words import _, language, mark

STEPS = {
    "lost": mark("流失"),
    "new": mark("新开发"),
    "won_back": mark("赢回"),
    "transfer_in": mark("转入"),
    "transfer_out": mark("转出"),
    "status_in": mark("升为大客户"),
    "status_out": mark("不再是大客户"),
    "other_in": mark("试单等"),
}
ALWAYS = ("lost", "new", "won_back")


def moves(now: Filters) -> None:
    """Draw opening − lost + new … = closing, and the accounts behind each step."""
    st.subheader(
        _("大客户数的变化"),
        anchor=False,
        help=_("期初与期末都按流失口径：大客户，且未到流失判定线。各步相加等于期末。"),
    )
    counted = ask(overview.movement, now.quarter, now.dept, now.rep)
    if not counted["opening"] and not counted["closing"]:
        st.caption(_("期初和期末都没有在购的大客户。"))
        return
    steps = [step for step in overview.STEPS if counted[step] or step in ALWAYS]
    labels = [_("期初"), *(_(STEPS[step]) for step in steps), _("期末")]
    values = [counted["opening"], *(counted[step] for step in steps), counted["closing"]]
    words = "，".join(f"{label} {value}" for label, value in zip(labels, values, strict=True))
    chart.show(chart.waterfall(labels, values, (0, len(values) - 1)), key="base", alt=words)
    _reconcile(now, counted["new"])
    _names(now)


def _reconcile(now: Filters, counted: int) -> None:
    won = of_quarter("new_development", now.quarter, now.rep, now.where)
    rest = int(won["numerator"]) - counted if won else 0
    told = [_("单位：户；为看清变动，柱子不从零画起。")]
    if rest > 0:
        told.append(_("另有 {count} 户新开发未列入这里：期初已因试单在购，或不在本范围的期末。", count=rest))
    if ask(overview.without_classes):
        told.append(_("导入的客户没有级别，也没有大客户标记：所有客户都按大客户计。"))
    st.caption((" " if language() == "en" else "").join(told))


def _names(now: Filters) -> None:
    rows = [row for row in ask(overview.listed, "moves", now.quarter, now.dept, now.rep) if row["step"] != "kept"]
    if not rows:
        return
    order = list(STEPS)
    worded = [row | {"word": _(STEPS[row["step"]])} for row in sorted(rows, key=lambda row: order.index(row["step"]))]
    with st.expander(_("逐户变动 {count} 户", count=len(rows)), icon=":material/list:"):
        columns = [Column("word", _("变动"), width=100), Column("account_name", _("客户"), width=190)]
        table(worded, [*columns, Column("account_id", _("客户编号")), Column("rep_name", _("专员"))], key="base-moves")
