"""For heads and clerks: how many cards each rep has today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from kpi.today import Due
from pages.parts import address
from pages.parts.session import viewer
from pages.parts.table import Column, table
from pages.parts.words import _
from pages.today import words


def draw(rows: Sequence[Due], rep: str | None) -> None:
    """Draw a table by rep where nobody is chosen; a picked line chooses that rep."""
    if viewer().role == "rep" or rep:
        return
    names = {row.account["rep_id"]: row.account["rep_name"] or row.account["rep_id"] for row in rows}
    counted = {rep_id: [row for row in rows if row.account["rep_id"] == rep_id] for rep_id in sorted(names)}
    lines = []
    for rep_id, mine in counted.items():
        lines.append(
            {
                "rep_id": rep_id,
                "rep": names[rep_id],
                "due": sum(row.today for row in mine),
                "red": sum(row.today and row.reasons[0].code in words.URGENT for row in mine),
                "done": sum(row.hidden == "done" for row in mine),
                **_kinds(mine),
            }
        )
    columns = [
        Column("rep", _("专员"), width=90, pinned=True),
        Column("due", _("应联系(户)"), "number"),
        Column("red", _("其中紧急"), "number"),
        Column("done", _("已联系"), "number"),
        *(Column(kind, _(word), "number") for kind, word in words.KINDS.items()),
    ]
    picked = table(lines, columns, key="today-reps", select=True, file_name=_("今日跟进"))
    if picked is not None:
        address.choose("rep", lines[picked]["rep_id"])
        st.rerun()


def _kinds(rows: Sequence[Due]) -> Counter[str]:
    return Counter(kind for row in rows for kind in {words.kind(reason.code) for reason in row.reasons})
