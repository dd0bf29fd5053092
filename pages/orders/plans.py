"""Versions of the plans, and the dividing of a department's plan among its people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from data.records import ChangedError, Decision, ReasonError, Records
from kpi import ledger, overview
from pages.imports import jobs
from pages.parts import formats, session
from pages.parts.filters import Filters
from pages.parts.session import ask
from pages.parts.table import Column, filled, table
from pages.parts.words import _, language, mark, plain

METHODS = {"last_year": mark("去年同期"), "equal": mark("平均"), "hand": mark("手工")}


def versions(now: Filters) -> None:
    """Draw the plan lines that have several versions: the first known counts, later ones are adjustments."""
    rows = [row for row in ask(overview.listed, "plan_versions", now.quarter, now.dept, now.rep) if row["versions"] > 1]
    with st.expander(
        _("计划版本：{count} 个计划有调整", count=len({row["plan_id"] for row in rows})), icon=":material/history:"
    ):
        st.caption(_("开季前最后批准的版本计入考核；没有这样的版本时，最早知道的一版计入，以后的都是调整。"))
        if not rows:
            st.caption(_("没有一个计划有第二个版本。"))
            return
        worded = [
            row | {"of": row["rep_name"] or row["dept"] or _("公司"), "use": _("计入") if row["counts"] else _("调整")}
            for row in rows
        ]
        columns = [
            Column("of", _("对象"), width=100, pinned=True),
            Column("account_name", _("客户"), width=160),
            Column("period_start", _("期间起"), "date"),
            Column("period_end", _("期间止（不含）"), "date"),
            Column("place", _("第几版"), "number", width=70),
            Column("stated_on", _("批准或得知"), "date"),
            Column("plan_value", _("计划(元)"), "money", width=130),
            Column("moved", _("比上一版(元)"), "money", width=130),
            Column("use", _("用途"), width=80),
        ]
        table(worded, filled(worded, columns), key="plan-versions", file_name=_("计划版本"))


def division(now: Filters) -> None:
    """Draw the plans that wait to be divided, for the head alone; a division is a record with a reason."""
    if session.viewer().role != "head":
        return
    plans = ask(ledger.undivided, now.quarter, now.dept)
    if not plans:
        return
    waiting = sum(not plan["divided"] for plan in plans)
    st.subheader(_("分解部门计划：{count} 个待分解", count=waiting), anchor=False)
    st.caption(
        _("分解前，每位专员的完成率显示「待分解」；部门的完成率照常计算。分解后按各人份额考核，合计必须等于部门计划。")
    )
    titles = {plan["plan_id"]: _title(plan) for plan in plans}
    chosen = st.selectbox(_("计划"), list(titles), format_func=titles.__getitem__, key="division-plan")
    _grid(next(plan for plan in plans if plan["plan_id"] == chosen))


def _title(plan: dict[str, Any]) -> str:
    state = _("已分解") if plan["divided"] else _("待分解")
    span = f"{formats.day(plan['period_start'])} – {formats.day(plan['period_end'])}"
    return f"{plan['dept'] or _('公司')} · {span} · {formats.money(plan['plan_value'], language())} · {state}"


def _grid(plan: dict[str, Any]) -> None:
    records = Records(session.store().records_url)
    decided = next((each for each in records.decisions(ledger.DIVIDED) if each.subject == plan["plan_id"]), None)
    team = ask(ledger.people, plan)
    if not team:
        st.caption(_("这个部门没有在岗的专员。"))
        return
    method = st.segmented_control(
        _("方法"),
        list(METHODS),
        default="hand" if decided else "last_year",
        format_func=lambda name: _(METHODS[name]),
        required=True,
    )
    given = _edited(plan, team, _proposed(plan, team, str(method), decided), str(method))
    rest = plan["plan_value"] - sum(given, Decimal(0))
    words = formats.money(rest, language())
    st.markdown(
        _(
            "合计 {total}，还差 **{rest}**",
            total=plain(formats.money(sum(given, Decimal(0)), language())),
            rest=plain(words),
        )
    )
    reason = st.text_input(_("原因（必填，记入日志）"), key="division-reason", max_chars=200)
    if st.button(_("保存分解"), type="primary", disabled=bool(rest) or not reason.strip(), icon=":material/save:"):
        shares = {row["rep_id"]: share for row, share in zip(team, given, strict=True)}
        _save(records, plan, shares, reason, decided)
    if decided:
        st.caption(
            _(
                "现行分解：{who}，{at}，{reason}",
                who=plain(decided.decided_by),
                at=formats.moment(decided.decided_at),
                reason=plain(decided.reason),
            )
        )


def _proposed(
    plan: dict[str, Any], team: Sequence[dict[str, Any]], method: str, decided: Decision | None
) -> list[Decimal]:
    if method == "hand" and decided:
        known = ledger.read(decided.value)
        return [known.get(row["rep_id"], Decimal(0)) for row in team]
    weights = [row["last_year"] if method == "last_year" else Decimal(1) for row in team]
    return ledger.proposal(plan["plan_value"], weights)


def _edited(
    plan: dict[str, Any], team: Sequence[dict[str, Any]], shares: Sequence[Decimal], method: str
) -> list[Decimal]:
    frame = pd.DataFrame(
        {
            "name": [row["rep_name"] for row in team],
            "last_year": [float(row["last_year"]) for row in team],
            "share": [float(share) for share in shares],
        }
    )
    edited = st.data_editor(
        frame,
        hide_index=True,
        disabled=["name", "last_year"] if method == "hand" else True,
        key=f"division-{plan['plan_id']}-{method}",
        column_config={
            "name": st.column_config.TextColumn(_("专员")),
            "last_year": st.column_config.NumberColumn(_("去年同期订货(元)"), format="%,.2f"),
            "share": st.column_config.NumberColumn(_("分解额(元)"), format="%,.2f", min_value=0, required=True),
        },
    )
    return [formats.rounded(value or 0) for value in edited["share"]]


def _save(
    records: Records, plan: dict[str, Any], shares: dict[str, Decimal], reason: str, decided: Decision | None
) -> None:
    who = session.viewer().person
    try:
        records.decide(
            ledger.DIVIDED,
            plan["plan_id"],
            ledger.stated(shares),
            who=who,
            reason=reason,
            seen=decided.id if decided else 0,
        )
    except (ChangedError, ReasonError) as error:
        st.error(_("没有保存：已有别人改过（{who}）。请刷新后再看。", who=plain(error)), icon=":material/error:")
        return
    jobs.refresh(session.store().folder, jobs.Asker.now())
    st.success(_("已保存，正在重算；几秒钟后刷新即可看到各人的完成率。"), icon=":material/check_circle:")
