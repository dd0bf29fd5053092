"""After the seal: the would-be score beside the sealed one, row by row; corrections that two people sign."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import streamlit as st

from data.entity import entities
from kpi import standing
from kpi.afterwards import After, after_seal
from kpi.catalogue import metrics, reason
from pages.appraisal.desk import Desk, records
from pages.parts import formats, session
from pages.parts.table import Column, table
from pages.parts.words import _, either, language, plain


def draw(desk: Desk) -> None:
    """Draw what changed after the seal."""
    if desk.state != "sealed":
        st.caption(_("封账之后，迟到或更正的数据在这里列出；封账的结果不会自动改变。"))
        return
    found = after_seal(session.store(), records(), desk.eyes.steps, desk.eyes.people())
    changed = [each for each in found if each.differs]
    if not changed:
        st.success(_("封账以来没有影响得分的变动。"), icon=":material/check_circle:")
    for each in changed:
        _one(desk, each)
    _corrections(desk, {each.rep_id for each in changed})


def _one(desk: Desk, each: After) -> None:
    with st.container(border=True):
        st.markdown(
            _(
                "**{name}** · 封账时系统得分 {sealed}，按现在的数据会是 {now}（差 {gap}）",
                name=plain(each.rep_name),
                sealed=formats.number(each.sealed, 2),
                now=formats.number(each.now, 2),
                gap=formats.number(each.now - each.sealed, 2)
                if each.now is not None and each.sealed is not None
                else formats.NONE,
            )
        )
        rows = [_row(changed) for changed in each.rows]
        columns = [
            Column("metric", _("指标"), width=150),
            Column("source", _("来源"), width=80),
            Column("account", _("客户编号"), width=100),
            Column("day", _("日期"), width=95),
        ]
        columns += [
            Column("before", _("封账时"), width=220),
            Column("now", _("现在"), width=220),
            Column("points", _("单独影响(分)"), "decimal"),
        ]
        if rows:
            table(rows, columns, key=f"after-{each.rep_id}")
            st.caption(_("「单独影响」只算这一行变动对该项得分的影响；几行相互影响时，合计可能与总差略有不同。"))
        for name, then, now in each.rule_changes:
            st.caption(_("规则变动：{name} 从 {then} 改为 {now}", name=plain(name), then=plain(then), now=plain(now)))
        _correction(desk, each)


def _row(changed: Any) -> dict[str, Any]:  # noqa: ANN401 - a Changed
    row = changed.now or changed.before
    return {
        "metric": metrics()[changed.metric].title(language()),
        "source": _kind(changed.source),
        "account": changed.account_id or row.quarter,
        "day": row.day,
        "before": _side(changed.before),
        "now": _side(changed.now),
        "points": changed.points,
    }


def _kind(entity: str) -> str:
    """Name the kind of export that a row came from."""
    found = entities().get(entity)
    return either(found.zh, found.en) if found else ""


def _side(row: Any) -> str:  # noqa: ANN401 - a Row
    if row is None:
        return _("没有这一行")
    numbers = f"{formats.number(row.numerator, 2)} / {formats.number(row.denominator, 2)}"
    return f"{numbers} · {reason(row.reason, language(), date=row.day)}"


def _correction(desk: Desk, each: After) -> None:
    pending = standing.proposal(desk.eyes.steps, each.rep_id)
    desk.seen(f"correction:{each.rep_id}")
    if pending:
        st.info(_("更正待会签：{why}（{who}）", why=plain(pending.value["reason"]), who=plain(pending.who)))
        if pending.role != desk.eyes.actor.role and st.button(_("会签更正"), key=f"approve-{each.rep_id}"):
            desk.take("approve", each.rep_id)
        return
    _asked(desk, each.rep_id)
    with st.expander(_("提出更正（新版本，两人签字）")):
        score = st.number_input(_("更正后的综合得分"), 0.0, 120.0, key=f"fix-{each.rep_id}")
        why = st.text_input(_("理由"), key=f"fix-why-{each.rep_id}")
        if st.button(_("提出更正"), key=f"propose-{each.rep_id}", disabled=not why):
            kept = desk.eyes.sealed(each.rep_id) or {}
            desk.take("propose", each.rep_id, reason=why, document={"score": corrected(kept, f"{score:.2f}")})


def _corrections(desk: Desk, shown: set[str]) -> None:
    """List the corrections of people whose data did not change since."""
    fixed = [rep_id for rep_id in desk.eyes.people() if rep_id not in shown and _revision(desk, rep_id) > 1]
    if fixed:
        st.subheader(_("已作的更正"), anchor=False)
    for rep_id in fixed:
        with st.container(border=True):
            st.markdown(f"**{desk.name(rep_id)}**")
            _asked(desk, rep_id)


def _revision(desk: Desk, rep_id: str) -> int:
    kept = desk.eyes.sealed(rep_id)
    return int(kept["revision"]) if kept else 0


def _asked(desk: Desk, rep_id: str) -> None:
    """Say whether the person has agreed to the correction in force: the agreement before it was to the old version."""
    if _revision(desk, rep_id) < 2:
        return
    given = standing.agreement(desk.eyes.steps, rep_id)
    answer = _("本人已于 {day} 确认", day=formats.moment(given.at)) if given else _("等待本人再次确认")
    st.caption(_("更正第 {revision} 版已由两人签字 · {answer}", revision=_revision(desk, rep_id), answer=answer))


def corrected(kept: dict[str, Any], final: str) -> dict[str, Any]:
    """Give the sealed score with another final, and the grade and coefficient that the sealed scheme gives it."""
    found = standing.graded_as(standing.scheme_of(kept["card"]), kept["card"], Decimal(final))
    graded = {"grade": found.grade if found else None, "coefficient": str(found.coefficient) if found else None}
    return {**(kept.get("score") or {}), "final": final, **graded}
