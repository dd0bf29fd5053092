"""What if: past quarters under an edited scheme beside what they were; who moves, and by how much."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from data.store import Store, Viewer
from kpi.card import Scorecard
from kpi.periods import previous
from kpi.scheme import Scheme
from kpi.scoring import Rules, scorecards
from kpi.warning import suggestion
from pages.appraisal import scored
from pages.appraisal.desk import Desk, rules
from pages.parts import filters, session
from pages.parts.table import Column, table
from pages.parts.words import _, mark

BACK = 4
KINDS = {"warning": mark("警告建议"), "question": mark("待核实")}


def draw(desk: Desk, scheme: Scheme, key: str = "whatif") -> None:
    """Draw who would have moved in the last quarters."""
    known = filters.quarters()
    wanted = [name for back in range(BACK) if (name := previous(desk.now.quarter, back)) in known]
    rows = [row for name in wanted for row in compared(desk, scheme, name)]
    moved = [row for row in rows if row["before"] != row["after"] or row["warn_before"] != row["warn_after"]]
    graded = sum(row["grade_before"] != row["grade_after"] for row in rows)
    warned = sum(bool(row["warn_after"]) for row in rows)
    st.markdown(
        _(
            "近 {quarters} 季共 {count} 人次：得分会变 **{moved}**，等级会变 **{graded}**，警告或待核实 **{warned}**。",
            quarters=len(wanted),
            count=len(rows),
            moved=len(moved),
            graded=graded,
            warned=warned,
        )
    )
    if not moved:
        return
    columns = [
        Column("quarter", _("季度"), width=80),
        Column("name", _("姓名"), width=90),
        Column("n", _("最小 n"), "number", width=70),
    ]
    columns += [
        Column("before", _("原得分"), "decimal"),
        Column("after", _("新得分"), "decimal"),
        Column("change", _("变动"), "decimal"),
    ]
    columns += [
        Column("grade_before", _("原等级")),
        Column("grade_after", _("新等级")),
        Column("coefficient_before", _("原系数"), "decimal"),
    ]
    columns += [
        Column("coefficient_after", _("新系数"), "decimal"),
        Column("warn_before", _("原警告")),
        Column("warn_after", _("新警告")),
    ]
    table(sorted(moved, key=lambda row: abs(row["change"] or 0), reverse=True), columns, key=key)


def compared(desk: Desk, scheme: Scheme, quarter: str) -> list[dict[str, Any]]:
    """Compare a quarter's cards of the scheme's role as they score with how they would."""
    before = {card.rep_id: card for card in scored.cards(quarter, desk.dept)}
    place = session.store()
    after = _tried(str(place.folder), place.version, quarter, repr((scheme, rules())), _scheme=scheme, _rules=rules())
    return [_row(quarter, before[card.rep_id], card) for card in after if card.rep_id in before]


@st.cache_data(show_spinner=False, max_entries=60)
def _tried(folder: str, version: int, quarter: str, key: str, *, _scheme: Scheme, _rules: Rules) -> list[Scorecard]:  # noqa: ARG001 - the key stands for scheme and rules
    return scorecards(Store(Path(folder)).open(Viewer("", "system"), version), quarter, _scheme, _rules)


def _row(quarter: str, before: Scorecard, after: Scorecard) -> dict[str, Any]:
    change = after.total - before.total if after.total is not None and before.total is not None else None
    row: dict[str, Any] = {"quarter": quarter, "name": before.rep_name, "change": change}
    row["n"] = min((line.n for line in after.lines if line.low is not None), default=None)
    for name, card in (("before", before), ("after", after)):
        made = suggestion(card)
        row |= {name: card.total, f"grade_{name}": card.grade, f"coefficient_{name}": card.coefficient}
        row[f"warn_{name}"] = _(KINDS[made.kind]) if made else ""
    return row
