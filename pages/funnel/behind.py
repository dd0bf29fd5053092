"""The accounts behind a bar of the funnel, and those that dropped out with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi import funnel, funnel_moves
from pages.funnel.choice import Asked
from pages.funnel.stages import FATES, with_reps
from pages.parts.accounts import accounts
from pages.parts.session import ask, viewer
from pages.parts.table import Column
from pages.parts.words import _, mark

CODES = {
    "declared": mark("已声明，未写原因"),
    "no_opportunity": mark("判定没有成交机会"),
    "silent": mark("静默超过判定期"),
    "next_cycle": mark("开始了新一轮"),
    "": mark("未写原因"),
}
CHECKS = {
    "champion": mark("内线确定"),
    "sample": mark("样品送达"),
    "information": mark("信息充分"),
    "need": mark("需求明确"),
}
SECOND = 2


def why(code: str | None) -> str:
    """Word why a development ended: a code of ours, or what the export said."""
    return _(CODES[code or ""]) if (code or "") in CODES else str(code)


def draw(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
    """Draw the accounts behind a stage and a way of leaving it; a picked one opens its page."""
    names = {row["stage"]: row["name"] for row in rows}
    st.subheader(_("名单"), anchor=False)
    if st.session_state.get("funnel_stage") not in names:
        st.session_state["funnel_stage"] = next(iter(names))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = st.selectbox(_("阶段"), list(names), key="funnel_stage", format_func=names.__getitem__, width=260)
        fate = st.segmented_control(
            _("去向"), list(FATES), format_func=lambda name: _(FATES[name][0]), key="funnel_fate"
        )
    _members(ask(funnel.members, asked.model, stage, fate, **asked.options), asked, stage)


def _members(found: Sequence[dict[str, Any]], asked: Asked, stage: int) -> None:
    worded = [{**row, **_worded(row)} for row in with_reps(found)]
    if viewer().role != "hr":
        worded = _with_evidence(worded, gate=asked.model == "five_stage" and stage == SECOND)
    columns = [
        Column("account_name", _("客户"), width=190, pinned=True),
        Column("account_id", _("客户编号"), width=90),
        Column("deal", _("商机"), width=120),
        Column("rep_name", _("专员"), width=90),
        Column("day", _("进入或离开"), "date"),
        Column("until", _("离开日期"), "date"),
        Column("days", _("停留天数"), "number"),
        Column("fate_word", _("去向"), width=70),
        Column("why", _("终止原因"), width=180),
        Column("missing", _("闸门还缺"), width=170),
        Column("next_step", _("下一步"), width=180),
        Column("next_date", _("下次联系"), "date"),
        Column("amount", _("预计金额(元)"), "money"),
    ]
    none = _("没有这样的客户：换一个阶段或去向。")
    accounts(worded, columns, key="funnel-members", none=none, file_name=_("漏斗名单"))


def _worded(row: dict[str, Any]) -> dict[str, Any]:
    ended = row["fate"] == "terminated"
    days = (row["until"] - row["day"]).days if row["until"] and row["until"] > row["day"] else None
    return {"fate_word": _(FATES[row["fate"]][0]), "days": days, "why": why(row["reason"]) if ended else None}


def _with_evidence(rows: list[dict[str, Any]], *, gate: bool) -> list[dict[str, Any]]:
    """Add the next step of those still open and, in the second stage, which of its four checks they lack."""
    still = tuple(sorted({row["account_id"] for row in rows if row["fate"] == "open" and row["account_id"]}))
    known = ask(funnel_moves.evidence, still)
    for row in rows:
        said = known.get(row["account_id"]) if row["fate"] == "open" else None
        if said:
            missing = [_(word) for name, word in CHECKS.items() if not said[name]] if gate else []
            row["missing"] = (_("、").join(missing) or _("四项齐备")) if gate else None
            row |= {"next_step": said["next_step"], "next_date": said["next_date"]}
    return rows
