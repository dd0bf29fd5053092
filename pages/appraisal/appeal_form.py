"""The evidence of one's own published score, from which a row, an account or a rating is appealed as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import streamlit as st

from kpi import contest
from kpi.catalogue import metrics
from kpi.contest import Claim, Piece
from pages.appraisal import contested
from pages.appraisal.desk import Desk, turn
from pages.parts import contesting, formats
from pages.parts.table import Column, table
from pages.parts.words import _, language, mark, plain

ROW, ACCOUNT = "row", "account"
ABOUT = {ROW: mark("只对这一行"), ACCOUNT: mark("对这个客户的全部行")}
CLAIMS = {"leave_out": mark("不应计入我的得分"), "should_be": mark("数应当是")}


def draw(desk: Desk, own: str) -> None:
    """Draw the rows behind each item; a picked one can be appealed, and so can the item as a whole."""
    card = desk.eyes.card(own)
    if card is None:
        return
    st.subheader(_("得分依据与申诉"), anchor=False)
    st.caption(_("点选一行，对这一行、这个客户或这次评分提出申诉；依据是锁定时的数据。没有列出的，对整项申诉。"))
    rows = contested.listed(desk, own)
    arrived = contesting.arrived(desk.now.quarter)
    titles = {item["metric"]: contested.item_title(item["metric"]) for item in card["items"]}
    meant = next((piece.metric for piece in rows if arrived and arrived.means(piece)), "")
    asked = (arrived.metric if arrived else "") or meant or next(iter(titles), "")
    if arrived and not meant:
        st.info(_("锁定的数据里，这一行（或这个客户）没有进入您的得分；要主张它应当计入，请对整项申诉。"))
    name = st.segmented_control(
        _("哪一项"),
        list(titles),
        default=asked if asked in titles else next(iter(titles)),
        required=True,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        key=f"contest-item-{turn()}-{asked}",
    )
    mine = [piece for piece in rows if piece.metric == name]
    if mine:
        _rows(desk, own, mine, arrived)
    _ratings(desk, own, name)
    _whole(desk, own, name)


def _rows(desk: Desk, own: str, pieces: list[Piece], arrived: contesting.Arrived | None) -> None:
    known = contested.names({piece.account_id for piece in pieces})
    shown = [_shown(piece, known) for piece in pieces]
    above, below = metrics()[pieces[0].metric].parts(language())
    columns = [
        Column("account", _("客户"), width=180, pinned=True),
        Column("day", _("日期"), width=95),
        Column("numerator", above, _kind(pieces, "numerator"), width=110),
        Column("denominator", below, _kind(pieces, "denominator"), width=110),
        Column("why", _("为什么算或不算"), width=420),
        Column("quarter", _("季度"), width=80),
    ]
    several = len({piece.quarter for piece in pieces}) > 1
    picked = table(shown, columns if several else columns[:-1], key=f"contest-{pieces[0].metric}-{turn()}", select=True)
    at = picked if picked is not None else _sent(pieces, arrived)
    if at is not None:
        _form(desk, own, pieces[at], shown[at]["account"])


def _kind(pieces: list[Piece], name: str) -> str:
    return "number" if all(getattr(piece, name) == int(getattr(piece, name)) for piece in pieces) else "decimal"


def _shown(piece: Piece, known: Mapping[str, str]) -> dict[str, Any]:
    account = known.get(piece.account_id) or piece.account_id or _("计划")
    return {"account": account, "day": piece.day, "quarter": piece.quarter, "why": contested.why(piece)} | {
        "numerator": piece.numerator,
        "denominator": piece.denominator,
    }


def _sent(pieces: list[Piece], arrived: contesting.Arrived | None) -> int | None:
    """Find the row that another page sent the person here with."""
    if arrived is None:
        return None
    return next((at for at, piece in enumerate(pieces) if arrived.means(piece)), None)


def _form(desk: Desk, own: str, piece: Piece, account: str) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(account)}** · {contested.numbers(piece)} · {plain(contested.why(piece))}")
        about = ROW
        if piece.account_id:
            about = st.radio(
                _("申诉对象"), list(ABOUT), format_func=lambda key: _(ABOUT[key]), horizontal=True, key=_key("about")
            )
        row = contest.stored_account(piece.account_id) if about == ACCOUNT else _claim(piece)
        found = contested.effect(desk, own, row)
        if found:
            contested.moves(found)
        _file(desk, own, piece.metric, row)


def _claim(piece: Piece) -> dict[str, Any]:
    """Ask what the row should have been."""
    kinds = list(CLAIMS) if piece.counts else ["should_be"]
    kind = st.radio(_("您认为"), kinds, format_func=lambda key: _(CLAIMS[key]), horizontal=True, key=_key("claim"))
    if kind == "leave_out":
        return contest.stored(piece, Claim("leave_out"))
    above, below = metrics()[piece.metric].parts(language())
    with st.container(horizontal=True):
        numerator = st.number_input(above, value=float(piece.numerator), key=_key("above"), width=180)
        denominator = st.number_input(below, 0.0, value=float(piece.denominator), key=_key("below"), width=180)
    return contest.stored(piece, Claim("should_be", _exact(numerator), _exact(denominator)))


def _exact(number: float) -> Decimal:
    return formats.rounded(formats.exact(number), 4)


def _ratings(desk: Desk, own: str, name: str) -> None:
    """Offer the ratings of an item that people gave: each can be appealed with the score it should have been."""
    marks = {role: given for (item, role), given in desk.eyes.marks(own).items() if item == name}
    item = next(each for each in (desk.eyes.card(own) or {"items": []})["items"] if each["metric"] == name)
    system = None if item["rated"] or item["score"] is None else formats.rounded(formats.exact(float(item["score"])))
    given = {role: found for role, found in marks.items() if system is None or Decimal(str(found["score"])) != system}
    rows = [
        {"who": _(contested.ROLES[role]), "score": float(found["score"]), "why": found.get("reason", "")}
        for role, found in given.items()
    ]
    if not rows:
        return
    columns = [
        Column("who", _("谁评的"), width=110),
        Column("score", _("评分"), "decimal", width=80),
        Column("why", _("理由或事例"), width=380),
    ]
    picked = table(rows, columns, key=f"contest-rating-{name}-{turn()}", select=True)
    if picked is not None:
        role = list(given)[picked]
        _contest_rating(desk, own, name, (role, given[role], item["cap"]))


def _contest_rating(desk: Desk, own: str, name: str, rating: tuple[str, Mapping[str, Any], int]) -> None:
    role, given, cap = rating
    with st.container(border=True):
        wanted = st.number_input(
            _("应当是多少分"), 0.0, float(cap), float(given["score"]), key=_key("wanted"), width=180
        )
        row = contest.stored_rating(name, role, given["seq"], given["score"], f"{wanted:.2f}")
        st.markdown(contested.said(row, {}))
        _file(desk, own, name, row)


def _whole(desk: Desk, own: str, name: str) -> None:
    with st.expander(_("对「{item}」整项申诉（缺了一行、口径或程序有误）", item=contested.item_title(name))):
        subject = st.text_input(_("缺的是哪个客户、哪一行（可不填）"), key=_key("subject"))
        why = st.text_area(_("理由和依据"), key=_key("why-whole"))
        if st.button(_("提交申诉"), disabled=not why, key=_key("file-whole")):
            desk.take("appeal", own, item=name, subject=subject, reason=why)


def _file(desk: Desk, own: str, item: str, row: Mapping[str, Any]) -> None:
    why = st.text_area(_("理由和依据"), key=_key("why"))
    if st.button(_("对它提出申诉"), type="primary", icon=":material/gavel:", disabled=not why, key=_key("file")):
        contesting.forget()
        desk.take("appeal", own, item=item, row=dict(row), reason=why)


def _key(name: str) -> str:
    return f"contest-{name}-{turn()}"
