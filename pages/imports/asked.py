"""What somebody says of files that they hand in: the day, what is complete, what a blank means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from pages.parts.words import _


def options(key: str, *, span: bool) -> dict[str, str] | None:
    """Draw the fields and return the options of the command; None while a range has only its first day."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.date_input(_("导出日期（不填则从文件中读取）"), value=None, width=240, key=f"{key}-day")
        days = _span(key) if span else ()
        with st.popover(_("更多声明"), icon=":material/tune:"):
            told = _declarations(key)
    if len(days) == 1:
        st.caption(_("请再选期间的最后一天。"))
        return None
    dated = {"--exported-on": day.isoformat()} if day else {}
    complete = {"--complete-for": f"{days[0].isoformat()}..{days[1].isoformat()}"} if len(days) == 2 else {}
    return {**dated, **complete, **told}


def _span(key: str) -> Sequence[date]:
    days: Sequence[date] = st.date_input(
        _("订单在此期间是完整的（可不填）"),
        value=[],
        width=260,
        key=f"{key}-span",
        help=_("填了以后，此前导入过、而这次没有的订单会列在下面，由您决定作废或保留，不会自动消失。"),
    )
    return days


def _declarations(key: str) -> dict[str, str]:
    boxes = {
        "--all-accounts": st.checkbox(
            _("客户文件是全部客户"),
            key=f"{key}-all",
            help=_("此前有、而这次没有的客户会列在「本周交件」，由您答复作废或保留；不答复就不变。"),
        ),
        "--partial": st.checkbox(
            _("只是部分数据（不推进数据截至日）"),
            key=f"{key}-partial",
            help=_("例如只导出了一名专员的订单。文件里没有的行从不视为删除。"),
        ),
        "--blank-erases": st.checkbox(
            _("空白格清除原值"),
            key=f"{key}-blank",
            help=_("不勾选时，空白格保留以前的值。勾选后，文件里的空白格会把以前的值清空。"),
        ),
    }
    return {option: "" for option, said in boxes.items() if said}
