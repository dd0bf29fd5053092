"""Names behind the quarter: the lost, the new, and what needs attention."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import streamlit as st

from data.entity import entities
from kpi import overview, week
from kpi.catalogue import reason
from pages.churn import objections
from pages.overview.headline import LOST, WON
from pages.parts import formats
from pages.parts.accounts import accounts
from pages.parts.empty import may_open
from pages.parts.filters import Filters
from pages.parts.links import open_page
from pages.parts.session import ask
from pages.parts.table import Column
from pages.parts.words import _, language

Rows: TypeAlias = "Sequence[dict[str, Any]]"
Listed: TypeAlias = "tuple[str, Callable[[Rows], None], Rows]"
FEW = 6
TALL = 240
CHURN_PAGE = "pages/churn/churn.py"


def lost_and_new(now: Filters) -> None:
    """Draw the lost and the new accounts side by side."""
    left, right = st.columns(2, gap="medium")
    with left:
        rows = ask(overview.listed, "lost", now.quarter, now.dept, now.rep)
        st.subheader(_("流失客户 {count} 户", count=len(rows)), anchor=LOST)
        last = Column("last_order", _("最近订单"), "date", width=95)
        columns = [*_who(rows), last, _sales(_("近四季销售额(元)")), _why()]
        names(_worded(rows), columns, "lost", _("本季度没有流失客户。"))
    with right:
        rows = ask(overview.listed, "won", now.quarter, now.dept, now.rep)
        st.subheader(_("新增客户 {count} 户", count=len(rows)), anchor=WON)
        source = Column("source", _("客户来源"), width=90)
        first = Column("first_order", _("首单"), "date", width=95)
        columns = [*_who(rows), source, first, _sales(_("本季销售额(元)")), _why()]
        names(_worded(rows), columns, "won", _("本季度还没有新开发的大客户。"))


def attention(now: Filters) -> None:
    """Draw what needs a hand: near churn, complaints, receivables, stalled developments."""
    st.subheader(_("需要您处理"), anchor=False)
    missing = [row["entity"] for row in ask(week.feeds) if row["state"] == "missing"]
    lists = [_near, *(draw for entity, draw in NEEDS.items() if entity not in missing)]
    lacking = _("、").join(entities()[name].label(language()) for name in NEEDS if name in missing)
    if lacking:
        st.caption(_("没有导入过{kinds}，这里不显示与它们有关的事项。", kinds=lacking))
    found = [*_objected(), *(prepare(now) for prepare in lists)]
    for tab, (_title, draw, rows) in zip(st.tabs([title for title, *_rest in found]), found, strict=True):
        with tab:
            draw(rows)


def _objected() -> list[Listed]:
    """Count the objections to lost accounts that wait for the head's answer, where there are any."""
    count = len(objections.waiting())
    return [(_("流失异议 {count} 件", count=count), _disputed, [])] if count else []


def _disputed(_rows: Rows) -> None:
    st.caption(_("专员对记在自己名下的流失提出的异议，等您接受或不接受。"))
    objections.shown(objections.waiting(), key="overview-objections")
    if may_open(CHURN_PAGE) and st.button(_("去答复"), key="answer-objections", icon=":material/arrow_forward:"):
        open_page(CHURN_PAGE)


def _near(now: Filters) -> Listed:
    rows = ask(overview.listed, "near_churn", now.quarter, now.dept, now.rep)
    return _("临近流失 {count} 户", count=len(rows)), near_churn, rows


def _open(now: Filters) -> Listed:
    rows = ask(overview.complaints, now.quarter, now.dept, now.rep)
    late = sum(row["overdue"] for row in rows)
    return _("未结投诉 {count} 件，超期 {late} 件", count=len(rows), late=late), _complaints, rows


def _receivables(now: Filters) -> Listed:
    rows = ask(overview.listed, "receivables", now.quarter, now.dept, now.rep)
    total = formats.money(sum(row["amount"] for row in rows), language())
    return _("逾期应收 {total}", total=total), _owed, rows


