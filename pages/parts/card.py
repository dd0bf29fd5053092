"""The KPI card: value, target, changes, trend, numerator and denominator, badges."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import streamlit as st

from kpi import certainty, periods
from kpi.catalogue import Metric
from pages.parts import formats
from pages.parts.palette import TEXT_COLOURS, direction, palette
from pages.parts.sparkline import sparkline
from pages.parts.words import _, language, mark, plain

ARROWS = {True: "▲", False: "▼"}
DIRECTIONS = {"higher": mark("越高越好"), "lower": mark("越低越好")}
SMALL = mark("样本过小")
PART = re.compile(r"^(.+?)\s*(?:\((.+)\))?$")
MONEY = {mark("元"), "CNY"}
EXPLAINED = {
    mark("无计划"): mark("这个范围没有计划，完成率无从计算；导入计划后即可显示。"),
    mark("待分解"): mark("部门或公司已有计划，还没有分解到个人；分解后即可显示。"),
    mark("无基数"): mark("期初没有大客户，比率无从计算；只显示数量。"),
    mark("数据不足"): mark("数据不足以判断这个季度；请查看导入的日期范围。"),
    mark("未参评"): mark("本期不参加评比。"),
}


@dataclass(frozen=True)
class Reading:
    """One metric in one quarter beside its past; `trend` holds (quarter, value) in order of time."""

    row: Mapping[str, Any]
    previous: Decimal | None
    year_ago: Decimal | None
    trend: tuple[tuple[str, Decimal | None], ...]


def reading(history: Sequence[Mapping[str, Any]], quarter: str, quarters: int = 10) -> Reading:
    """Read one quarter out of `kpi.rollup.value(…, by=("quarter",))`; a quarter that is not there has no value."""
    rows = {row["quarter"]: row for row in history}

    def value(name: str) -> Decimal | None:
        return rows[name]["value"] if name in rows else None

    names = [name for name in sorted(rows) if name <= quarter][-quarters:]
    return Reading(
        row=rows.get(quarter, {"value": None, "status": "数据不足", "numerator": None, "denominator": None, "n": 0}),
        previous=value(periods.previous(quarter)),
        year_ago=value(periods.previous(quarter, 4)),
        trend=tuple((name, value(name)) for name in names),
    )


def kpi_card(
    metric: Metric,
    history: Sequence[Mapping[str, Any]],
    quarter: str,
    *,
    key: str,
    below: str | None = None,
    notes: Sequence[str] = (),
) -> bool:
    """Draw one card from a metric's values by quarter; return True when its evidence is asked for.

    `below` replaces the line of numerator and denominator; `notes` become badges.
    """
    now = reading(history, quarter)
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card-{key}"):
        _head(metric, now)
        _changes(metric, now)
        _trend(now, quarter, metric.target)
        st.caption(basis(metric, now.row) + _interval(now.row) if below is None else below)
        _badges(metric, now.row, notes)
        st.space("stretch")
        return st.button(
            _("查看依据"),
            key=f"evidence-{key}",
            type="tertiary",
            icon=":material/format_list_bulleted:",
            disabled=not now.row["n"],
        )


def _head(metric: Metric, now: Reading) -> None:
    status = now.row["status"]
    known = now.row["value"] is not None
    shown = formats.value_of(now.row["value"], metric.unit, language()) if known else _(status)
    st.metric(plain(metric.title(language())), shown, help=metric.question(language()))
    aim = _("目标 {target}", target=formats.rate(metric.target)) if metric.target is not None else ""
    hint = _(DIRECTIONS[metric.better]) if metric.better in DIRECTIONS else ""
    st.caption(" · ".join(part for part in (aim, hint) if part))


def _changes(metric: Metric, now: Reading) -> None:
    parts = [
        _change(metric, now.row["value"], now.previous, _("环比")),
        _change(metric, now.row["value"], now.year_ago, _("同比")),
    ]
    st.markdown("  \n".join(parts))


def _change(metric: Metric, value: Decimal | None, before: Decimal | None, label: str) -> str:
    """Word one change: an arrow for the movement, a colour for better or worse, grey without comparison."""
    if value is None or before is None:
        return f":gray[{label} {formats.NONE}]"
    moved = formats.points(value, before) if metric.unit == "percent" else value - before
    text = formats.change(moved, metric.unit, language())
    colour = TEXT_COLOURS[direction(moved, metric.better)]
    arrow = f"{ARROWS[moved > 0]} " if moved else ""
    return f":gray[{label}] :{colour}[{arrow}{text}]"


def _trend(now: Reading, quarter: str, target: float | None) -> None:
    names = [name for name, _value in now.trend]
    picture = sparkline(
        [value for _name, value in now.trend], names.index(quarter) if quarter in names else -1, target, palette()
    )
    if not picture or not names:
        return
    alt = ", ".join(f"{name} {formats.rate(value)}" for name, value in now.trend)
    st.image(picture, width="stretch", alt=alt)
    span = f"{names[0]} – {names[-1]}"
    aim = _("虚线为目标") if target is not None else ""
    st.caption(" · ".join(part for part in (span, aim) if part))


def basis(metric: Metric, row: Mapping[str, Any]) -> str:
    """Word numerator and denominator with their units: `流失 / 期初：9 / 214 户`."""
    named = [PART.match(part) for part in metric.parts(language())]
    words = " / ".join(part[1] for part in named if part)
    unit = named[-1][2] if named[-1] else ""
    top, bottom = row["numerator"], row["denominator"]
    if unit in MONEY:
        return f"{words}{_('：')}{formats.money_pair(top, bottom, language())}"
    numbers = f"{formats.number(top, _places(top))} / {formats.number(bottom, _places(bottom))}"
    return f"{words}{_('：')}{numbers} {unit}".strip()


def _places(value: Decimal | None) -> int:
    return 0 if value is None or value == int(value) else 2


def _interval(row: Mapping[str, Any]) -> str:
    """Word the interval of a count ratio; nothing for any other number."""
    if row.get("low") is None:
        return ""
    return "  \n" + _("95% 区间 {low} – {high}", low=formats.rate(row["low"]), high=formats.rate(row["high"]))


def _badges(metric: Metric, row: Mapping[str, Any], notes: Sequence[str]) -> None:
    status = row["status"]
    sure = certainty.against_target(row, metric.target, metric.better) if row.get("low") is not None else {}
    if status == "ok" and not notes and not any(sure.values()):
        return
    with st.container(horizontal=True, gap="xsmall"):
        if status == SMALL:
            st.badge(_("样本过小"), color="orange", help=_("只有 {n} 户，一户之差就会明显改变比率。", n=row["n"]))
        elif status != "ok":
            st.badge(_(status), color="gray", help=_(EXPLAINED.get(status, status)))
        if sure.get("flips"):
            st.badge(_("一户之差"), color="orange", help=_("多一户或少一户，是否达到目标就会改变。"))
        elif sure.get("spans"):
            st.badge(_("差异不显著"), color="gray", help=_("95% 区间包含目标：与目标的差别可能只是偶然。"))
        for note in notes:
            st.badge(plain(note), color="blue")
