"""Quarter, department and rep: chosen once, kept across pages and in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import streamlit as st

from data.entity import entities
from kpi import periods
from pages.parts import address, formats
from pages.parts.session import ask, select, viewer
from pages.parts.words import _, language

FEEDS = ("orders", "payment", "visit")
STALE = timedelta(days=7)


@dataclass(frozen=True)
class Filters:
    """What pages are asked about: a quarter (`2026Q3`), a department, a rep (None: all the viewer may see)."""

    quarter: str
    dept: str | None
    rep: str | None

    @property
    def where(self) -> dict[str, str]:
        """The department as a condition of `kpi.rollup.value`."""
        return {"dept": self.dept} if self.dept else {}


def quarters() -> list[str]:
    """Return the quarters with data, newest first."""
    return [str(row["quarter"]) for row in reversed(ask(periods.quarters))]


def departments() -> list[str]:
    """Return the departments that the viewer may see."""
    return [row["dept"] for row in ask(select, "select distinct dept from member order by dept")]


def reps() -> list[dict[str, Any]]:
    """Return rep_id, rep_name and dept of everyone who owns accounts or has the post of a rep."""
    return ask(
        select,
        "select rep_id, rep_name, dept from member "
        "where role = '专员' or rep_id in (select rep_id from tenure) order by rep_id",
    )


def current() -> Filters:
    """Return the filters in force: what was chosen, as far as the viewer's data holds it."""
    known = quarters()
    quarter = address.chosen("quarter")
    dept = address.chosen("dept")
    rep = viewer().rep_id if viewer().role == "rep" else address.chosen("rep")
    names = {row["rep_id"] for row in reps() if not dept or row["dept"] == dept}
    return Filters(
        quarter=quarter if quarter in known else (known or [""])[0],
        dept=dept if dept in departments() else None,
        rep=rep if rep in names else None,
    )


def bar() -> None:
    """Draw the three filters, one line on a desk and stacked on a phone."""
    now = current()
    _select("quarter", _("季度"), quarters(), now.quarter, lambda name: formats.quarter(name, language()))
    found = departments()
    if len(found) > 1:
        _select("dept", _("部门"), ["", *found], now.dept or "", lambda name: name or _("全部部门"))
    if viewer().role != "rep":
        names = {row["rep_id"]: row["rep_name"] for row in reps() if now.dept in {None, row["dept"]}}
        _select("rep", _("专员"), ["", *names], now.rep or "", lambda key: names.get(key, key) or _("全部专员"))


def _select(name: str, label: str, options: Sequence[str], chosen: str, word: Callable[[str], str]) -> None:
    """Draw one filter; what the address says wins over what the widget remembers."""
    key = f"filter_{name}"
    if options and st.session_state.get(key) != chosen:
        st.session_state[key] = chosen
    st.selectbox(
        label,
        options,
        key=key,
        format_func=word,
        label_visibility="collapsed",
        width=168,
        on_change=_keep,
        args=(name, key),
    )


def _keep(name: str, key: str) -> None:
    address.choose(name, st.session_state[key])


def feeds() -> list[tuple[str, str, bool]]:
    """Return for each feed its name, the newest date it speaks for and whether that is more than a week ago."""
    found = ask(
        select,
        "select s.entity, max(l.exported_on) as day from source_load l join source_load_sheet using (load_id) "
        "join source_sheet s using (sheet_id) where l.in_force and l.exported_on is not null group by s.entity",
    )
    days = {row["entity"]: row["day"] for row in found}
    today = datetime.now(UTC).date()
    known = entities()
    told = [
        (known[name].label(language()), formats.day(days[name]), today - days[name] > STALE)
        for name in FEEDS
        if name in days and name in known
    ]
    return told or [(_("数据"), formats.day(day), today - day > STALE) for day in _data_date() if day]


def _data_date() -> list[date | None]:
    return [row["data_date"] for row in ask(select, "select data_date from clock")]
