"""The order days of each account against its own line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from kpi import churn_evidence
from pages.parts import chart
from pages.parts.filters import Filters
from pages.parts.session import ask
from pages.parts.strip import Strip, strip
from pages.parts.words import _

SHOWN, LONGEST = 24, 14


def strips(rows: Sequence[dict[str, Any]], now: Filters) -> None:
    """Draw the lost on top, then the nearest to their line."""
    base = churn_evidence.base(rows)
    st.subheader(_("逐户订单与判定线"), anchor=False)
    if not base:
        st.caption(_("期初没有在购的大客户。"))
        return
    days = ask(churn_evidence.order_days, now.quarter, now.dept, now.rep)
    names = _names(base[:SHOWN])
    shown = [_row(row, name, days.get(row["account_id"], [])) for row, name in zip(base[:SHOWN], names, strict=True)]
    today = max(row["as_of"] for row in base)
    words = "，".join(f"{row.name} {row.text}" for row in shown[:5])
    chart.show(strip(shown, today, today - timedelta(730)), key="churn-strips", alt=words)
    if len(base) > SHOWN:
        st.caption(
            _("只画最接近判定线的 {shown} 户，期初共 {count} 户；选一位专员可看全。", shown=SHOWN, count=len(base))
        )
    st.caption(_("虚线：数据截至日。灰条：最后一单之后的常规周期；到竖线仍没有订单即判定流失。"))


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names cut to fit; where two would look alike, their numbers."""
    cut = [str(row["account_name"] or row["account_id"])[:LONGEST] for row in rows]
    return [row["account_id"] if cut.count(name) > 1 else name for row, name in zip(rows, cut, strict=True)]


def _row(row: Mapping[str, Any], name: str, days: Sequence[date]) -> Strip:
    if row["numerator"]:
        text = _("流失")
    elif row["days_left"] is not None and row["days_left"] <= 0:
        text = _("已过线")
    else:
        text = _("剩 {days} 天", days=row["days_left"])
    cycle = float(row["median_gap"]) if row["median_gap"] is not None else None
    return Strip(name, days, row["last_order"], cycle, row["churn_date"], text, bool(row["numerator"]))
