"""One person's form: the table as on paper, ratings with reasons, consents, what one account would change."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import quarter, standing
from kpi.appraisal import CONSENT_ABOVE
from kpi.card import whole_weight
from kpi.catalogue import metrics, reason
from kpi.flip import flips
from kpi.quarter import Ask
from pages.appraisal import evidence, excluded, files, opinions, past
from pages.appraisal.desk import Desk, turn
from pages.parts import formats
from pages.parts.card import basis
from pages.parts.empty import empty
from pages.parts.table import Column, table
from pages.parts.words import _, either, language, mark, plain

Item = dict[str, Any]
STATUSES = (mark("待评"), mark("待分解"), mark("首季不计分"))


def draw(desk: Desk) -> None:
    """Draw the form of the person chosen."""
    people = desk.eyes.people()
    if not people:
        empty(_("数据还没有锁定"), _("人力资源部锁定数据后，这里出现每个人的考核单；草稿得分见汇总。"))
        return
    first = people.index(desk.now.rep) if desk.now.rep in people else 0
    rep_id = st.selectbox(_("被考核人"), people, index=first, format_func=desk.name, width=240)
    form(desk, rep_id)
    _rating(desk, rep_id)
    _consents(desk, rep_id)
    _calibration(desk, rep_id)
    evidence.panel(desk, rep_id)
    opinions.draw(desk, rep_id)
    files.person(desk, rep_id)


def form(desk: Desk, rep_id: str) -> None:
    """Draw the table of the paper form with the closing line and its footnotes."""
    card, marks = desk.eyes.card(rep_id), desk.eyes.marks(rep_id)
    if card is None:
        return
    facts = [plain(card["rep_name"]), plain(card["rep_id"]), plain(card["role"]), plain(card["dept"])]
    scheme = standing.scheme_of(card)
    if card.get("manager"):
        facts.append(_("直接上级：{name}", name=plain(card["manager"])))
    st.markdown(" · ".join(facts) + " · " + _("方案：{name}", name=plain(scheme.label(language()))))
    rows = [_row(item, marks, card) for item in card["items"]]
    table(rows, _columns(), key=f"form-{rep_id}")
    excluded.told(card["items"])
    for name, why in ((name, given.get("reason")) for (name, _role), given in marks.items()):
        if why:
            st.caption(_("注：{item} · {why}", item=plain(_title(card, name)), why=plain(why)))
    _closing(desk, rep_id, card)
    _flip(desk, rep_id)


def _title(card: Item, name: str) -> str:
    found = next((item for item in card["items"] if item["metric"] == name), None)
    return str(either(found["title_zh"], found["title_en"])) if found else name


def _row(item: Item, marks: dict[tuple[str, str], Any], card: Item) -> Item:
    metric = metrics().get(item["metric"])
    shown = {
        name: None if item[name] in {None, ""} else formats.exact(float(item[name]))
        for name in ("numerator", "denominator")
    }
    weight = whole_weight(standing.scheme_of(card).na_policy, card["effective_weight"])
    score = None if item["score"] is None else float(item["score"])
    given = [marks.get((item["metric"], role), {}).get("score") for role in ("head", "hr")]
    return {
        "title": either(item["title_zh"], item["title_en"]),
        "weight": item["weight"] / 100,
        "target": None if item["rated"] else float(item["target"]),
        "basis": basis(metric, shown | {"value": item["value"]}) if metric and shown["numerator"] is not None else None,
        "value": item["value"],
        "scored": None if item["rated"] or item["rate"] is None else float(item["rate"]),
        "interval": f"{formats.rate(item['low'])} – {formats.rate(item['high'])}" if item["low"] is not None else None,
        "score": score,
        "head": None if given[0] is None else float(given[0]),
        "hr": None if given[1] is None else float(given[1]),
        "weighted": None if score is None or not weight else item["weight"] * score / weight,
        "status": _("正常") if item["status"] == "ok" else _(item["status"]),
        "rule": either(item["zh"], item["en"]),
    }


def _columns() -> list[Column]:
    return [
        Column("title", _("指标"), width=170, pinned=True),
        Column("weight", _("权重"), "rate", width=80),
        Column("target", _("目标"), "rate", width=85),
        Column("basis", _("分子 / 分母"), width=230),
        Column("value", _("实际"), "rate", width=85),
        Column("interval", _("95% 区间"), width=130),
        Column("scored", _("计分值"), "rate", width=85, help=_("不含未确认的疑似流失和经批准剔除的流失")),
        Column("score", _("系统得分"), "decimal", width=85),
        Column("head", _("经理评分"), "decimal", width=85),
        Column("hr", _("人力评分"), "decimal", width=85),
        Column("weighted", _("加权得分"), "decimal", width=85),
        Column("status", _("状态"), width=90),
        Column("rule", _("规则"), width=380),
    ]


def _closing(desk: Desk, rep_id: str, card: Item) -> None:
    closing, beside = desk.eyes.score(rep_id), past.beside_of(desk, card)
    moved = beside.difference
    with st.container(horizontal=True, gap="large"):
        system = formats.number(formats.exact(float(card["total"])), 2) if card["total"] is not None else formats.NONE
        st.metric(_("系统总分"), system, width="content")
        if closing:
            st.metric(_("经理 M"), formats.number(closing.head, 2), width="content")
            st.metric(_("人力 H"), formats.number(closing.hr, 2), width="content")
            st.metric(_("综合得分"), formats.number(closing.final, 2), width="content")
            st.metric(_("等级"), closing.grade or formats.NONE, width="content")
            st.metric(_("系数"), formats.number(closing.coefficient, 2), width="content")
        if moved:
            st.metric(_("与上季差"), f"{moved.moved:+.2f}", width="content")
    past.told(beside)
    for flag in card["flags"]:
        st.badge(reason(flag, language()), color="orange")


def _flip(desk: Desk, rep_id: str) -> None:
    """Say what one account would change; a score never stands without it."""
    kept = desk.eyes.card(rep_id)
    if kept is None or kept["total"] is None:
        return
    found = quarter.reread(kept)
    told = [
        _(
            "{change} → {total} 分{grade}",
            change=reason(flip.code, language()),
            total=formats.number(flip.total, 2),
            grade=_("（等级 {grade}）", grade=flip.card.grade) if flip.card.grade != found.grade else "",
        )
        for flip in flips(found)
    ]
    if told:
        st.caption(_("一户之差：") + " · ".join(told))


def _rating(desk: Desk, rep_id: str) -> None:
    """Offer a table to rate in, where it is the viewer's turn; saved as a whole, with what was seen."""
    role, steps = desk.eyes.actor.role, desk.eyes.steps
    due = {name for rep, name, _role in standing.missing(steps, (role,)) if rep == rep_id}
    turn_now = {"head": "locked", "hr": "reviewing"}.get(role) == desk.state
    card = desk.eyes.card(rep_id)
    if card is None or not card["appraised"] or not (turn_now or (desk.state == "published" and due)):
        return
    own = {name: given for (name, who), given in desk.eyes.marks(rep_id).items() if who == role}
    rows = [_proposed(item, own, role) for item in card["items"] if standing.item(steps, rep_id, item["metric"])]
    for row in rows:
        desk.seen(f"rate:{rep_id}:{row['name']}:{role}")
    st.subheader(_("您的评分"), anchor=False)
    st.caption(_("与系统得分不同要写理由；相差超过 10 分要另一位考核人同意；内勤 90 分及以上或 60 分以下要写事例。"))
    scale = _("优秀 90–100 · 良好 75–89 · 合格 60–74 · 不合格 < 60")
    for row in rows:
        if anchor := quarter.anchor(row["name"], language()):
            st.caption(f"**{plain(row['title'])}** · {anchor} · {scale}")
    edited = st.data_editor(
        rows,
        hide_index=True,
        disabled=("title", "system"),
        column_order=("title", "system", "score", "reason"),
        column_config={
            "title": _("指标"),
            "system": st.column_config.NumberColumn(_("系统得分"), format="%.2f"),
            "score": st.column_config.NumberColumn(_("评分"), min_value=0, max_value=120, step=0.01, format="%.2f"),
            "reason": st.column_config.TextColumn(_("理由或事例"), width="large"),
        },
        key=f"rate-{rep_id}-{desk.state}-{turn()}",
    )
    if st.button(_("保存评分"), type="primary", icon=":material/save:"):
        desk.take_all(list(_given(desk, rep_id, edited, own)))


