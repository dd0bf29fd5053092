"""What a load would do, before it is committed: counts, warnings, KPI values and scores that would move, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from kpi.catalogue import metrics, reason
from pages.imports.jobs import SCORES_SHOWN_TO
from pages.imports.preview import COUNTS
from pages.parts import formats, session
from pages.parts.table import Column, table
from pages.parts.words import _, either, language, mark, plain

UNASSIGNED = mark("未归属")
WORDS = {
    "inserted": mark("新增（行）"),
    "changed": mark("变更（行）"),
    "unchanged": mark("未变（行）"),
    "rejected": mark("退回（行）"),
}


def draw(result: Mapping[str, Any]) -> None:
    """Draw the totals of a check, then what must be looked at, then what would move."""
    files = [file for file in result.get("files", ()) if file["loaded"]]
    if not files:
        return
    with st.container(horizontal=True):
        for name in COUNTS:
            count = sum(file[name] for file in files)
            st.metric(_(WORDS[name]), formats.number(count), width=150, border=True)
    for warning in result.get("warnings", ()):
        st.warning(plain(either(warning["zh"], warning["en"])), icon=":material/warning:")
    _moves(result.get("moves", ()))
    if session.viewer().role in SCORES_SHOWN_TO:
        _scores(result.get("scores", ()))


def _mine(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Keep what this viewer may know of: the people of their department."""
    dept = session.viewer().dept
    return [row for row in found if not dept or row.get("dept") in {dept, None}]


def _moves(all_moves: Sequence[Mapping[str, Any]]) -> None:
    found = sorted(_mine(all_moves), key=lambda move: (move["quarter"], move["metric"]), reverse=True)
    if len(found) < len(all_moves):
        st.caption(_("另有其他部门的 {count} 个指标值会变动。", count=len(all_moves) - len(found)))
    if not all_moves:
        st.caption(_("没有指标值会变动。"))
    if not found:
        return
    title = _("会变动的指标：{count} 个", count=len(found))
    with st.expander(title, icon=":material/trending_up:", expanded=True):
        st.caption(_("点选一行，看是哪些客户、哪些行引起的。"))
        picked = table([_line(move) for move in found], _columns(), key="moves", select=True, height=_height(found))
        if picked is not None and picked < len(found):
            _because(found[picked])


def _height(rows: Sequence[object]) -> int | None:
    return 320 if len(rows) > 8 else None


def _line(move: Mapping[str, Any]) -> dict[str, Any]:
    before, after = move["before"], move["after"]
    known = before and after and before["value"] is not None and after["value"] is not None
    return {
        "metric": metrics()[move["metric"]].title(language()),
        "rep": _(move["rep"]) if move["rep"] == UNASSIGNED else move["rep_name"] or move["rep"],
        "quarter": move["quarter"],
        "before": _side(before),
        "after": _side(after),
        "by": formats.points(after["value"], before["value"]) if known else None,
        "changed": move["changed"],
    }


def _columns() -> list[Column]:
    return [
        Column("metric", _("指标"), width=190),
        Column("rep", _("专员"), width=90),
        Column("quarter", _("季度"), width=80),
        Column("before", _("现在"), width=90),
        Column("after", _("导入后"), width=90),
        Column("by", _("变动（百分点）"), "decimal", width=110),
        Column("changed", _("涉及条数"), "number", width=90),
    ]


def _side(side: Mapping[str, Any] | None) -> str:
    if side is None:
        return formats.NONE
    return formats.rate(side["value"]) if side["value"] is not None else _(side["status"])


def _because(move: Mapping[str, Any]) -> None:
    metric = metrics()[move["metric"]]
    numerator, denominator = metric.parts(language())
    lines = [
        {
            "account": " ".join(part for part in (cause["account_id"], cause["account_name"]) if part),
            "numerator": _change(cause, "numerator"),
            "denominator": _change(cause, "denominator"),
            "why": _change(cause, "reason"),
            "rows": "；".join(_place(row) for row in cause["rows"]),
        }
        for cause in move["because"]
    ]
    who = move["rep_name"] or move["rep"]
    st.markdown(f"**{plain(metric.title(language()))} · {plain(who)} · {move['quarter']}**")
    columns = [
        Column("account", _("客户"), width=200),
        Column("numerator", numerator),
        Column("denominator", denominator),
    ]
    columns += [Column("why", _("原因"), width=260), Column("rows", _("这次导入的行"), width=300)]
    table(lines, columns, key="because")
    if move["changed"] > len(lines):
        st.caption(_("只列出变动最大的 {shown} 条，共 {count} 条。", shown=len(lines), count=move["changed"]))


def _change(cause: Mapping[str, Any], part: str) -> str:
    old, new = (_part(cause[side], part) for side in ("before", "after"))
    return new if old == new else f"{old} → {new}"


def _part(side: Mapping[str, Any] | None, part: str) -> str:
    if side is None:
        return formats.NONE
    if part == "reason":
        return reason(side[part], language(), date="", value="").strip()
    number = formats.exact(side[part])
    return formats.number(number, 0 if number == number.to_integral_value() else 2)


def _place(row: Mapping[str, Any]) -> str:
    name = f"{row['file']} · {row['sheet']}" if row["sheet"] else row["file"]
    return _("{file} 第 {row} 行", file=name, row=row["row"])


def _scores(found: Sequence[Mapping[str, Any]]) -> None:
    rows = sorted(_mine(found), key=lambda score: (score["quarter"], score["rep"]), reverse=True)
    if not rows:
        return
    with st.expander(_("会变动的得分：{count} 个", count=len(rows)), icon=":material/grade:", expanded=True):
        lines = [
            {
                "rep": score["rep_name"] or score["rep"],
                "quarter": score["quarter"],
                "before": _score(score["before"]),
                "after": _score(score["after"]),
            }
            for score in rows
        ]
        columns = [Column("rep", _("专员")), Column("quarter", _("季度")), Column("before", _("现在"))]
        table(lines, [*columns, Column("after", _("导入后"))], key="scores", height=_height(lines))
        st.caption(_("只有大客户部经理和人力资源部看得到得分。已封账的季度不受影响。"))


def _score(side: Mapping[str, Any]) -> str:
    if side["total"] is None:
        return _("未参评")
    return " ".join(part for part in (formats.number(formats.exact(side["total"]), 2), side["grade"]) if part)
