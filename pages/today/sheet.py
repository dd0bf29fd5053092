"""The sheet before a visit, one thumb-scroll: stage, people, contacts, orders, complaints, rivals, promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

import kpi.sheet
from kpi.today import Due
from pages.funnel.behind import CHECKS
from pages.parts import formats
from pages.parts.session import ask
from pages.parts.words import _, either, language, mark, plain
from pages.today import words


@st.dialog(mark("拜访前看一眼"), width="medium")
def show(row: Due) -> None:
    """Open the sheet of an account."""
    found = ask(kpi.sheet.before_visit, row.account_id)
    st.markdown(f"### {plain(words.name(row))}")
    st.caption(plain(row.account["address"] or row.account_id))
    _stage(found)
    _people(found["people"])
    _section(_("最近三次沟通"), [_contact(each) for each in found["contacts"]], _("还没有联系记录"))
    _orders(found)
    _section(_("投诉"), [_complaint(each) for each in found["complaints"]], _("没有投诉"))
    _section(_("竞争对手"), [_competitor(each) for each in found["competitors"]], _("没有记录"))
    _section(_("上次的承诺"), [_promise(each) for each in found["promises"]], _("没有记录"))


def _section(title: str, lines: Sequence[str], none: str) -> None:
    st.markdown(f"**{title}**  \n" + ("  \n".join(lines) if lines else f":gray[{none}]"))


def _stage(found: dict[str, Any]) -> None:
    stood = found["standing"]
    if stood is None or stood["stage"] is None:
        _section(_("阶段"), [], _("还没有阶段记录"))
        return
    name = f"{stood['stage']} {either(stood['name_zh'], stood['name_en'])}"
    lines = [f"{plain(name)} · {_(stood['state'])} · {_('{days} 天', days=stood['days'])}"]
    if stood["state"] != "在途":
        lines = [f"{_(stood['state'])} · {formats.day(stood['won_on'] or stood['ended_on'])}"]
    if found["missing"]:
        lines.append(f":orange[{_('还缺：')}{_('、').join(_(CHECKS[name]) for name in found['missing'])}]")
    _section(_("阶段"), lines, "")


def _people(rows: Sequence[dict[str, Any]]) -> None:
    _section(_("关键决策人"), [_person(each) for each in rows], _("没有记录关键决策人"))
    for each in rows:
        number = "".join(sign for sign in each["phone"] or "" if sign in "+0123456789")
        if number:
            label = _("打给 {name}", name=each["kdm_name"] or each["kdm_title"])
            st.link_button(label, f"tel:{number}", icon=":material/call:")


def _person(row: dict[str, Any]) -> str:
    parts = [plain(row["kdm_name"] or _("姓名未填")), plain(row["kdm_title"] or "")]
    parts += [f":blue[{_('关键决策人')}]"] if row["is_kdm"] else []
    parts += [_("客情 {n} 级", n=row["relationship_level"])] if row["relationship_level"] else []
    return " · ".join(part for part in parts if part)


def _contact(row: dict[str, Any]) -> str:
    how = _(words.CONTACTS[row["kind"]]) if row["kind"] in words.CONTACTS else row["kind"]
    said = " · ".join(plain(part) for part in (row["words"], row["reaction"]) if part)
    return f":gray[{formats.short_day(row['day'])} {plain(how)}] {said}"


def _orders(found: dict[str, Any]) -> None:
    lines = [
        f"{formats.quarter(row['quarter'], language())} · {plain(formats.money(row['amount'], language()))} · "
        + _("{n} 天有订单", n=row["orders"])
        for row in found["sales"]
    ]
    owed = found["overdue"]
    if owed:
        total = plain(formats.money(sum(row["amount"] for row in owed), language()))
        lines.append(f":orange[{_('逾期应收 {total}，最早 {day}', total=total, day=formats.day(owed[0]['day']))}]")
    _section(_("近四季订单与逾期"), lines, _("没有订单"))


def _complaint(row: dict[str, Any]) -> str:
    state = f":orange[{_('未结')}]" if row["open"] else _("已结")
    said = plain(row["content"] or row["type"] or "")
    return f":gray[{formats.day(row['day'])}] {said} · {state}"


def _competitor(row: dict[str, Any]) -> str:
    parts = [plain(row["competitor_name"]), plain(row["competitor_product"] or "")]
    parts += [_("现供应商")] if row["is_current_supplier"] else []
    return " · ".join(part for part in parts if part)


def _promise(row: dict[str, Any]) -> str:
    when = f" → {formats.day(row['next_date'])}" if row["next_date"] else ""
    day = f":gray[{formats.short_day(row['day'])}] " if row["day"] else ""
    return f"{day}{plain(row['words'])}{when}"
