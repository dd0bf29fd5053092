"""Scores for those who may read them, computed over the whole truth and handed out by role."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from data.store import Store, Viewer
from kpi import scoring
from kpi.scoring import Rules, Scorecard
from pages.appraisal.desk import rules
from pages.parts import session


def card(rep_id: str, quarter: str, scheme: str | None = None) -> Scorecard | None:
    """Return a person's scorecard; None where this viewer may not read it (a clerk none, a rep only their own)."""
    who = session.viewer()
    if who.role not in {"head", "hr", "system"} and not (who.role == "rep" and who.rep_id == rep_id):
        return None
    found = next((each for each in _all(quarter, scheme) if each.rep_id == rep_id), None)
    return found if found and (who.role != "head" or not who.dept or found.dept == who.dept) else None


def cards(quarter: str, dept: str, scheme: str | None = None) -> list[Scorecard]:
    """Return the scorecards of a department's people for the appraisers; nobody else gets any."""
    who = session.viewer()
    if who.role not in {"head", "hr", "system"} or (who.role == "head" and who.dept not in {"", dept}):
        return []
    return [each for each in _all(quarter, scheme) if each.dept == dept]


def _all(quarter: str, scheme: str | None) -> list[Scorecard]:
    place = session.store()
    return _scored(str(place.folder), place.version, quarter, scheme, repr(rules()), _rules=rules())


@st.cache_data(show_spinner=False, max_entries=60)
def _scored(folder: str, version: int, quarter: str, scheme: str | None, key: str, *, _rules: Rules) -> list[Scorecard]:  # noqa: ARG001 - the key stands for the rules
    cursor = Store(Path(folder)).open(Viewer("", "system"), version)
    return scoring.scorecards(cursor, quarter, scheme, _rules)