def _proposed(item: Item, own: dict[str, Any], role: str) -> Item:
    system = standing.system_score(item)
    given = own.get(item["metric"]) or item.get("imported", {}).get(role) or {}
    start = given.get("score", system)
    return {
        "name": item["metric"],
        "title": either(item["title_zh"], item["title_en"]),
        "system": None if system is None else float(system),
        "score": None if start is None else float(start),
        "reason": given.get("reason", ""),
    }


def _given(desk: Desk, rep_id: str, rows: list[Item], own: dict[str, Any]) -> list[Ask]:
    asked = []
    for row in rows:
        before = own.get(row["name"])
        value = {
            "item": row["name"],
            "score": f"{row['score']:.2f}" if row["score"] is not None else "",
            "reason": row["reason"] or "",
        }
        if row["score"] is None or (
            before and float(before["score"]) == row["score"] and before.get("reason", "") == value["reason"]
        ):
            continue
        asked.append(desk.ask("rate", rep_id, value))
    return asked


def _consents(desk: Desk, rep_id: str) -> None:
    for (name, role), given in desk.eyes.marks(rep_id).items():
        found, step = standing.item(desk.eyes.steps, rep_id, name), standing.rating(desk.eyes.steps, rep_id, name, role)
        system = standing.system_score(found) if found else None
        if system is None or step is None or role == desk.eyes.actor.role or standing.consented(desk.eyes.steps, step):
            continue
        change = formats.exact(float(given["score"])) - system
        if abs(change) <= CONSENT_ABOVE:
            continue
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                _(
                    "{who} 把 {item} 调整 {change} 分：{why}",
                    who=plain(given["who"]),
                    item=plain(name),
                    change=formats.number(change, 2),
                    why=plain(given.get("reason", "")),
                )
            )
            if st.button(_("同意这次调分"), key=f"consent-{rep_id}-{name}"):
                desk.take("consent", rep_id, item=name, appraiser=role)


def _calibration(desk: Desk, rep_id: str) -> None:
    closing = desk.eyes.score(rep_id)
    if closing is None or closing.gap < 15 or standing.calibrated(desk.eyes.steps, rep_id):
        return
    why = st.text_input(_("校准结论（两位考核人相差 {gap} 分）", gap=closing.gap), key=f"calibrate-{rep_id}")
    if st.button(_("记下校准"), disabled=not why):
        desk.take("calibrate", rep_id, reason=why)
