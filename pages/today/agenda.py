"""The full list behind the cards, as a list and as a calendar that other programs can read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

import streamlit as st

from kpi import ics
from kpi.today import Due, Facts, Reason, planned
from pages.parts import formats
from pages.parts.accounts import accounts
from pages.parts.table import Column
from pages.parts.words import _, mark, plain
from pages.today import notes, words
from pages.today.cards import WEEKDAYS

COLOURS = {"red": mark("红"), "amber": mark("黄"), "green": mark("正常")}
SHOWN_DAYS = 14


def listed(found: Facts, rows: Sequence[Due]) -> None:
    """Draw every account with a reason; a picked one opens its page."""
    kinds = st.pills(
        _("只看"),
        list(words.KINDS),
        selection_mode="multi",
        format_func=lambda kind: _(words.KINDS[kind]),
        key="today-kinds",
    )
    shown = [row for row in rows if not kinds or {words.kind(reason.code) for reason in row.reasons} & set(kinds)]
    today: date = found["today"]
    worded = [
        {
            "account_name": words.name(row),
            "account_id": row.account_id,
            "rep": row.account["rep_name"] or row.account["rep_id"],
            "tier": row.account["tier"],
            "why": _("；").join(words.reason(reason, today) for reason in row.reasons) or None,
            "last_on": row.last_on,
            "next_on": row.next_on,
            "colour": _(COLOURS[row.colour]),
            "answer": _(words.ANSWERS[row.hidden]) if row.hidden else None,
        }
        for row in shown
    ]
    columns = [
        Column("account_name", _("客户"), width=170, pinned=True),
        Column("why", _("为什么"), width=380),
        Column("answer", _("今天"), width=90),
        Column("tier", _("级别"), width=60),
        Column("last_on", _("上次联系"), "date"),
        Column("next_on", _("下次应联系"), "date"),
        Column("colour", _("频率"), width=70, help=_("黄：超过规定的间隔；红：到了两倍")),
        Column("rep", _("专员"), width=80),
        Column("account_id", _("客户编号"), width=90),
    ]
    accounts(worded, columns, key="today-list", none=_("没有这样的客户。"), file_name=_("今日跟进"))
    _answered(shown)


def _answered(rows: Sequence[Due]) -> None:
    """Draw today's own answers with a way back."""
    mine = [row for row in rows if row.hidden and notes.mine(row.noted)]
    if not mine:
        return
    st.markdown(f"**{_('已处理')}**")
    for row in mine:
        note = row.noted
        if note is None:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            until = f" → {formats.day(note.next_date)}" if note.next_date else ""
            said = f" · {plain(note.result)}" if note.result else ""
            st.markdown(
                f"{plain(words.name(row))} :gray[{_(words.ANSWERS[note.answer])}{until}{said}]", width="content"
            )
            st.button(_("撤回"), key=f"back-{note.id}", type="tertiary", on_click=notes.withdraw, args=(note.id,))


def calendar(found: Facts, rows: Sequence[Due]) -> None:
    """Draw the coming fourteen days, day by day, and offer them as a calendar file."""
    today: date = found["today"]
    names = {account["account_id"]: account["account_name"] or account["account_id"] for account in found["held"]}
    reasons = {(row.account_id, reason.code): reason for row in rows for reason in row.reasons}
    until = today + timedelta(days=SHOWN_DAYS)
    days = [entry for entry in planned(found, [row for row in rows if not row.hidden]) if entry[0] < until]
    if not days:
        st.caption(_("接下来两周没有安排。"))
        return
    places = {account["account_id"]: account["address"] or "" for account in found["held"]}
    worded = [(day, key, _entry(code, said, reasons.get((key, code)), today)) for day, code, key, said in days]
    for day, entries in groupby(worded, key=lambda entry: entry[0]):
        lines = [f"- **{plain(names.get(key, key))}** {plain(text)}" for _day, key, text in entries]
        label = f"{formats.short_day(day)} {_(WEEKDAYS[day.weekday()])}"
        st.markdown(f"**{label}{' · ' + _('今天') if day == today else ''}** :gray[{len(lines)}]\n" + "\n".join(lines))
    events = [
        ics.Event(day, f"{names.get(key, key)} · {text}", f"{key}|{text}", place=places.get(key, ""))
        for day, key, text in worded
    ]
    st.download_button(
        _("导出日历 .ics"),
        ics.calendar(events, _("今日跟进")),
        file_name="follow-up.ics",
        mime="text/calendar",
        icon=":material/event:",
        on_click="ignore",
        key="today-ics",
    )


def _entry(code: str, said: str, reason: Reason | None, today: date) -> str:
    if reason is not None and reason.day <= today:
        return words.reason(reason, today)
    return _(words.KINDS[words.kind(code)]) + (f"：{said}" if said and not said.isdigit() else "")
