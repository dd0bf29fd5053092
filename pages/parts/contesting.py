"""From a row on any page to the appeal of exactly that row: what is carried along, and when it is offered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from data.records import Records
from kpi import appraisal, contest, quarter
from kpi.contest import Piece
from pages.parts import address, session
from pages.parts.words import _

PAGE = "pages/appraisal/appraisal.py"
KEPT = "contested"


@dataclass(frozen=True)
class Arrived:
    """The row, or the account (no metric, no source), with which a person came from another page."""

    quarter: str
    metric: str
    account_id: str
    entity: str = ""
    ref: str = ""
    period: str = ""

    def means(self, piece: Piece) -> bool:
        """Say whether a row of the locked data is the one meant; without a source, the account's first."""
        if piece.account_id != self.account_id:
            return False
        return not self.ref or (piece.entity, piece.ref, piece.period) == (self.entity, self.ref, self.period)


def offered(quarter_name: str | None) -> bool:
    """Say whether the viewer's own appraisal of a quarter is published, so that its rows can be appealed."""
    who = session.viewer()
    if who.role != "rep" or not quarter_name:
        return False
    steps = quarter.steps(Records(session.store().records_url), who.dept, quarter_name)
    return appraisal.state(steps) == "published"


def offer(metric: str, row: Mapping[str, Any], key: str) -> None:
    """Offer to appeal a contribution: a button that opens the own appraisal at exactly this row."""
    if not offered(row.get("quarter")) or row.get("rep_id") != session.viewer().rep_id:
        return
    if st.button(_("对这一行提出申诉"), key=f"{key}-contest", icon=":material/gavel:"):
        source = (row["source_entity"] or "", contest.reference(row["source_key"] or ""), str(row["period_start"]))
        open_with(Arrived(row["quarter"], metric, row["account_id"] or "", *source))


def offer_account(account_id: str, quarter_name: str) -> None:
    """Offer to appeal an account: a button that opens the own appraisal at the account's first row."""
    if offered(quarter_name) and st.button(
        _("对这个客户的计分提出申诉"), key="account-contest", icon=":material/gavel:", type="tertiary"
    ):
        open_with(Arrived(quarter_name, "", account_id))


def open_with(arrived: Arrived) -> None:
    """Go to the own appraisal with a row."""
    st.session_state[KEPT] = arrived
    st.switch_page(PAGE, query_params=address.link(quarter=arrived.quarter))


def arrived(quarter_name: str) -> Arrived | None:
    """Return the row with which the person came, where it is of this quarter."""
    found = st.session_state.get(KEPT)
    return found if isinstance(found, Arrived) and found.quarter == quarter_name else None


def forget() -> None:
    """Forget the row once it is appealed."""
    st.session_state.pop(KEPT, None)
