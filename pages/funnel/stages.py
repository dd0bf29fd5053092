"""The stages of a funnel as bars and as figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi import funnel, funnel_moves
from pages.funnel.choice import Asked
from pages.parts import chart as charts
from pages.parts import filters, formats
from pages.parts.session import ask
from pages.parts.table import Column, table
from pages.parts.words import _, either, mark

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


def counted(asked: Asked, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - options of kpi.funnel
    """Return one row per stage, named in the session's language and numbered."""
    rows = ask(funnel.funnel, asked.model, **{**asked.options, **more})
    return [row | {"name": named(row)} for row in rows]


def with_reps(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the name of each row's rep (the number where there is no name)."""
    names = {rep["rep_id"]: rep["rep_name"] for rep in filters.reps()}
    return [row | {"rep_name": names.get(row["rep_id"]) or row["rep_id"]} for row in rows]


def named(row: dict[str, Any]) -> str:
    """Name a stage with its number."""
    return f"{row['stage']} {either(row['name_zh'], row['name_en'])}"


def seen(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return the ways of leaving that occur, in the order of the bars' segments."""
    return [fate for fate in FATES if any(row[fate] for row in rows)]


def bars(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figure: entered = advanced + terminated + back + open, one bar a stage."""
    segments = []
    for fate in seen(rows):
        word, kind = FATES[fate]
        values = [row[fate] for row in rows]
        segments.append(charts.Series(_(word), values, kind, [str(value) if value else "" for value in values]))
    return charts.funnel_bars([row["name"] for row in rows], segments)


def chart(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
    """Draw the bars; a click chooses the stage and the way of leaving for the list below."""
    alt = "；".join(f"{row['name']} {row['entered']}" for row in rows)
    picked = charts.pick(bars(rows), key=f"funnel-{asked.model}-{asked.view}", alt=alt)
    if picked is not None and picked != st.session_state.get("funnel_clicked"):
        st.session_state["funnel_fate"] = seen(rows)[picked[0]]
        st.session_state["funnel_stage"] = rows[picked[1]]["stage"]
    st.session_state["funnel_clicked"] = picked


def sums(asked: Asked) -> None:
    """Say how the developments of the time ended, and how many passed the gate without a decision."""
    if asked.view == "snapshot":
        return
    view = "period" if asked.view == "period" else "cohort"
    lines = []
    for won in ask(funnel.wins, asked.model, view=view, **asked.span)[:1]:
        words = mark("{entered} = 成交 {won} + 终止 {lost} + 在途 {open} 户，成交率 {rate}（{interval}）。")
        shown = {name: won[name] for name in ("entered", "won", "lost", "open")}
        lines.append(_(words, rate=formats.rate(won["win_rate"]), interval=interval(won), **shown))
    waiting = ask(funnel_moves.undecided, asked.model, **asked.limits)
    if waiting:
        passed = sum(row["passed"] for row in waiting)
        lines.append(
            _("尚未做「有则进入，无则终止」判定：{n} 户，其中 {passed} 户已越过。", n=len(waiting), passed=passed)
        )
    if lines:
        st.caption(" ".join(lines))


def figures(rows: Sequence[dict[str, Any]], asked: Asked) -> None:
    """Draw the numbers of each stage: entered and its parts, conversion with interval, median days, n."""
    worded = [row | {"interval": interval(row), "days": days(row)} for row in rows]
    columns = [
        Column("name", _("阶段"), width=220, pinned=True),
        Column("entered", _("进入(户)"), "number"),
        *(Column(fate, _(word), "number") for fate, (word, _kind) in FATES.items()),
        Column("conversion", _("转化率"), "rate", help=_("推进 ÷ 进入")),
        Column("interval", _("95% 区间"), width=130),
        Column("days", _("停留中位数"), width=110, help=_("含仍在途的客户（Kaplan–Meier）；少于五户不显示")),
        Column("n_at_risk", _("停留样本(户)"), "number"),
        Column("skipped", _("其中跳过(户)"), "number", help=_("没有该阶段的记录，但已进入后面的阶段")),
        Column("amount", _("预计金额(元)"), "money"),
    ]
    rated = {"conversion", "interval", "advanced", "terminated", "back"}
    shown = [column for column in columns if asked.view != "snapshot" or column.name not in rated]
    shown = [column for column in shown if column.name != "amount" or asked.view == "snapshot"]
    table(worded, shown, key="funnel-figures", file_name=_("开发漏斗"))


def interval(row: dict[str, Any]) -> str:
    """Word a Wilson interval: `47.00% – 75.80%`."""
    if row["low"] is None:
        return formats.NONE
    return f"{formats.rate(row['low'])} – {formats.rate(row['high'])}"


def days(row: dict[str, Any]) -> str:
    """Word the median days in a stage, or why there are none."""
    if row["median_days"] is not None:
        return _("{days} 天", days=row["median_days"])
    return _("样本过小") if row["hidden"] else _("未达到")
