"""Whose appraisal is on the desk: the person, the department's quarter, and steps taken with what they saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import streamlit as st

from data.records import ChangedError, Records
from kpi import appraisal, quarter
from kpi.appraisal import Actor, RefusedError
from kpi.eyes import Eyes
from kpi.quarter import Ask
from kpi.scoring import Rules
from pages.parts import filters, session
from pages.parts.filters import Filters
from pages.parts.words import _, either, language, mark, plain

STATES = {
    "draft": mark("草稿"),
    "locked": mark("数据已锁定，经理评分中"),
    "reviewing": mark("经理已评，人力复核中"),
    "published": mark("已公示，确认或申诉中"),
    "sealed": mark("已封账"),
}


def records() -> Records:
    """Return the records of the store that this server serves."""
    return Records(session.store().records_url)


def actor() -> Actor:
    """Return who acts: the person signed in."""
    who = session.person()
    return Actor(who.name or who.key, who.role, who.key) if who else Actor("", "")


@dataclass(frozen=True)
class Desk:
    """A department's quarter before one person."""

    now: Filters
    dept: str
    eyes: Eyes

    @property
    def place(self) -> tuple[str, str]:
        """Department and quarter."""
        return (self.dept, self.now.quarter)

    @property
    def state(self) -> str:
        """Where the quarter stands."""
        return self.eyes.state

    def name(self, rep_id: str) -> str:
        """Return a person's name from their card, or the number."""
        card = self.eyes.card(rep_id)
        return plain(card["rep_name"] if card else rep_id)

    def seen(self, about: str) -> int:
        """Return the number of the newest step of a topic when this session first showed it."""
        kept = st.session_state.setdefault("appraisal-seen", {})
        last = appraisal.last_of(self.eyes.steps, about)
        found: int = kept.setdefault((self.place, about), last.seq if last else 0)
        return found

    def take(self, kind: str, rep_id: str = "", **value: object) -> None:
        """Take a step; tell where it was refused or somebody else was faster."""
        self.take_all([self.ask(kind, rep_id, value)])

    def ask(self, kind: str, rep_id: str, value: Mapping[str, Any]) -> Ask:
        """Make the step with what this session saw of its topic."""
        about = appraisal.topic(kind, rep_id, self.eyes.actor.role, value)
        return Ask(kind, rep_id, value, None if kind in {"comment", "sign"} else self.seen(about))

    def take_all(self, asked: Sequence[Ask]) -> None:
        """Take several steps, all or none, then draw again with what is there now."""
        with stepping():
            quarter.batch(records(), self.place, self.eyes.actor, asked)


@contextmanager
def stepping() -> Iterator[None]:
    """Take a step within: tell where it was refused or somebody else was faster, then draw again."""
    try:
        yield
    except RefusedError as error:
        tell(either(quarter.worded(error, "zh"), quarter.worded(error, "en")))
    except ChangedError as error:
        tell(_("没有保存：您打开之后别人改过了（{who}）。已显示最新内容，请再看一遍。", who=plain(str(error))))
    else:
        st.session_state["appraisal-done"] = True
    renew()


def tell(text: str) -> None:
    """Keep a refusal for the next run, which shows it on top."""
    st.session_state["appraisal-refused"] = text


def renew() -> None:
    """Forget what was seen and draw again."""
    st.session_state.pop("appraisal-seen", None)
    st.session_state["appraisal-turn"] = turn() + 1
    st.rerun()


def turn() -> int:
    """Count the steps of this session: part of the keys of inputs, so that they start anew after each."""
    found: int = st.session_state.get("appraisal-turn", 0)
    return found


def told(desk: Desk) -> None:
    """Show what came of the last step, and what others did since this session looked."""
    kept = st.session_state.get("appraisal-seen", {})
    last = appraisal.last_of(desk.eyes.steps, "state")
    seen = kept.get((desk.place, "state"))
    if last and seen is not None and seen != last.seq:
        kept[desk.place, "state"] = last.seq
        st.warning(
            _("您打开之后，{who} 已推进本季度：{state}。", who=plain(last.who), state=labelled(desk.state)),
            icon=":material/group:",
        )
    if text := st.session_state.pop("appraisal-refused", None):
        st.error(text, icon=":material/block:")
    elif st.session_state.pop("appraisal-done", None):
        st.success(_("已记录。"), icon=":material/check_circle:")


def desk(now: Filters) -> Desk:
    """Open the quarter of the department that was chosen, or of the first that has reps."""
    own = session.viewer().dept
    held = [rep["dept"] for rep in filters.reps() if rep["dept"]]
    dept = own or now.dept or next(iter(held), "")
    steps = quarter.steps(records(), dept, now.quarter)
    return Desk(now, dept, Eyes(actor(), steps))


def rules() -> Rules:
    """Return the schemes and verdicts in force."""
    return quarter.rules(records())


def labelled(state: str) -> str:
    """Word a state."""
    return _(STATES[state])


__all__ = ["Desk", "actor", "desk", "labelled", "language", "records", "renew", "rules", "told", "turn"]
