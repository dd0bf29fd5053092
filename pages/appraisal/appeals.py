"""Appeals: filed by the person from a row, heard by HR with the score before and after, signed by the head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from kpi import contest, standing
from kpi.contest import Effect
from kpi.standing import Appeal
from kpi.thresholds import Threshold, crossed
from pages.appraisal import contested
from pages.appraisal.desk import Desk
from pages.parts import formats
from pages.parts.words import _, mark, plain

OUTCOMES = {"keep": mark("维持"), "change": mark("改分"), "redo": mark("重新评定")}
AS_CLAIMED, BY_HAND = "as_claimed", "by_hand"
WAYS = {AS_CLAIMED: mark("按主张重算的得分"), BY_HAND: mark("另定一项的得分")}


def draw(desk: Desk) -> None:
    """Draw all appeals, the open ones with what the viewer may do."""
    found = desk.eyes.appeals()
    if not found:
        st.caption(_("没有申诉。公示后 7 个工作日内，本人可以在「季度考核」里对得分依据的任何一行提出。"))
    for appeal in found:
        with st.container(border=True):
            one(desk, appeal)
            if not appeal.closed and desk.eyes.actor.role == "hr":
                _hear(desk, appeal)
            number = appeal.filed.value["appeal"]
            waits = not appeal.closed and appeal.finding and desk.eyes.actor.role == "head"
            if waits and st.button(_("会签"), key=f"countersign-{number}", type="primary"):
                desk.take("countersign", appeal=number)


def one(desk: Desk, appeal: Appeal) -> None:
    """Say what an appeal is about, the row as it is with the score recomputed, and where it stands."""
    filed = appeal.filed
    item = contested.item_title(str(filed.value.get("item", "")))
    title = f"**{plain(filed.value['appeal'])}** · {desk.name(filed.rep_id)} · {plain(item)}"
    st.markdown(title + (f" · {plain(filed.value['subject'])}" if filed.value.get("subject") else ""))
    if filed.value.get("row"):
        _row(desk, appeal)
    st.markdown(_("理由：{why}", why=plain(filed.value["reason"])))
    st.caption(formats.moment(filed.at))
    if appeal.finding:
        _finding(appeal)


def _row(desk: Desk, appeal: Appeal) -> None:
    """Show the contested row as filed and as it is now in the locked data, the claim, and what it moves."""
    row, rep_id = appeal.filed.value["row"], appeal.filed.rep_id
    rows = contested.listed(desk, rep_id)
    known = contested.names({str(row.get("account_id", ""))})
    st.markdown(
        _("申诉的{kind}：{said} — 本人主张：**{claim}**", kind=_(KINDS[row["kind"]]), said=contested.said(row, known),
          claim=contested.claimed(row))
    )  # fmt: skip
    if row["kind"] == "rating":
        _same_rating(desk, rep_id, row)
        return
    listed = contest.as_claimed(row, rows)
    if not listed:
        st.warning(_("锁定的数据里找不到这一行：可能解除锁定后又重新锁定过。请以下面的理由为准，人工核对。"))
        return
    if row["kind"] == "row" and contest.piece_of(row) != listed[0][0]:
        st.warning(_("这一行在重新锁定后变了，现在是：{now}", now=contested.numbers(listed[0][0])))
    found = contested.effect(desk, rep_id, row)
    if found:
        contested.moves(found)


KINDS = {"row": mark("一行"), "account": mark("客户"), "rating": mark("评分")}


def _same_rating(desk: Desk, rep_id: str, row: Mapping[str, Any]) -> None:
    """Show the contested rating with its reason, and tell where it is no longer the newest."""
    now = desk.eyes.marks(rep_id).get((row["metric"], row["role"]))
    if now is None or now["seq"] != row["seq"]:
        st.caption(_("这次评分之后已经改过。"))
    elif now.get("reason"):
        st.caption(_("评分时的理由：{why}", why=plain(now["reason"])))


def _finding(appeal: Appeal) -> None:
    told = appeal.finding.value if appeal.finding else {}
    score = ""
    if told["outcome"] == "change":
        changed = standing.changed_scores(told)
        score = " " + " · ".join(f"{contested.item_title(name)} {plain(points)}" for name, points in changed.items())
    st.markdown(
        _("调查与处理：{finding}", finding=plain(told["reason"])) + f" · **{_(OUTCOMES[told['outcome']])}{score}**"
    )
    if told.get("seen"):
        st.caption(_("签署时所见：综合 {old} → {new}", old=told["seen"]["before"], new=told["seen"]["after"]))
    st.caption(_("双方已签字") if appeal.closed else _("等待经理会签"))


def _hear(desk: Desk, appeal: Appeal) -> None:
    number = appeal.filed.value["appeal"]
    outcome = st.segmented_control(
        _("处理结果"),
        list(OUTCOMES),
        default="keep",
        required=True,
        format_func=lambda name: _(OUTCOMES[name]),
        key=f"outcome-{number}",
    )
    value: dict[str, Any] = {"appeal": number, "outcome": outcome}
    if outcome == "change":
        value |= _change(desk, appeal)
    why = st.text_area(_("调查事实与意见（听取双方后写明）"), key=f"finding-{number}")
    ready = bool(why) and (outcome != "change" or bool(value.get("scores")))
    if st.button(_("签署处理意见"), key=f"find-{number}", disabled=not ready):
        desk.take("find", **value, reason=why)


def _change(desk: Desk, appeal: Appeal) -> dict[str, Any]:
    """Ask which points to give: those that the claim comes to, or one item's by hand; show what they lead to."""
    row, rep_id, number = appeal.filed.value.get("row"), appeal.filed.rep_id, appeal.filed.value["appeal"]
    found = contested.effect(desk, rep_id, row) if row and row["kind"] != "rating" else None
    proposed = contested.scores(row, found) if row else {}
    way = BY_HAND
    if proposed:
        way = st.radio(
            _("改成"), list(WAYS), format_func=lambda key: _(WAYS[key]), horizontal=True, key=f"way-{number}"
        )
    only = row["role"] if row and row["kind"] == "rating" else ""
    scores = proposed if way == AS_CLAIMED else _by_hand(desk, appeal, proposed)
    return {"scores": scores, "of": only, "seen": _preview(desk, rep_id, scores, only, found)}


