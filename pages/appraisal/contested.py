"""The rows behind a locked score, from the version that was locked, for those who may read the card; what one moves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import streamlit as st

from data.store import Store, Viewer
from kpi import contest, quarter, standing
from kpi.catalogue import metrics, reason
from kpi.contest import Claim, Effect, Piece
from kpi.points import rounded
from kpi.standing import Score
from pages.appraisal.desk import Desk
from pages.parts import accounts, formats, session
from pages.parts.words import _, language, mark, plain

ROLES = {"head": mark("经理"), "hr": mark("人力资源部")}


def listed(desk: Desk, rep_id: str) -> list[Piece]:
    """List the rows of all measured items of a person; none where the viewer may not read the card."""
    start = standing.locked(desk.eyes.steps)
    if start is None or desk.eyes.card(rep_id) is None or "version" not in start.value:
        return []
    folder = str(session.store().folder)
    return _pieces(folder, start.value["version"], rep_id, desk.now.quarter, repr(start.digest), _desk=desk)


@st.cache_data(show_spinner=False, max_entries=200)
def _pieces(folder: str, version: int, rep_id: str, quarter_name: str, key: str, *, _desk: Desk) -> list[Piece]:  # noqa: ARG001 - the key stands for the lock
    try:
        cursor = Store(Path(folder)).open(Viewer("", "system"), version)
        items = standing.scheme_of(standing.cards(_desk.eyes.steps)[rep_id]).items
        return [piece for item in items if item.metric for piece in contest.pieces(cursor, item, rep_id, quarter_name)]
    except (duckdb.Error, OSError):
        return []


def names(account_ids: set[str]) -> dict[str, str]:
    """Give the names of accounts as this viewer may read them: HR reads numbers only."""
    if session.viewer().role == "hr":
        return {}
    return accounts.names(account_ids)


def effect(desk: Desk, rep_id: str, row: Mapping[str, Any]) -> Effect | None:
    """Recompute a person's locked card as an appeal claims; None where its rows are not there."""
    card, start = desk.eyes.card(rep_id), standing.locked(desk.eyes.steps)
    rows = listed(desk, rep_id)
    changes = contest.as_claimed(row, rows)
    if card is None or start is None or not changes:
        return None
    return contest.effect(quarter.reread(card), changes, rows, start.value.get("verdicts", ()))


def scores(row: Mapping[str, Any], found: Effect | None) -> dict[str, str]:
    """Give the points by item that an appeal's claim comes to; items that would lose their base are left out."""
    if row["kind"] == "rating":
        return {row["metric"]: row["claim"]["score"]}
    moved = found.moved if found else {}
    return {name: str(rounded(after)) for name, (_before, after) in moved.items() if after is not None}


def closing(desk: Desk, rep_id: str, wanted: Mapping[str, str], only: str = "") -> tuple[Score | None, Score | None]:
    """Give the closing score as it is and as it would be with other points; `only` names the one appraiser changed."""
    roles = (only,) if only else ("head", "hr")
    instead = {(name, role): formats.exact(float(score)) for name, score in wanted.items() for role in roles}
    return desk.eyes.score(rep_id), standing.score(desk.eyes.steps, rep_id, instead)


def said(row: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """Word what an appeal is about: the row as it was filed."""
    if row["kind"] == "rating":
        return _(
            "{item} · {who}评 {score} 分", item=item_title(row["metric"]), who=_(ROLES[row["role"]]),
            score=formats.number(float(row["score"]), 2),
        )  # fmt: skip
    account = known.get(row["account_id"]) or row["account_id"]
    if row["kind"] == "account":
        return _("客户 {account} 的全部行", account=plain(account))
    piece = contest.piece_of(row)
    parts = [item_title(piece.metric), plain(account) if account else _("计划"), piece.day, numbers(piece)]
    return " · ".join(part for part in [*parts, plain(why(piece))] if part)


def claimed(row: Mapping[str, Any]) -> str:
    """Word what an appeal claims."""
    if row["kind"] == "rating":
        return _("应为 {score} 分", score=formats.number(float(row["claim"]["score"]), 2))
    claim = contest.claim_of(row)
    if claim.kind == "leave_out":
        return _("不应计入")
    return _("应为 {numbers}", numbers=pair(row["metric"], claim))


def numbers(piece: Piece) -> str:
    """Write both numbers of a row with what they are."""
    return pair(piece.metric, piece)


def pair(metric: str, row: Piece | Claim) -> str:
    """Write a numerator and a denominator with what they are: `流失(户) 1，期初(户) 1`."""
    above, below = metrics()[metric].parts(language())
    told = ((above, row.numerator), (below, row.denominator))
    places = {name: 0 if value == value.to_integral_value() else 2 for name, value in told}
    return _("，").join(f"{name} {formats.number(value, places[name])}" for name, value in told)


def why(piece: Piece) -> str:
    """Word why a row counted or did not."""
    return reason(piece.reason, language(), date=piece.reason_date, value=piece.numerator)


def item_title(name: str) -> str:
    """Name an item of a card."""
    return metrics()[name].title(language()) if name in metrics() else name


def moves(found: Effect) -> None:
    """Say what a claim moves: each item's points and the system's total."""
    told = [
        f"{item_title(name)} {formats.number(before, 2)} → **{formats.number(after, 2)}**"
        for name, (before, after) in found.moved.items()
    ]
    before, after = found.before.total, found.after.total
    total = _("系统总分 {old} → **{new}**", old=formats.number(before, 2), new=formats.number(after, 2))
    if not told:
        st.caption(_("照这个主张重算，得分不变。"))
        return
    st.markdown(_("照这个主张重算：") + " · ".join([*told, total]))
