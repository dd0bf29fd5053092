"""Why a number moved, drawn: the causes between two values as a waterfall and as a list."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from kpi.change import Change, points, worded
from pages.parts import chart, formats
from pages.parts.accounts import names
from pages.parts.table import Column, filled, height, table
from pages.parts.words import _, language

MOST = 8


def explained(found: Change, before: str, after: str, *, key: str) -> None:
    """Draw a change between two labelled sides; what is too small for the picture is in the list."""
    if not found.causes:
        st.caption(_("没有变化。"))
        return
    shown = points(found)
    if shown is not None and found.metric.unit == "percent":
        _picture(found, shown, (before, after), key)
    else:
        st.caption(_("其中一边没有分母，只列出数量的变化。"))
    _causes(found, shown, key)
    st.caption(_("方法：先变分子与先变分母各算一次取平均（Shapley），各原因之和恰好等于变化。单位：百分点。"))


def _picture(found: Change, shown: Sequence[Decimal], ends: tuple[str, str], key: str) -> None:
    words = [worded(cause.code, found.metric, language()) for cause in found.causes]
    steps = list(shown[1:-1])
    if len(steps) > MOST:
        words = [*words[: MOST - 1], _("其他")]
        steps = [*steps[: MOST - 1], sum(steps[MOST - 1 :], Decimal(0))]
    labels = [ends[0], *words, ends[1]]
    values = [shown[0], *steps, shown[-1]]
    figure = chart.waterfall(
        labels, [float(value) for value in values], (0, len(values) - 1), better=found.metric.better
    )
    figure["layout"]["yaxis"]["range"] = _window(values)
    texts = [_signed(value, total=at in {0, len(values) - 1}) for at, value in enumerate(values)]
    figure["data"][0]["text"] = texts
    chart.show(figure, key=f"{key}-waterfall", alt="，".join(f"{a} {b}" for a, b in zip(labels, texts, strict=True)))


def _window(values: Sequence[Decimal]) -> list[float]:
    """Cut what all bars share, but never a step that goes below zero on the way."""
    levels = [float(sum(values[: at + 1])) for at in range(len(values) - 1)]
    low, high = min(levels), max(levels)
    span = (high - low) or high or 1.0
    floor = low - 0.25 * span if low <= 0 else max(0.0, low - 1.2 * span)
    return [floor, high + 0.25 * span]


def _signed(value: Decimal, *, total: bool) -> str:
    if total:
        return f"{formats.number(value, 2)}%"
    return f"+{value}" if value > 0 else formats.number(value, 2)


def _causes(found: Change, shown: Sequence[Decimal] | None, key: str) -> None:
    named = names(sorted({account for cause in found.causes for account in cause.accounts}))
    above, below = found.metric.parts(language())
    rows = [
        {
            "cause": worded(cause.code, found.metric, language()),
            "points": shown[place] if shown else None,
            "numerator": Decimal(cause.numerator.numerator) / Decimal(cause.numerator.denominator),
            "denominator": Decimal(cause.denominator.numerator) / Decimal(cause.denominator.denominator),
            "accounts": len(cause.accounts) or None,
            "who": _("、").join(named.get(account) or account for account in cause.accounts),
        }
        for place, cause in enumerate(found.causes, start=1)
    ]
    columns = [
        Column("cause", _("原因"), width=130, pinned=True),
        Column("points", _("影响(百分点)"), "decimal", width=100),
        Column("numerator", above, _kind(rows, "numerator"), width=130),
        Column("denominator", below, _kind(rows, "denominator"), width=130),
        Column("accounts", _("户数"), "number", width=60),
        Column("who", _("客户"), width=420),
    ]
    table(rows, filled(rows, columns), key=f"{key}-causes", height=height(rows), file_name=_("变化的原因"))


def _kind(rows: Sequence[dict[str, Any]], name: str) -> str:
    return "number" if all(row[name] == int(row[name]) for row in rows) else "decimal"
