"""The evidence drawer: the contributions behind a number, and a total that equals it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import streamlit as st

from kpi.catalogue import Metric, reason
from pages.parts import formats
from pages.parts.table import Column, table
from pages.parts.words import _, language, plain

Row: TypeAlias = "Mapping[str, Any]"


def split(rows: Sequence[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """Return contributions that count in the numerator, those in the denominator, and those left out with a reason."""
    top = [row for row in rows if row["numerator"]]
    bottom = [row for row in rows if row["denominator"]]
    return top, bottom, [row for row in rows if not row["numerator"] and not row["denominator"]]


def totals(rows: Sequence[Row]) -> tuple[Decimal, Decimal]:
    """Return Σ numerator and Σ denominator."""
    return (
        sum((formats.exact(row["numerator"] or 0) for row in rows), Decimal(0)),
        sum((formats.exact(row["denominator"] or 0) for row in rows), Decimal(0)),
    )


def evidence(metric: Metric, rows: Sequence[Row], shown: Row, heading: str) -> None:
    """Open the drawer: `rows` from `kpi.rollup.rows`, `shown` the row of `kpi.rollup.value` that was clicked."""
    st.dialog(heading, width="large", position="right", icon=":material/format_list_bulleted:")(contents)(
        metric, rows, shown
    )


def contents(metric: Metric, rows: Sequence[Row], shown: Row) -> None:
    """Draw what the drawer holds: the sum, whether it equals the number, and three lists."""
    _sum(metric, rows, shown)
    parts = split(rows)
    titles = (_("分子"), _("分母"), _("未计入"))
    tabs = st.tabs([f"{title} {len(part)}" for title, part in zip(titles, parts, strict=True)])
    for tab, part, name in zip(tabs, parts, ("numerator", "denominator", "left"), strict=True):
        with tab:
            _list(part, name, metric)


def _sum(metric: Metric, rows: Sequence[Row], shown: Row) -> None:
    value = (
        formats.value_of(shown["value"], metric.unit, language()) if shown["value"] is not None else _(shown["status"])
    )
    top, bottom = totals(rows)
    st.markdown(f"{formats.number(top, _places(top))} / {formats.number(bottom, _places(bottom))} = **{plain(value)}**")
    if (top, bottom) != (formats.exact(shown["numerator"] or 0), formats.exact(shown["denominator"] or 0)):
        st.error(_("明细合计与卡片上的数不一致，请不要使用这个数，并把这一页告诉管理员。"), icon=":material/error:")
    if metric.rollup == "mean":
        st.caption(_("这个指标是各行比率的平均：每户一票。"))


def _places(value: Decimal) -> int:
    return 0 if value == value.to_integral_value() else 2


def _list(rows: Sequence[Row], name: str, metric: Metric) -> None:
    if not rows:
        st.caption(_("没有这样的行。"))
        return
    worded = [{**row, "why": _reason(row), "source": source(row)} for row in rows]
    table(
        worded,
        _columns(metric, rows, name),
        key=f"evidence-{metric.name}-{name}",
        file_name=f"{metric.title(language())} {name}",
    )


def _kind(rows: Sequence[Row], name: str) -> str:
    return "number" if all(row[name] is None or row[name] == int(row[name]) for row in rows) else "decimal"


def _reason(row: Row) -> str:
    return reason(row["reason"], language(), date=formats.day(row["reason_date"]), value=row["numerator"])


def source(row: Row) -> str:
    """Return where a contribution came from: file · sheet · row."""
    line = row.get("source_row")
    parts = (row.get("file"), row.get("sheet"), _("第 {row} 行", row=line) if line else None)
    return " · ".join(str(part) for part in parts if part)


def _columns(metric: Metric, rows: Sequence[Row], name: str) -> list[Column]:
    above, below = metric.parts(language())
    wanted = [
        Column("account_name", _("客户"), width=170, pinned=True),
        Column("account_id", _("客户编号")),
        Column("rep_name", _("专员")),
        Column("day", _("日期"), "date"),
        Column("numerator", above, _kind(rows, "numerator")),
        Column("denominator", below, _kind(rows, "denominator")),
        Column("why", _("原因"), width=260),
        Column("reason_date", _("判定日"), "date"),
        Column("source", _("来源"), width=300),
    ]
    useless = {"numerator": {"denominator"}, "denominator": {"numerator"}, "left": {"numerator", "denominator"}}[name]
    held = {key for row in rows for key, value in row.items() if value is not None} | {"why", "source"}
    return [column for column in wanted if column.name in held and column.name not in useless]