def _stalled(now: Filters) -> Listed:
    rows = ask(overview.stalled, now.quarter, now.dept, now.rep)
    return _("开发停滞 {count} 户", count=len(rows)), _slow, rows


NEEDS: dict[str, Callable[[Filters], Listed]] = {
    "complaint": _open,
    "payment": _receivables,
    "stage_history": _stalled,
}


def near_churn(rows: Sequence[dict[str, Any]]) -> None:
    """Draw accounts past two thirds of their churn window."""
    columns = [
        *_who(),
        Column("last_order", _("最近订单"), "date"),
        Column("silent_days", _("静默天数"), "number"),
        Column("median_gap", _("本户常规周期(天)"), "number", help=_("本户各次订单间隔的中位数")),
        Column("churn_date", _("流失判定线"), "date"),
        Column("days_left", _("剩余天数"), "number"),
    ]
    st.caption(_("距上次下单已超过本户判定期的三分之二，还没有到流失判定线；按剩余天数排列。"))
    names(rows, columns, "near", _("没有临近流失判定线的大客户。"))


def _complaints(rows: Sequence[dict[str, Any]]) -> None:
    worded = [row | {"late": _("超期") if row["overdue"] else _("处理中")} for row in rows]
    columns = [
        *_who(),
        Column("opened_on", _("投诉日期"), "date"),
        Column("type", _("类型"), width=80),
        Column("severity", _("严重程度"), width=80),
        Column("days_open", _("未结天数"), "number"),
        Column("late", _("状态"), width=80),
    ]
    st.caption(_("超期：尚未响应，或超过 {days} 天没有关闭。", days=overview.OVERDUE_DAYS))
    names(worded, columns, "complaints", _("没有未结的投诉。"))


def _owed(rows: Sequence[dict[str, Any]]) -> None:
    columns = [
        *_who(),
        Column("instalments", _("逾期期数"), "number"),
        Column("oldest_due", _("最早到期日"), "date"),
        Column("days_overdue", _("逾期天数"), "number"),
        Column("amount", _("逾期金额(元)"), "money"),
    ]
    st.caption(_("计划回款日期已过、到数据截至日仍未收齐的金额。"))
    names(rows, columns, "owed", _("没有逾期的应收款。"))


def _slow(rows: Sequence[dict[str, Any]]) -> None:
    named = [row | {"name": row["name_en"] if language() == "en" else row["name_zh"]} for row in rows]
    columns = [
        *_who(),
        Column("name", _("阶段"), width=160),
        Column("entered_on", _("进入日期"), "date"),
        Column("days", _("停留天数"), "number"),
        Column("limit", _("通常不超过(天)"), "number", help=_("五户中有四户在这个天数内离开该阶段")),
    ]
    st.caption(_("在当前阶段停留得比五分之四的客户都久；停滞不等于终止。"))
    names(named, columns, "slow", _("没有停滞的开发客户。"))


def names(rows: Sequence[dict[str, Any]], columns: Sequence[Column], key: str, none: str) -> None:
    """Draw a list of accounts; a picked one opens its page."""
    accounts(rows, columns, key=f"list-{key}", none=none, height=TALL if len(rows) > FEW else None)


def _worded(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"why": reason(row["reason"], language(), date=formats.day(row["reason_date"]))} for row in rows]


def _who(rows: Sequence[dict[str, Any]] = ()) -> list[Column]:
    """Return the columns of account and rep; the number is left out where every one of the rows has a name."""
    who = [Column("account_name", _("客户"), width=190, pinned=True), Column("rep_name", _("专员"), width=80)]
    if rows and all(row["account_name"] for row in rows):
        return who
    return [who[0], Column("account_id", _("客户编号"), width=100), who[1]]


def _sales(label: str) -> Column:
    return Column("sales", label, "money", width=125)


def _why() -> Column:
    return Column("why", _("原因"), width=260)
