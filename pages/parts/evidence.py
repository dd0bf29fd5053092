"""The evidence drawer: the contributions behind a number and a total that equals it, why it moved, who held what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

import streamlit as st

from kpi import as_is, change, periods
from kpi.catalogue import Metric, reason
from pages.parts import contesting, filters, formats, links, session, spread, waterfall
from pages.parts.empty import may_open
from pages.parts.table import Column, filled, table
from pages.parts.words import _, language, mark, plain

Row: TypeAlias = "Mapping[str, Any]"
OWN_PAGES = {
    "churn": ("pages/churn/churn.py", mark("逐户看订单与判定线")),
    "plan_completion": ("pages/orders/orders.py", mark("看计划、订单与回款")),
}


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
    """Draw what the drawer holds: the sum, whether it equals the number, three lists, the change and the owners."""
    _sum(metric, rows, shown)
    page, label = OWN_PAGES.get(metric.name, ("", ""))
    if may_open(page) and st.button(
        _(label), key=f"page-{metric.name}", icon=":material/arrow_forward:", type="tertiary"
    ):
        links.open_page(page)
    parts = split(rows)
    titles = [f"{title} {len(part)}" for title, part in zip((_("分子"), _("分母"), _("未计入")), parts, strict=True)]
    quarter = shown.get("quarter") if not shown.get("plan_period") else None
    more = _more(metric, str(quarter), compared=shown.get("low") is not None) if quarter else []
    tabs = st.tabs([*titles, *(title for title, _draw in more)])
    for tab, part, name in zip(tabs, parts, ("numerator", "denominator", "left"), strict=False):
        with tab:
            _list(part, name, metric)
    for tab, (_title, draw) in zip(tabs[len(parts) :], more, strict=True):
        with tab:
            draw()


def _more(metric: Metric, quarter: str, *, compared: bool) -> list[tuple[str, Callable[[], None]]]:
    """Return further tabs: the change since the quarter before, how reps differ, the owners of then and of today."""
    now = filters.current()
    found: list[tuple[str, Callable[[], None]]] = []
    before = periods.previous(quarter)
    if metric.unit != "percent" or metric.rollup not in change.SPLIT:
        return found
    if before in filters.quarters():
        found.append((_("为何变化"), partial(_moved, metric, before, quarter, now)))
    if compared and now.rep is None and session.viewer().role != "rep":
        found.append((_("专员之间"), partial(spread.among, metric, quarter, now.dept)))
    if session.viewer().role != "rep":
        found.append((_("归属"), partial(_owners, metric, quarter, now)))
    return found


def _moved(metric: Metric, before: str, quarter: str, now: filters.Filters) -> None:
    moved = session.ask(change.change, metric.name, before, quarter, now.rep, now.dept)
    waterfall.explained(moved, before, quarter, key=f"change-{metric.name}")


def _owners(metric: Metric, quarter: str, now: filters.Filters) -> None:
    found = session.ask(as_is.owners, metric.name, quarter, now.rep, now.dept)
    sides = ((_("按当时归属"), found.as_was), (_("按今天归属"), found.as_is))
    words = [
        f"{label} **{plain(formats.rate(float(top / bottom)) if bottom else formats.NONE)}**"
        for label, (top, bottom) in sides
    ]
    st.markdown(" · ".join(words))
    st.caption(_("计分按当时归属；今天归属只作对比。下面是归属已变的客户。"))
    if not found.moved:
        st.caption(_("没有归属变化的客户。"))
        return
    above, below = metric.parts(language())
    columns = [
        Column("account_name", _("客户"), width=170, pinned=True),
        Column("account_id", _("客户编号")),
        Column("was_name", _("当时")),
        Column("now_name", _("今天")),
        Column("numerator", above, _kind(found.moved, "numerator")),
        Column("denominator", below, _kind(found.moved, "denominator")),
    ]
    _pickable(found.moved, filled(found.moved, columns), f"owners-{metric.name}", _("归属变化"))


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
    key = f"evidence-{metric.name}-{name}"
    picked = _pickable(worded, _columns(metric, rows, name), key, f"{metric.title(language())} {name}")
    if picked is not None:
        contesting.offer(metric.name, rows[picked], key)


def _pickable(rows: Sequence[Row], columns: Sequence[Column], key: str, file_name: str) -> int | None:
    """Draw rows; a picked one offers its account, and its place is returned."""
    picked = table(rows, columns, key=key, select=True, file_name=file_name)
    account = rows[picked]["account_id"] if picked is not None else None
    if account:
        name = rows[picked or 0]["account_name"] or account
        if st.button(_("打开档案：{name}", name=plain(name)), key=f"{key}-open", icon=":material/folder_shared:"):
            links.open_account(account)
    return picked


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
