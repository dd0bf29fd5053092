"""A person's quarters before this one, under the form: the difference, what speaks for a promotion, a correction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from data.store import Viewer
from kpi import standing
from kpi.catalogue import metrics
from kpi.history import Promotion, sealed_quarters
from kpi.paper.beside import Beside, beside
from pages.appraisal.desk import Desk, records
from pages.parts import formats, session
from pages.parts.words import _, language, plain


def beside_of(desk: Desk, card: Mapping[str, Any]) -> Beside:
    """Gather what stands beside a card that the viewer may read, on the facts that it was locked with."""
    lock = standing.locked(desk.eyes.steps)
    cur = session.store().open(Viewer("", "system"), lock.value["version"] if lock else None)
    past = sealed_quarters(records(), desk.now.quarter).get(card["rep_id"], [])
    return beside(cur, desk.eyes, card, past, desk.now.quarter)


def told(found: Beside) -> None:
    """Say against which quarter the difference is, what the reference for a promotion rests on, what was corrected."""
    if found.revision > 1:
        st.info(
            _("更正第 {revision} 版：{why}", revision=found.revision, why=plain(found.why)), icon=":material/edit_note:"
        )
    moved = found.difference
    if moved:
        words = _("对比 {quarter} 封账综合得分 {before}") if moved.final else _("对比 {quarter} 封账系统总分 {before}")
        said = words.format(quarter=moved.quarter, before=formats.number(moved.before, 2))
        other = _("；方案版本已变，两季得分不可直接比较") if moved.other_scheme else ""
        st.caption(_("与上季差：") + said + other)
    if found.promotion:
        st.caption(_("晋升参考：") + _promoted(found.promotion))


def _promoted(found: Promotion) -> str:
    if not found.grades:
        return _("还没有已封账的季度")
    listed = _("、").join(f"{quarter} {grade or formats.NONE}" for quarter, grade in found.grades)
    said = [
        _("近 {of} 个封账季度 {count} 个 A（{listed}）", of=len(found.grades), count=found.excellent, listed=listed)
    ]
    zero = _("、").join(f"{quarter} {_title(name)}" for quarter, name in found.at_zero)
    said.append(_("有零分项：{listed}", listed=plain(zero)) if zero else _("无零分项"))
    said.append(_("待核实的疑问 {count} 条", count=found.questions) if found.questions else _("无待核实的疑问"))
    return f"{_('符合参考条件，由公司决定') if found.met else _('未达到参考条件')} · {' · '.join(said)}"


def _title(name: str) -> str:
    return metrics()[name].title(language()) if name in metrics() else name
