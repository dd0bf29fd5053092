"""Who an account is, when it orders, where it stands, and who held it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import account_file
from pages.parts import formats
from pages.parts.session import ask
from pages.parts.table import Column, filled, table
from pages.parts.words import _, either, mark, plain

BASES = {
    "own_cycle": mark("按本户订单间隔"),
    "few_gaps": mark("订单间隔不足，用统一天数"),
    "expected_cycle": mark("按约定周期"),
    "decided_cycle": mark("按经理设定的周期"),
    "flat": mark("统一天数"),
}
WON = mark("成交")
STATES = (mark("在途"), WON, mark("终止"), mark("流失"), mark("未进入"))


def heading(found: dict[str, Any], account_id: str) -> None:
    """Name the account (its number where the name may not be seen) and say what it is today."""
    now = ask(account_file.states, account_id)
    st.header(plain(found.get("account_name") or account_id), anchor=False)
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(_("大客户") if now["is_key"] else _("非大客户"), color="blue" if now["is_key"] else "gray")
        if now["account_class"]:
            st.badge(_("{letter} 类", letter=now["account_class"]), color="gray")
        if now["status"]:
            st.badge(plain(now["status"]), color="orange" if now["status"] in {"流失", "终止"} else "gray")
        st.badge(_("专员 {name}", name=plain(now["rep_name"] or now["rep_id"] or _("未归属"))), color="gray")


def rhythm(account_id: str) -> None:
    """Draw the last order, the account's own cycle and its churn line."""
    st.subheader(_("订单节奏与流失判定线"), anchor=False)
    found = ask(account_file.rhythm, account_id)
    if found is None:
        st.caption(_("还没有有效订单；流失判定从第一张订单开始。"))
        return
    with st.container(horizontal=True, gap="medium"):
        st.metric(_("最近订单"), formats.day(found["day"]), width="content")
        st.metric(_("静默天数"), _("{days} 天", days=found["silent_days"]), width="content")
        cycle = _("{days} 天", days=formats.number(found["median_gap"])) if found["median_gap"] else formats.NONE
        st.metric(_("本户常规周期"), cycle, help=_("本户各次订单间隔的中位数"), width="content")
        st.metric(_("流失判定线"), formats.day(found["churn_date"]), width="content")
    st.markdown(_line(found))


def _line(found: dict[str, Any]) -> str:
    why = _("判定期 {days} 天（{basis}）。", days=found["window_days"], basis=_(BASES[found["window_basis"]]))
    if found["declared_on"] and found["declared_on"] <= found["data_date"]:
        return _(":orange[已于 {day} 声明流失。] ", day=formats.day(found["declared_on"])) + why
    if found["days_left"] <= 0:
        return _(":orange[已越过判定线，按流失计。] ") + why
    return (
        _("到数据截至日 {today} 还剩 **{left} 天**。 ", today=formats.day(found["data_date"]), left=found["days_left"])
        + why
    )


def stages(account_id: str) -> None:
    """Draw where the account stands in the five models."""
    st.subheader(_("在各流程中的位置"), anchor=False)
    rows = [
        row
        | {
            "model_name": either(row["model_zh"], row["model_en"]),
            "stage_name": _stage(row),
            "state_word": _(row["state"]),
        }
        for row in ask(account_file.stages, account_id)
    ]
    columns = [
        Column("model_name", _("流程"), width=150),
        Column("stage_name", _("阶段"), width=150),
        Column("state_word", _("状态"), width=70),
        Column("since", _("进入日期"), "date"),
        Column("end_reason", _("终止原因"), width=150),
    ]
    table(rows, filled(rows, columns), key="stages")


def _stage(row: dict[str, Any]) -> str | None:
    """Name the stage; a won account stands behind all of them."""
    if not row["stage"] or row["state"] == WON:
        return None
    return f"{row['stage']} {either(row['name_zh'], row['name_en'])}"


def owners(account_id: str) -> None:
    """Draw who held the account when."""
    st.subheader(_("负责人变更"), anchor=False)
    rows = ask(account_file.owners, account_id)
    if not rows:
        st.caption(_("没有负责人的记录。"))
        return
    words = {"history": _("变更记录"), "current": _("按当前负责人推定")}
    worded = [row | {"from_what": words.get(row["basis"], row["basis"])} for row in rows]
    columns = [
        Column("rep_name", _("专员")),
        Column("rep_id", _("工号")),
        Column("from_date", _("起"), "date"),
        Column("until", _("止"), "date"),
        Column("from_what", _("依据")),
    ]
    table(worded, columns, key="owners")
