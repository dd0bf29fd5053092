"""Schemes: what counts now, drafts with what they would change before they are signed, and the editor."""

from __future__ import annotations

from typing import Any

import streamlit as st

from data.appraisals import Appraisals, StoredScheme
from data.records import ChangedError
from kpi.scheme import Item, Scheme, known, parse, scheme_for
from kpi.scheme_edit import changes
from pages.appraisal import editor, whatif
from pages.appraisal.desk import Desk, actor, records, renew, rules, tell
from pages.appraisal.scheme_labels import PARTS, POLICIES, bands, changed, title
from pages.parts import formats
from pages.parts.table import Column, table
from pages.parts.words import _, either, language, plain


def draw(desk: Desk) -> None:
    """Draw the schemes in force, drafts that wait for a signature, and the editor."""
    found = known(rules().stored)
    now = {
        scheme.name
        for role in sorted({each.role for each in found.values()})
        if (scheme := scheme_for(role, desk.now.quarter, rules().stored))
    }
    rows = [_row(scheme, scheme.name in now) for scheme in found.values()]
    table(rows, _columns(), key="schemes")
    for draft in Appraisals(records()).schemes(drafts=True):
        if not draft.signed_by:
            _draft(desk, draft)
    first = next(
        (at for at, key in enumerate(found) if key in now and found[key].items and found[key].items[0].metric), 0
    )
    name = st.selectbox(
        _("查看方案"), list(found), index=first, format_func=lambda key: found[key].label(language()), width=420
    )
    _shown(found[name], name)
    if desk.eyes.actor.role == "hr":
        editor.draw(desk, found[name])


def _row(scheme: Scheme, in_force: bool) -> dict[str, Any]:  # noqa: FBT001
    return {
        "label": scheme.label(language()),
        "role": scheme.role,
        "version": scheme.version,
        "from": scheme.effective_from or _("一直"),
        "state": _("本季生效") if in_force else "",
        "adopted": _("已启用") if scheme.adopted else _("示例，未启用"),
        "items": len(scheme.items),
        "warn": None if scheme.warn_below is None else float(scheme.warn_below),
    }


def _columns() -> list[Column]:
    return [
        Column("label", _("方案"), width=300, pinned=True),
        Column("role", _("岗位"), width=70),
        Column("version", _("版本"), "number", width=60),
        Column("from", _("生效季度"), width=90),
        Column("state", _("状态"), width=90),
        Column("adopted", _("启用"), width=110),
        Column(
            "items", _("指标数"), "number", width=70, help=_("经理的方案故意为空：制度里没有经理的指标，由公司制定")
        ),
        Column("warn", _("警告线"), "decimal", width=80, help=_("空：公司尚未规定，不产生任何警告建议")),
    ]


def _shown(scheme: Scheme, key: str) -> None:
    if not scheme.items:
        st.caption(_("这个方案没有指标，待公司制定。"))
        return
    rows = [_item_row(item) for item in scheme.items]
    columns = [Column("title", _("指标"), width=180, pinned=True), Column("weight", _("权重"), "rate", width=80)]
    columns += [
        Column("target", _("目标"), "rate", width=80),
        Column("cap", _("封顶"), "number", width=70),
    ]
    table(rows, columns, key=f"scheme-{key}")
    rules_of = [f"{title(item)}{_('：')}{either(item.zh, item.en)}" for item in scheme.items]
    st.caption("  \n".join(plain(rule) for rule in rules_of))
    st.caption(
        _(
            "等级和系数：{bands} · 经理 {head}，人力 {hr} · 缺项：{policy} · 不足 1 个百分点：{partial}",
            bands=bands(scheme),
            head=formats.rate(scheme.head_share),
            hr=formats.rate(scheme.hr_share),
            policy=_(POLICIES[scheme.na_policy]),
            partial=_(PARTS[scheme.partial_point]),
        )
    )


def _item_row(item: Item) -> dict[str, Any]:
    return {
        "title": title(item),
        "weight": item.weight / 100,
        "target": item.target if item.metric else None,
        "cap": item.cap,
    }


def _draft(desk: Desk, draft: StoredScheme) -> None:
    """Show a proposed scheme with what it changes and whom it would move; the head signs, its proposer does not."""
    scheme = parse(draft.name, draft.document)
    with st.container(border=True):
        st.markdown(
            _(
                "**{name}** 待会签 · 提出人 {who} · {why}",
                name=plain(scheme.label(language())),
                who=plain(draft.proposed_by),
                why=plain(draft.why),
            )
        )
        base = scheme_for(scheme.role, desk.now.quarter, rules().stored)
        if base:
            changed(changes(base, scheme), base)
        with st.expander(_("内容与试算"), icon=":material/fact_check:"):
            _shown(scheme, f"draft-{draft.name}")
            whatif.draw(desk, scheme, key=f"draft-{draft.name}")
        if actor().role == "head" and st.button(_("会签启用"), key=f"sign-{draft.name}", type="primary"):
            _sign(draft)


def _sign(draft: StoredScheme) -> None:
    try:
        Appraisals(records()).sign(draft.name, who=actor().name)
    except ChangedError:
        tell(_("没有保存：这个方案已被处理，或提出人与会签人是同一人。"))
    renew()
