"""The funnel split by rep, region, class, industry, source or quarter of entry, and two sides compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from kpi import compare, funnel
from kpi.compare import Side
from pages.funnel import choice
from pages.funnel.choice import Asked
from pages.funnel.stages import counted, days, interval, named
from pages.parts import filters, formats
from pages.parts.session import ask, viewer
from pages.parts.table import Column, table
from pages.parts.words import _, language, mark

BY = {
    "rep": mark("专员"),
    "region": mark("区域"),
    "tier": mark("客户级别"),
    "industry": mark("行业"),
    "source": mark("客户来源"),
    "quarter": mark("进入季度"),
}
NONE = mark("未填")
SURE = {True: mark("差异明确"), False: mark("可能是偶然")}


def draw(asked: Asked, quarter: str) -> None:
    """Draw the split funnel and the comparison."""
    _split(asked)
    _sides(asked, quarter)


def _split(asked: Asked) -> None:
    st.subheader(_("按组拆分"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control(
            _("按"), list(BY), default="rep", required=True, format_func=lambda name: _(BY[name]), key="group_by"
        )
        names = {row["stage"]: row["name"] for row in counted(asked)}
        stage = st.selectbox(_("转化自"), list(names), key="group_stage", format_func=names.__getitem__, width=260)
    rows = [row for row in ask(funnel.funnel, asked.model, **asked.options, by=(by,)) if row["stage"] == stage]
    rows = [row for row in rows if row["entered"]]
    if not rows:
        st.caption(_("这段时间没有客户进入这个阶段。"))
        return
    worded = [row | {"group": group(by, row[by]), "interval": interval(row), "days": days(row)} for row in rows]
    worded.sort(key=lambda row: (by != "quarter" and -row["entered"], row["group"]))
    columns = [
        Column("group", _(BY[by]), width=160, pinned=True),
        Column("entered", _("进入(户)"), "number"),
        Column("advanced", _("推进"), "number"),
        Column("terminated", _("终止"), "number"),
        Column("back", _("回退"), "number"),
        Column("open", _("在途"), "number"),
        Column("conversion", _("转化率"), "rate"),
        Column("interval", _("95% 区间"), width=140),
        Column("days", _("停留中位数"), width=110),
        Column("skipped", _("其中跳过(户)"), "number"),
        Column("amount", _("预计金额(元)"), "money"),
    ]
    hidden = {"conversion", "interval", "advanced", "terminated", "back"} if asked.view == "snapshot" else {"amount"}
    table(worded, [column for column in columns if column.name not in hidden], key="groups", file_name=_("漏斗分组"))


def group(by: str, value: str | None) -> str:
    """Word one group: a rep by name, a quarter as people say it."""
    if not value:
        return _(NONE)
    if by == "rep":
        return next((rep["rep_name"] or value for rep in filters.reps() if rep["rep_id"] == value), value)
    return formats.quarter(value, language()) if by == "quarter" else value


def _sides(asked: Asked, quarter: str) -> None:
    st.subheader(_("两两对比"), anchor=False)
    kinds = {"quarters": _("两个季度")} | ({} if viewer().role == "rep" else {"reps": _("两名专员")})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            _("对比"), list(kinds), default="quarters", required=True, format_func=kinds.__getitem__, key="compare_kind"
        )
        sides = _two_reps(asked) if kind == "reps" else _two_quarters(quarter)
    if sides is None:
        st.caption(_("至少要有两个可以对比的对象。"))
        return
    limits: funnel.Options = {"within": asked.within, "dept": asked.dept}
    if kind != "reps":
        limits["rep"] = asked.rep
    rows = ask(compare.compare, asked.model, sides, asked.view, **limits)
    _beside(rows, sides)


def _two_quarters(quarter: str) -> tuple[Side, ...] | None:
    known = filters.quarters()
    if len(known) < 2:
        return None
    at = min(known.index(quarter) + 1, len(known) - 1)
    left = st.selectbox(_("左"), known, index=at, key="compare_left", format_func=_quarter, width=170)
    right = st.selectbox(
        _("右"), known, index=known.index(quarter), key="compare_right", format_func=_quarter, width=170
    )
    return tuple(Side(name, *choice.bounds(name, 1)) for name in (left, right))


def _quarter(name: str) -> str:
    return formats.quarter(name, language())


def _two_reps(asked: Asked) -> tuple[Side, ...] | None:
    names = {rep["rep_id"]: rep["rep_name"] or rep["rep_id"] for rep in filters.reps()}
    if len(names) < 2:
        return None
    left = st.selectbox(_("左"), list(names), key="compare_rep_left", format_func=names.__getitem__, width=150)
    right = st.selectbox(
        _("右"), list(names), index=1, key="compare_rep_right", format_func=names.__getitem__, width=150
    )
    return tuple(Side(names[rep], asked.start, asked.end, rep) for rep in (left, right))


def _beside(rows: Sequence[dict[str, Any]], sides: Sequence[Side]) -> None:
    worded = [
        {"name": named(row), **_side("left", row["left"]), **_side("right", row["right"]), **_apart(row)}
        for row in rows
    ]
    columns = [Column("name", _("阶段"), width=220, pinned=True)]
    for at, side in zip(("left", "right"), sides, strict=True):
        columns += [
            Column(f"{at}_n", _("{side} 推进/进入", side=side.name), width=130),
            Column(f"{at}_rate", _("{side} 转化率", side=side.name), "rate"),
            Column(f"{at}_interval", _("{side} 区间", side=side.name), width=140),
            Column(f"{at}_days", _("{side} 停留", side=side.name), width=100),
        ]
    columns += [
        Column("apart", _("右 − 左(个百分点)"), "decimal"),
        Column("between", _("差的 95% 区间"), width=150),
        Column("sure", _("判断"), width=110),
    ]
    table(worded, columns, key="compared", file_name=_("漏斗对比"))
    st.caption(_("差的区间用 Newcombe 方法；区间含 0 时，差异可能是偶然。"))


def _side(at: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{at}_n": f"{row['advanced']} / {row['entered']}",
        f"{at}_rate": row["conversion"],
        f"{at}_interval": interval(row),
        f"{at}_days": days(row),
    }


def _apart(row: dict[str, Any]) -> dict[str, Any]:
    if row["apart"] is None:
        return {"apart": None, "between": formats.NONE, "sure": formats.NONE}
    low, high = (formats.number(row[side] * 100, 1) for side in ("low", "high"))
    return {"apart": row["apart"] * 100, "between": f"{low} – {high}", "sure": _(SURE[row["sure"]])}
