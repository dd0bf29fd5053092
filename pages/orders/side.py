"""Plan, orders, cash, invoices and receivables side by side, by rep and by account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from kpi import ledger
from pages.parts import chart, formats
from pages.parts.accounts import accounts
from pages.parts.filters import Filters
from pages.parts.links import open_rep
from pages.parts.session import ask
from pages.parts.table import Column, height, table
from pages.parts.words import _, language, mark, plain

NUMERATORS = {"orders": mark("订货"), "cash": mark("回款"), "invoiced": mark("开票")}


def headline(rows: Sequence[dict[str, Any]], now: Filters) -> str:
    """Say how far the plan is met in orders and in cash, and what is owed; return the numerator that was chosen."""
    whole = ledger.total(rows)
    quarter = formats.quarter(now.quarter, language())
    words = {name: plain(formats.money(whole[name], language())) for name in ledger.MONEY}
    st.header(
        _("{quarter}订货 {orders}，回款 {cash}，应收 {receivable}，其中逾期 {overdue}", quarter=quarter, **words),
        anchor=False,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            _("完成率按"),
            list(NUMERATORS),
            default="orders",
            format_func=lambda name: f"{_(NUMERATORS[name])} {plain(_share(whole, name))}",
            key="orders-numerator",
            required=True,
        )
    st.caption(
        _(
            "订货：有效订单减退货，按下单日。回款：到账日。开票：开票日，退货按退货日。考核用哪一种由口径设置决定，这里只作对比。"
        )
    )
    return str(chosen)


def _share(row: dict[str, Decimal], name: str) -> str:
    return formats.rate(row[name] / row["plan"]) if row["plan"] else formats.NONE


def by_rep(rows: Sequence[dict[str, Any]], numerator: str) -> None:
    """Draw the reps: the chosen numerator beside the plan, and a table; a picked rep opens the scorecard."""
    st.subheader(_("按专员"), anchor=False)
    if not rows:
        st.caption(_("这个季度没有订单、回款，也没有计划。"))
        return
    planned = [float(row["plan"]) if row["plan"] else None for row in rows]
    texts = [
        f"{formats.money_pair(row[numerator], row['plan'], language())} · {_share(row, numerator)}" for row in rows
    ]
    actual = chart.Series(_(NUMERATORS[numerator]), [float(row[numerator]) for row in rows], "neutral", texts)
    names = [_name(row) for row in rows]
    picked = chart.show(
        chart.bullet(names, actual, planned),
        key="orders-by-rep",
        alt=_("{count} 位专员的{what}与计划", count=len(rows), what=_(NUMERATORS[numerator])),
        select=True,
    )
    st.caption(_("条形：{what} · 竖线：计划。点一位专员打开记分卡。", what=_(NUMERATORS[numerator])))
    if picked is not None:
        open_rep(rows[picked]["rep_id"])
    listed = [_measured(row, numerator) | {"name": name} for row, name in zip(rows, names, strict=True)]
    if len(rows) > 1:
        listed.append(_measured(ledger.total(rows), numerator) | {"name": _("合计")})
    table(
        listed,
        [Column("name", _("专员"), width=90, pinned=True), *_amounts(numerator)],
        key="orders-reps",
        height=height(listed, 20),
        file_name=_("订单与回款"),
    )


def _name(row: dict[str, Any]) -> str:
    return str(row["rep_name"] or (_("未归属") if row["rep_id"] == "未归属" else row["rep_id"]))


def _measured(row: dict[str, Any], numerator: str) -> dict[str, Any]:
    plan = row["plan"]
    return dict(row) | {
        "rate": row[numerator] / plan if plan else None,
        "gap": row[numerator] - plan if plan else None,
        "plan": plan or None,
    }


def _amounts(numerator: str) -> list[Column]:
    return [
        Column("plan", _("计划(元)"), "money", width=125),
        Column("orders", _("订货(元)"), "money", width=125),
        Column("cash", _("回款(元)"), "money", width=125),
        Column("invoiced", _("开票(元)"), "money", width=125),
        Column("rate", _("完成率({what})", what=_(NUMERATORS[numerator])), "rate", width=110),
        Column("gap", _("差额(元)"), "money", width=125, help=_("所选口径减计划")),
        Column("receivable", _("应收(元)"), "money", width=125, help=_("已下单、到数据截至日还没收的款，含未到期")),
        Column("overdue", _("逾期(元)"), "money", width=125),
        Column("returns", _("退货(元)"), "money", width=115, help=_("已从订货中减去")),
    ]


def by_account(now: Filters, numerator: str) -> None:
    """Draw the accounts, the largest orders first; a picked one opens its page."""
    rows = ask(ledger.by_account, now.quarter, now.dept, now.rep)
    with st.expander(_("按客户 {count} 户", count=len({row["account_id"] for row in rows})), icon=":material/list:"):
        who = [
            Column("account_name", _("客户"), width=190, pinned=True),
            Column("account_id", _("客户编号"), width=90),
            Column("rep_name", _("专员"), width=80),
        ]
        columns = [*who, *(column for column in _amounts(numerator) if column.name not in {"rate", "gap"})]
        none, name = _("没有客户有订单、回款或应收。"), _("订单与回款（按客户）")
        accounts(rows, columns, key="orders-accounts", none=none, height=height(rows), file_name=name)
