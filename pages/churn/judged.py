"""Who was judged: the rate in one line, the same by a flat line, and the three lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from kpi import churn_evidence
from kpi.catalogue import metrics, reason
from pages.parts import filters, formats
from pages.parts.evidence import source
from pages.parts.filters import Filters
from pages.parts.kpis import of_quarter
from pages.parts.links import open_account
from pages.parts.session import ask, select
from pages.parts.table import Column, filled, height, table
from pages.parts.words import _, language, mark, plain

FEW = 16
BASES = {
    "own_cycle": mark("本户间隔"),
    "few_gaps": mark("间隔不足，用默认"),
    "expected_cycle": mark("档案中的周期"),
    "decided_cycle": mark("经理设定的周期"),
    "flat": mark("统一天数"),
}


def headline(rows: Sequence[dict[str, Any]], now: Filters) -> None:
    """Say whose rate this is, what it is made of, and by which rules the line was drawn."""
    shown = of_quarter("churn", now.quarter, now.rep, now.where)
    whose = next((rep["rep_name"] for rep in filters.reps() if rep["rep_id"] == now.rep), now.dept or _("全部部门"))
    title = metrics()["churn"].title(language())
    lost, opening = (sum(row[name] for row in rows) for name in ("numerator", "denominator"))
    value = formats.rate(shown["value"]) if shown and shown["value"] is not None else formats.NONE
    numbers = (
        f"{formats.number(lost, _places(lost))} / {formats.number(opening, _places(opening))} = **{plain(value)}**"
    )
    st.header(f"{title} · {plain(whose)} · {formats.quarter(now.quarter, language())}  \n{numbers}", anchor=False)
    if shown and (lost, opening) != (shown["numerator"], shown["denominator"]):
        st.error(_("明细合计与卡片上的数不一致，请不要使用这个数，并把这一页告诉管理员。"), icon=":material/error:")
    st.caption(_rules())


def _places(value: Any) -> int:  # noqa: ANN401 - a sum of Decimals, or 0
    return 0 if value == int(value) else 2


def _rules() -> str:
    found = ask(select, "select name, value from parameter where name like 'churn%'")
    value = {row["name"]: row["value"] for row in found}
    if value.get("churn_window") == "flat":
        return _("判定线：一律 {days} 天；有本户周期时取其 2 倍。", days=value.get("churn_flat_days"))
    own = _(
        "判定线：间隔至少 {gaps} 次时取中位间隔 × 2 与最长间隔 × 1.2 的较大者，", gaps=value.get("churn_gaps_needed")
    )
    limits = _("限 {low}–{high} 天；", low=value.get("churn_min_days"), high=value.get("churn_max_days"))
    few = _("不足时 {few} 天；有本户周期时取其 2 倍。", few=value.get("churn_few_gaps_days"))
    return own + limits + few


def under_flat(rows: Sequence[dict[str, Any]]) -> None:
    """Say what a flat line of 90 days would make of the same opening base, and who changes sides."""
    if not churn_evidence.base(rows):
        return
    other = churn_evidence.flat(rows)
    days, base = churn_evidence.FLAT_DAYS, len(churn_evidence.base(rows))
    words = _("同一批期初客户按 {days} 天一刀切会是 {lost} / {base}", days=days, lost=len(other["lost"]), base=base)
    if not st.toggle(words, key="churn-flat"):
        return
    for name, label in (("becomes_lost", _("会变成流失")), ("becomes_kept", _("不再算流失"))):
        names = _("、").join(plain(row["account_name"] or row["account_id"]) for row in other[name])
        st.markdown(f"{label} {len(other[name])}{_('：')}{names or formats.NONE}")


def tabs(rows: Sequence[dict[str, Any]]) -> Mapping[str, Any] | None:
    """Draw numerator, denominator and what was left out; return the row that was picked."""
    parts = {
        _("分子"): [row for row in rows if row["numerator"]],
        _("分母"): [row for row in rows if row["denominator"]],
        _("未计入"): [row for row in rows if not row["numerator"] and not row["denominator"]],
    }
    picked = None
    titles = [f"{title} {len(part)}" for title, part in parts.items()]
    for place, (tab, part) in enumerate(zip(st.tabs(titles), parts.values(), strict=True)):
        with tab:
            picked = _list(part, f"churn-{place}") or picked
    return picked


def _list(rows: Sequence[dict[str, Any]], key: str) -> Mapping[str, Any] | None:
    if not rows:
        st.caption(_("没有这样的行。"))
        return None
    worded = [_worded(row) for row in rows]
    columns = filled(worded, _columns())
    place = table(worded, columns, key=key, select=True, height=height(worded, FEW), file_name=_("流失与证据"))
    if place is None:
        return None
    row = rows[place]
    if st.button(
        _("打开档案：{name}", name=row["account_name"] or row["account_id"]),
        key=f"{key}-open",
        icon=":material/folder_shared:",
    ):
        open_account(row["account_id"])
    return row


def _worded(row: dict[str, Any]) -> dict[str, Any]:
    held = " / ".join(_("{name} {days} 天", name=name, days=days) for name, days in row["holders"])
    return row | {
        "why": reason(row["reason"], language(), date=formats.day(row["reason_date"])),
        "held": held,
        "basis": _(BASES[row["window_basis"]]) if row["window_basis"] in BASES else row["window_basis"],
        "source": source(row),
    }


def _columns() -> list[Column]:
    return [
        Column("account_name", _("客户"), width=170, pinned=True),
        Column("last_order", _("最近订单"), "date", width=95),
        Column("silent_days", _("静默天数"), "number", width=75),
        Column("churn_date", _("判定日"), "date", width=95),
        Column("why", _("原因"), width=280),
        Column("rep_name", _("专员"), width=80),
        Column("held", _("静默期内持有"), width=190),
        Column("median_gap", _("本户常规周期(天)"), "number", width=90, help=_("本户各次订单间隔的中位数")),
        Column("window_days", _("判定期(天)"), "number", width=80),
        Column("basis", _("判定依据"), width=120),
        Column("account_id", _("客户编号"), width=90),
        Column("source", _("来源"), width=280),
    ]
