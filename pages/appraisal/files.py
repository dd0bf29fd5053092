"""Files out of the door: workbooks that compute themselves, print pages, the payroll list, the review pack.

Each is made when it is asked for, by what its viewer may read at that moment, and lives no longer than the session.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import streamlit as st

from data.records import Records
from data.store import Store, Viewer
from kpi import standing
from kpi.card import Scorecard
from kpi.history import sealed_quarters
from kpi.paper import html, pack
from kpi.paper.beside import beside
from kpi.paper.book import workbook
from kpi.paper.payroll import payroll
from kpi.paper.person import Person, Sheaf
from kpi.paper.person import person as gathered
from kpi.quarter import written
from pages.appraisal.desk import Desk
from pages.parts import formats, session
from pages.parts.words import _, language

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def summary(desk: Desk, cards: Sequence[Scorecard]) -> None:
    """Offer the files of the department to the appraisers."""
    st.subheader(_("导出"), anchor=False)
    name = f"{desk.dept}_{desk.now.quarter}"
    made = partial(_sheaf, session.store(), desk, tuple(cards), language())
    with st.container(horizontal=True):
        _offer(_("考核汇总 Excel"), lambda: workbook(made()), _("考核汇总_{name}.xlsx", name=name), XLSX)
        _offer(_("考核表打印页"), lambda: html.forms(made()).encode(), _("考核表_{name}.html", name=name), "text/html")
        sealed = [found for rep_id in desk.eyes.people() if (found := desk.eyes.sealed(rep_id))]
        if sealed and desk.eyes.actor.role == "hr":
            _offer(_("薪酬 CSV"), lambda: payroll(sealed), _("绩效系数_{name}.csv", name=name), "text/csv")
        if desk.eyes.actor.role == "head":
            _review(desk, name)
    st.caption(_("Excel 里的得分由公式从分子、分母重新计算，核对格与屏幕一致；打印页用浏览器打印成 PDF。"))


def person(desk: Desk, rep_id: str) -> None:
    """Offer the form of one person to those who may read it."""
    card = desk.eyes.card(rep_id)
    if card is None:
        return
    made = partial(_sheaf_of, session.store(), desk, (rep_id,), language())
    name = f"{rep_id}_{desk.now.quarter}"
    with st.container(horizontal=True):
        _offer(_("考核表 Excel"), lambda: workbook(made()), _("考核表_{name}.xlsx", name=name), XLSX)
        _offer(_("考核表打印页"), lambda: html.forms(made()).encode(), _("考核表_{name}.html", name=name), "text/html")


def _review(desk: Desk, name: str) -> None:
    viewer, store, words = session.viewer(), session.store(), language()
    facts = _facts(desk, store.version)

    def sections() -> list[pack.Section]:
        return pack.gather(store.open(viewer), desk.now.quarter, desk.dept, words)

    _offer(_("复盘包 Excel"), lambda: pack.workbook(sections(), facts, words), _("复盘包_{name}.xlsx", name=name), XLSX)
    _offer(
        _("复盘包打印页"),
        lambda: pack.page(sections(), facts, words, desk.now.quarter).encode(),
        _("复盘包_{name}.html", name=name),
        "text/html",
    )


def _offer(label: str, content: Callable[[], bytes], name: str, mime: str) -> None:
    st.download_button(
        label, content, file_name=name, mime=mime, icon=":material/download:", key=f"file-{name}", on_click="ignore"
    )


def _sheaf(store: Store, desk: Desk, cards: tuple[Scorecard, ...], words: str) -> Sheaf:
    """Gather the department: as locked where it is locked, else as it scores now."""
    if standing.cards(desk.eyes.steps):
        return _sheaf_of(store, desk, tuple(desk.eyes.people()), words)
    cursor = store.open(Viewer("", "system"))
    people = tuple(gathered(cursor, written(cursor, card), {}) for card in cards if card.lines)
    return Sheaf(people, desk.now.quarter, _facts(desk, store.version, people), words)


def _sheaf_of(store: Store, desk: Desk, people: tuple[str, ...], words: str) -> Sheaf:
    lock = standing.locked(desk.eyes.steps)
    version = lock.value["version"] if lock else store.version
    cursor = store.open(Viewer("", "system"), version)
    past = sealed_quarters(Records(store.records_url), desk.now.quarter)
    found = []
    for rep_id in people:
        card = desk.eyes.card(rep_id)
        if card is not None:
            stands = beside(cursor, desk.eyes, card, past.get(rep_id, ()), desk.now.quarter)
            found.append(gathered(cursor, card, desk.eyes.marks(rep_id), stands))
    return Sheaf(tuple(found), desk.now.quarter, _facts(desk, version), words)


def _facts(desk: Desk, version: int, people: Sequence[Person] = ()) -> dict[str, str]:
    """Say what a file is made of: data version and date, when, for whom, and the hash of what it rests on."""
    clock = session.ask(session.select, "select data_date from clock")
    written_down = json.dumps([each.card for each in people], ensure_ascii=False, sort_keys=True, default=str)
    last = desk.eyes.steps[-1].digest if desk.eyes.steps else hashlib.sha256(written_down.encode()).hexdigest()
    return {
        "quarter": desk.now.quarter,
        "dept": desk.dept,
        "state": desk.state,
        "version": str(version),
        "as_of": formats.day(clock[0]["data_date"]),
        "made": f"{datetime.now().astimezone():%Y-%m-%d %H:%M}",
        "filters": f"{desk.dept} · {desk.now.quarter}",
        "hash": last,
    }
