"""The cards: the reason first, then the account, its last contact and three thumb buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import quote

import streamlit as st

from kpi.cadence import add_working_days
from kpi.today import Due, Facts, cards
from pages.parts import formats
from pages.parts.links import open_account
from pages.parts.words import _, mark, plain
from pages.today import notes, sheet, words

WEEKDAYS = (mark("周一"), mark("周二"), mark("周三"), mark("周四"), mark("周五"), mark("周六"), mark("周日"))
MAP = "https://uri.amap.com/search?keyword="


def heading(found: Facts, rows: Sequence[Due]) -> None:
    """Say how many there are today and which day "today" is."""
    notes.told()
    today: date = found["today"]
    shown, done = len(cards(rows)), sum(row.hidden == "done" for row in rows)
    left = sum(row.today for row in rows) - shown
    st.header(_("今天 {n} 件", n=shown), anchor=False)
    parts = [_("数据截至{weekday} {day}", weekday=_(WEEKDAYS[today.weekday()]), day=formats.short_day(today))]
    parts += [_("已联系 {n} 户", n=done)] if done else []
    parts += [_("另有 {n} 户可以稍后", n=left)] if left else []
    st.caption(" · ".join(parts))


def draw(found: Facts, rows: Sequence[Due]) -> None:
    """Draw the cards of today."""
    shown = cards(rows)
    if not shown:
        st.success(_("今天没有必须联系的客户。下面是完整的名单和日历。"), icon=":material/task_alt:")
        return
    with st.grid("auto", min_column_width=340, gap="small"):
        for row in shown:
            _card(row, found["today"])


def _card(row: Due, today: date) -> None:
    lead, *others = row.reasons
    with st.container(border=True, height="stretch", gap="xsmall", key=f"today-{row.account_id}"):
        colour = "orange" if lead.code in words.URGENT else "blue"
        st.markdown(f":{colour}[**{plain(words.reason(lead, today))}**]")
        st.markdown(f"**{plain(words.name(row))}** :gray[{_about(row)}]")
        for other in others[:2]:
            st.caption(f"＋ {plain(words.reason(other, today))}")
        st.caption(plain(_short(words.last(row.account))))
        st.space("stretch")
        _reach(row)
        if notes.may_answer():
            _buttons(row, today)


def _about(row: Due) -> str:
    parts = [_("{letter} 类", letter=row.account["tier"])] if row.account["tier"] else []
    if row.account["ended"]:
        parts.append(_("已结束"))
    elif row.account["won"]:
        parts.append(_("成交"))
    elif row.account["stage"]:
        parts.append(_("阶段 {n}/{all}", n=row.account["stage"], all=row.account["stages"]))
    return "· " + " · ".join(parts) if parts else ""


def _short(text: str) -> str:
    return text if len(text) <= 46 else f"{text[:45]}…"


def _reach(row: Due) -> None:
    key = row.account_id
    with st.container(horizontal=True, gap="small"):
        if st.button(_("拜访前看一眼"), key=f"sheet-{key}", icon=":material/description:", type="tertiary"):
            sheet.show(row)
        if row.account["address"]:
            url = MAP + quote(str(row.account["address"]))
            st.link_button(_("地图"), url, icon=":material/location_on:", type="tertiary", help=row.account["address"])
        if st.button(_("档案"), key=f"file-{key}", icon=":material/folder_shared:", type="tertiary"):
            open_account(key)


def _buttons(row: Due, today: date) -> None:
    key = row.account_id
    with st.container(horizontal=True, gap="small", key=f"thumbs-{key}"):
        if st.button(_("已联系"), key=f"done-{key}", type="primary", width="stretch"):
            _contacted(row, today)
        if st.button(_("改期"), key=f"later-{key}", width="stretch"):
            _later(row, today)
        st.button(
            _("今天不用"),
            key=f"skip-{key}",
            width="stretch",
            on_click=notes.keep,
            args=(key, today, "skipped", row.reasons[0].code),
        )


@st.dialog(mark("已联系"))
def _contacted(row: Due, today: date) -> None:
    st.markdown(f"**{plain(words.name(row))}**")
    result = st.text_area(
        _("结果"), key=f"result-{row.account_id}", placeholder=_("可以用键盘上的话筒说"), height=110, max_chars=2000
    )
    next_date = st.date_input(
        _("下一步日期"),
        value=None,
        min_value=today + timedelta(days=1),
        format="YYYY-MM-DD",
        key=f"next-{row.account_id}",
    )
    if st.button(_("记下"), type="primary", width="stretch", key=f"keep-{row.account_id}"):
        if not result.strip():
            st.warning(_("请写一句结果，例如：对方同意下周二试样。"))
            return
        day = next_date if isinstance(next_date, date) else None
        notes.keep(row.account_id, today, "done", row.reasons[0].code if row.reasons else "", result, day)
        st.rerun()


@st.dialog(mark("改期"))
def _later(row: Due, today: date) -> None:
    st.markdown(f"**{plain(words.name(row))}**")
    quick = {_("下一个工作日"): add_working_days(today, 1), _("三个工作日后"): add_working_days(today, 3)}
    picked = st.pills(_("改到"), list(quick), key=f"quick-{row.account_id}")
    other = st.date_input(
        _("或另选一天"),
        value=None,
        min_value=today + timedelta(days=1),
        format="YYYY-MM-DD",
        key=f"other-{row.account_id}",
    )
    day = other if isinstance(other, date) else quick.get(picked or "")
    if st.button(_("改期"), type="primary", width="stretch", key=f"move-{row.account_id}", disabled=day is None):
        notes.keep(row.account_id, today, "postponed", row.reasons[0].code, next_date=day)
        st.rerun()
