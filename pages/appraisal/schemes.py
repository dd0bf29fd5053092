"""Schemes: what counts now, a new version tried on past quarters before it is proposed, and the second signature."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st

from data.appraisals import Appraisals
from data.records import ChangedError, ReasonError
from kpi import simulation
from kpi.catalogue import metrics
from kpi.periods import previous
from kpi.scheme import Item, Scheme, SchemeFileError, document, known, parse, scheme_for
from pages.appraisal import whatif
from pages.appraisal.desk import Desk, actor, records, renew, rules, tell, turn
from pages.parts import formats, session
from pages.parts.table import Column, table
from pages.parts.words import _, either, language, mark, plain

POLICIES = {"reweight": mark("其余项按权重重新分配"), "zero": mark("按 0 分计"), "neutral": mark("按 100 分计")}
PARTS = {"linear": mark("按比例"), "floor": mark("不计"), "ceil": mark("按 1 个百分点计")}
EDITED = ("weight", "target", "cap", "floor", "points_worse", "points_better", "year_to_date_share")


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
    _drafts()
    first = next(
        (at for at, key in enumerate(found) if key in now and found[key].items and found[key].items[0].metric), 0
    )
    name = st.selectbox(
        _("查看方案"), list(found), index=first, format_func=lambda key: found[key].label(language()), width=420
    )
    _shown(found[name])
    if desk.eyes.actor.role == "hr" and found[name].items:
        _editor(desk, found[name])


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


def _shown(scheme: Scheme) -> None:
    if not scheme.items:
        st.caption(_("这个方案没有指标，待公司制定。"))
        return
    rows = [
        {"title": title(item), "weight": item.weight / 100, "target": item.target if item.metric else None}
        | {"cap": item.cap, "rule": either(item.zh, item.en)}
        for item in scheme.items
    ]
    columns = [Column("title", _("指标"), width=180), Column("weight", _("权重"), "rate", width=80)]
    columns += [
        Column("target", _("目标"), "rate", width=80),
        Column("cap", _("封顶"), "number", width=70),
        Column("rule", _("规则"), width=480),
    ]
    table(rows, columns, key=f"scheme-{scheme.name}")
    bands = " · ".join(f"{band.grade} ≥ {band.least} → {band.coefficient}" for band in scheme.bands)
    st.caption(
        _(
            "等级和系数：{bands} · 经理 {head}，人力 {hr} · 缺项：{policy} · 不足 1 个百分点：{partial}",
            bands=bands,
            head=formats.rate(scheme.head_share),
            hr=formats.rate(scheme.hr_share),
            policy=_(POLICIES[scheme.na_policy]),
            partial=_(PARTS[scheme.partial_point]),
        )
    )


def title(item: Item) -> str:
    """Name an item on screen."""
    return metrics()[item.metric].title(language()) if item.metric else item.rating


def _drafts() -> None:
    """Show proposed schemes; the head signs, whoever proposed it does not."""
    for draft in Appraisals(records()).schemes(drafts=True):
        if draft.signed_by:
            continue
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                _(
                    "**{name}** 待会签 · 提出人 {who} · {why}",
                    name=plain(draft.name),
                    who=plain(draft.proposed_by),
                    why=plain(draft.why),
                )
            )
            if actor().role == "head" and st.button(_("会签启用"), key=f"sign-{draft.name}"):
                try:
                    Appraisals(records()).sign(draft.name, who=actor().name)
                except ChangedError:
                    tell(_("没有保存：这个方案已被处理，或提出人与会签人是同一人。"))
                renew()


def _editor(desk: Desk, scheme: Scheme) -> None:
    st.subheader(_("新版本与试算"), anchor=False)
    st.caption(
        _("在副本上改权重、目标和规则，先看前几个季度谁的得分、等级、系数会变，再决定是否提出。不会改动已锁定的季度。")
    )
    rows = [{"title": title(item)} | {name: _cell(getattr(item, name)) for name in EDITED} for item in scheme.items]
    labels = {
        "weight": _("权重"),
        "target": _("目标"),
        "cap": _("封顶"),
        "floor": _("归零线"),
        "points_worse": _("每差1点扣"),
        "points_better": _("每好1点加"),
        "year_to_date_share": _("年累计占比"),
    }
    edited = st.data_editor(
        rows,
        hide_index=True,
        disabled=("title",),
        column_config={"title": _("指标"), **labels},
        key=f"edit-{scheme.name}-{turn()}",
    )
    quarter_names = [previous(desk.now.quarter, -ahead) for ahead in range(1, 5)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        effective = st.selectbox(_("从哪个季度起生效"), quarter_names, width=160)
        line = st.text_input(
            _("警告线（空 = 不设）"), value="" if scheme.warn_below is None else str(scheme.warn_below), width=160
        )
        policies, parts = list(POLICIES), list(PARTS)
        policy = st.selectbox(
            _("缺项"), policies, policies.index(scheme.na_policy), format_func=lambda key: _(POLICIES[key]), width=220
        )
        part = st.selectbox(
            _("不足 1 个百分点"),
            parts,
            parts.index(scheme.partial_point),
            format_func=lambda key: _(PARTS[key]),
            width=180,
        )
        head = st.number_input(_("经理权重(%)"), 0, 100, int(scheme.head_share * 100), width=130)
        adopted = st.checkbox(_("公司已正式启用"), value=scheme.adopted)
    shares = {"head_share": str(Decimal(head) / 100), "hr_share": str(Decimal(100 - head) / 100)}
    said = {"effective_from": effective, "warn_below": line.strip(), "adopted": adopted, **shares}
    made = _made(scheme, edited, said | {"na_policy": policy, "partial_point": part})
    if isinstance(made, str):
        st.error(made, icon=":material/block:")
        return
    whatif.draw(desk, made)
    _honest(made)
    why = st.text_input(_("提出理由"), key=f"propose-why-{turn()}")
    if st.button(_("提出新版本（待经理会签）"), type="primary", disabled=not why):
        _propose(made, why)


def _cell(found: object) -> object:
    return float(found) if isinstance(found, Decimal) else found


def _made(scheme: Scheme, rows: list[dict[str, Any]], said: dict[str, Any]) -> Scheme | str:
    """Make the edited scheme, or say what is wrong with it."""
    items = []
    for item, row in zip(document(scheme)["items"], rows, strict=True):
        items.append(
            item
            | {
                name: row[name] if row[name] is None or name in {"weight", "cap"} else _number(row[name])
                for name in EDITED
            }
        )
    version = max(each.version for each in known(rules().stored).values() if each.role == scheme.role) + 1
    base = re.sub(r"_v\d+$", "", scheme.name)
    names = {key: re.sub(r" v\d+.*$", f" v{version}", getattr(scheme, key)) for key in ("zh", "en")}
    try:
        return parse(f"{base}_v{version}", document(scheme) | said | names | {"items": items, "version": version})
    except SchemeFileError as error:
        return _("这个方案不成立：{why}", why=plain(str(error)))
    except (InvalidOperation, ValueError):
        return _("这个方案不成立：{why}", why=plain(said["warn_below"]))


def _number(found: object) -> object:
    return int(found) if isinstance(found, int) else str(found)


def _honest(scheme: Scheme) -> None:
    """Offer the simulation of honest reps for the scheme being edited (docs/simulation.md)."""
    if not all(item.metric for item in scheme.items):
        return
    with st.expander(_("诚实的专员会有多少人低于 60 分（模拟）"), icon=":material/casino:"):
        st.caption(_("不犯错的专员仅凭运气落在 60 分以下的比例；假设见 docs/simulation.md。"))
        if st.button(_("运行模拟")):
            with st.container(horizontal=True, gap="large"):
                for size in simulation.SIZES:
                    share = simulation.share_below(scheme, size, 150, confirmed=True)
                    st.metric(_("{count} 户", count=size), formats.rate(share), width="content")


def _propose(scheme: Scheme, why: str) -> None:
    try:
        Appraisals(records()).propose(scheme.name, document(scheme), who=session.viewer().person, why=why)
    except (ChangedError, ReasonError):
        tell(_("没有保存：同名版本已被提出，请刷新后再试。"))
    renew()
