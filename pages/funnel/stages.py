"""The stages of a funnel as bars, as figures, and as the accounts behind a bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi import funnel
from pages.funnel.choice import Asked
from pages.parts import chart as charts
from pages.parts import filters, formats
from pages.parts.kpis import open_account
from pages.parts.session import ask
from pages.parts.table import Column, table
from pages.parts.words import _, language, mark

FATES = {
    "advanced": (mark("推进"), "better"),
    "terminated": (mark("终止"), "neutral"),
    "back": (mark("回退"), "worse"),
    "open": (mark("在途"), "open"),
}


UNRECORDED = mark(
    "这段时间的客户只有订单，看不出经过了哪些阶段，转化率没有意义。导入阶段记录、拜访或样品的导出文件后即可显示。"
)


def unrecorded(rows: Sequence[dict[str, Any]]) -> bool:
    """Say whether no stage was ever recorded: whoever entered is known by the first order alone."""
    return all(row["skipped"] == row["entered"] for row in rows)


def counted(asked: Asked) -> list[dict[str, Any]]:
    """Return one row per stage, named in the session's language and numbered."""
    rows = ask(funnel.funnel, asked.model, **asked.options)
    name = "name_en" if language() == "en" else "name_zh"
    return [row | {"name": f"{row['stage']} {row[name]}"} for row in rows]


def bars(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figure: entered = advanced + terminated + back + open, one bar a stage."""
    segments = []
    for fate, (word, kind) in FATES.items():
        values = [row[fate] for row in rows]
        if any(values):
            segments.append(charts.Series(_(word), values, kind, [str(value) if value else "" for value in values]))
    return charts.funnel_bars([row["name"] for row in rows], segments)


def chart(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
    """Draw the bars; a click chooses the stage for the list below."""
    alt = "；".join(f"{row['name']} {row['entered']}" for row in rows)
    picked = charts.show(bars(rows), key=f"funnel-{asked.model}-{asked.view}", alt=alt, select=True)
    if picked is not None and picked != st.session_state.get("funnel_clicked"):
        st.session_state["funnel_stage"] = rows[picked]["stage"]
    st.session_state["funnel_clicked"] = picked


def figures(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
    """Draw the numbers of each stage: entered and its parts, conversion with interval, median days, n."""
    worded = [row | {"interval": interval(row), "days": _days(row)} for row in rows]
    columns = [
        Column("name", _("阶段"), width=220, pinned=True),
        Column("entered", _("进入(户)"), "number"),
        *(Column(fate, _(word), "number") for fate, (word, _kind) in FATES.items()),
        Column("conversion", _("转化率"), "rate", help=_("推进 ÷ 进入")),
        Column("interval", _("95% 区间"), width=130),
        Column("days", _("停留中位数"), width=110, help=_("含仍在途的客户（Kaplan–Meier）；少于五户不显示")),
        Column("n_at_risk", _("停留样本(户)"), "number"),
        Column("skipped", _("其中跳过(户)"), "number", help=_("没有该阶段的记录，但已进入后面的阶段")),
    ]
    rated = {"conversion", "interval"}
    shown = [column for column in columns if asked.view != "snapshot" or column.name not in rated]
    table(worded, shown, key="funnel-figures", file_name=_("开发漏斗"))


def interval(row: dict[str, Any]) -> str:
    """Word a Wilson interval: `47.00% – 75.80%`."""
    if row["low"] is None:
        return formats.NONE
    return f"{formats.rate(row['low'])} – {formats.rate(row['high'])}"


def _days(row: dict[str, Any]) -> str:
    if row["median_days"] is not None:
        return _("{days} 天", days=row["median_days"])
    return _("样本过小") if row["hidden"] else _("未达到")


def behind(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
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
    _members(ask(funnel.members, asked.model, stage, fate, **asked.options))


def _members(found: Sequence[dict[str, Any]]) -> None:
    if not found:
        st.caption(_("没有这样的客户：换一个阶段或去向。"))
        return
    who = {row["rep_id"]: row["rep_name"] for row in filters.reps()}
    worded = [
        row
        | {"fate_word": _(FATES[row["fate"]][0]), "days": _stay(row)}
        | {"rep_name": who.get(row["rep_id"]) or row["rep_id"]}
        for row in found
    ]
    columns = [
        Column("account_name", _("客户"), width=190, pinned=True),
        Column("account_id", _("客户编号"), width=90),
        Column("rep_name", _("专员"), width=90),
        Column("day", _("进入或离开"), "date"),
        Column("until", _("离开日期"), "date"),
        Column("days", _("停留天数"), "number"),
        Column("fate_word", _("去向"), width=70),
        Column("reason", _("终止原因"), width=180),
        Column("amount", _("预计金额(元)"), "money"),
    ]
    held = {name for row in worded for name, value in row.items() if value is not None}
    shown = [column for column in columns if column.name in held]
    picked = table(worded, shown, key="funnel-members", select=True, file_name=_("漏斗名单"))
    if picked is not None:
        open_account(found[picked]["account_id"])


def _stay(row: dict[str, Any]) -> int | None:
    return (row["until"] - row["day"]).days if row["until"] and row["until"] > row["day"] else None