def _by_hand(desk: Desk, appeal: Appeal, proposed: Mapping[str, str]) -> dict[str, str]:
    number, rep_id = appeal.filed.value["appeal"], appeal.filed.rep_id
    items = {
        item["metric"]: standing.system_score(item)
        for item in (desk.eyes.card(rep_id) or {"items": []})["items"]
        if standing.item(desk.eyes.steps, rep_id, item["metric"])
    }
    asked = appeal.filed.value.get("item")
    at = list(items).index(asked) if asked in items else 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        item = st.selectbox(
            _("指标"), list(items), index=at, format_func=contested.item_title, key=f"item-{number}", width=200
        )
        start = float(proposed.get(item) or items[item] or 0)
        score = st.number_input(_("改为"), 0.0, 120.0, start, key=f"score-{number}-{item}", width=130)
    return {item: f"{score:.2f}"}


def _preview(
    desk: Desk, rep_id: str, scores: Mapping[str, str], only: str, found: Effect | None
) -> dict[str, Any] | None:
    """Show the score that a change would give and every threshold in between, before anybody decides."""
    before, after = contested.closing(desk, rep_id, scores, only)
    card = desk.eyes.card(rep_id)
    if before is None or after is None or card is None:
        return None
    lines = crossed(standing.scheme_of(card), before.final, after.final)
    told = _("改分后：综合 {old} → {new}", old=formats.number(before.final, 2), new=formats.number(after.final, 2))
    st.info(
        told + _("。") + (thresholds(lines) if lines else _("不跨过任何等级线或警告线。")), icon=":material/calculate:"
    )
    if found and set(scores) != set(found.moved):
        st.caption(_("注意：照主张重算会变的项目与这里改分的项目不同。"))
    return {"before": str(before.final), "after": str(after.final), "crossed": [str(line.at) for line in lines]}


def thresholds(lines: list[Threshold]) -> str:
    """Word the thresholds that lie between two scores: each grade's bound, and the warning line."""
    told = []
    for line in lines:
        at = formats.number(line.at, 0 if line.at == line.at.to_integral_value() else 2)
        if not line.grade:
            told.append(_("升到警告线 {at} 以上", at=at) if line.upwards else _("跌破警告线 {at}", at=at))
        else:
            words = _("达到 {grade} 级线 {at}") if line.upwards else _("跌破 {grade} 级线 {at}")
            told.append(words.format(grade=line.grade, at=at))
    return _("跨过：{lines}。", lines=_("；").join(told))
