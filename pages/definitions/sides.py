"""The same KPI under other rules side by side, and the accounts that change sides."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from typing import Any

import streamlit as st

from data.store import Viewer
from kpi.catalogue import Metric, reason
from pages.definitions import change, meaning
from pages.parts import formats, session
from pages.parts.table import Column, table
from pages.parts.words import _, language, mark, plain

PATIENCE = 900
SIDES = {
    "numerator": mark("分子"),
    "denominator": mark("分母"),
    "both": mark("分子和分母"),
    "out": mark("未计入"),
}


def draw(metric: Metric, quarter: str) -> None:
    """Let anyone ask how the metric would be under another rule, and show both answers."""
    found = {parameter.name: parameter for parameter in meaning.of_metric(metric)}
    if not found:
        return
    st.subheader(_("换一种口径会怎样"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            _("设置"), list(found), format_func=lambda key: found[key].label(language()), key="side-name", width=300
        )
        now = meaning.in_force().get(name, found[name].default)
        with st.container(width=340):
            value = change.field(found[name], _other(found[name].choices, now), f"side-value-{name}")
        asked = st.button(_("并排比较"), icon=":material/compare_arrows:", disabled=value == now)
    key = (metric.name, quarter, name, value)
    if asked:
        st.session_state["side-asked"] = key
    if st.session_state.get("side-asked") != key:
        st.caption(_("选另一个值，按「并排比较」：用同一批数据按另一口径重新计算，不改变任何数。"))
        return
    with st.spinner(_("正在按另一口径重新计算……")):
        answer = compared(str(session.store().folder), session.store().version, session.viewer(), *key)
    if "fault" in answer:
        st.error(plain(answer["fault"]))
        return
    _values(metric, answer, found[name].worded(now, language()), found[name].worded(value, language()))
    _accounts(metric, answer["rows"])


def _other(choices: Any, now: str) -> str:  # noqa: ANN401 - a mapping of choices, empty for numbers
    return next((choice for choice in choices if choice != now), now)


@st.cache_data(show_spinner=False, max_entries=50)
def compared(  # the version is part of the key: a new one asks anew
    folder: str,
    version: int,  # noqa: ARG001
    viewer: Viewer,
    metric: str,
    quarter: str,
    name: str,
    value: str,
) -> dict[str, Any]:
    """Return what `python -m kpi compare` finds for a viewer; `fault` where the value was refused or it broke off."""
    scope = json.dumps({"role": viewer.role, "rep_id": viewer.rep_id, "dept": viewer.dept})
    asked = ["compare", metric, "--json", f"--store={folder}", f"--quarter={quarter}", f"--set={name}={value}"]
    done = subprocess.run(  # noqa: S603 - our own program; the value is an argument, never a shell's
        [sys.executable, "-m", "kpi", *asked, f"--viewer={scope}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [str(done.returncode)]
        return {"fault": lines[-1] if language() == "en" else lines[max(len(lines) - 2, 0)]}
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _values(metric: Metric, answer: dict[str, Any], now: str, other: str) -> None:
    with st.grid("auto", min_column_width=260, gap="small"):
        for title, said in (
            (_("现行：{rule}", rule=now), answer["before"]),
            (_("改为：{rule}", rule=other), answer["after"]),
        ):
            with st.container(border=True):
                st.caption(plain(title))
                if said is None:
                    st.markdown(_("这个季度没有数"))
                    continue
                known = said["value"] is not None
                shown = formats.value_of(said["value"], metric.unit, language()) if known else _(said["status"])
                st.markdown(f"### {plain(shown)}")
                top, bottom = (formats.exact(said[part] or 0) for part in ("numerator", "denominator"))
                st.caption(plain(f"{_amount(top)} / {_amount(bottom)}"))


def _amount(amount: Decimal) -> str:
    """Write counts as whole numbers, amounts of money with their cents."""
    return formats.number(amount, 0 if amount == amount.to_integral_value() else 2)


def _accounts(metric: Metric, rows: list[dict[str, Any]]) -> None:
    if not rows:
        st.caption(_("没有客户因此改变归类。"))
        return
    st.markdown(_("**{count} 个客户改变归类或金额**", count=len(rows)))
    columns = [
        Column("account_name", _("客户"), width=200, pinned=True),
        Column("key", _("客户编号")),
        Column("side_before", _("现行归类"), width=100),
        Column("side_after", _("另一口径归类"), width=120),
        Column("why_before", _("现行原因"), width=280),
        Column("why_after", _("另一口径原因"), width=280),
        Column("numerator_before", _("现行分子"), "decimal"),
        Column("numerator_after", _("另一口径分子"), "decimal"),
        Column("rep_name_before", _("现行归属")),
        Column("rep_name_after", _("另一口径归属")),
    ]
    table([_worded(row) for row in rows], columns, key=f"sides-{metric.name}", file_name=metric.title(language()))


def _worded(row: dict[str, Any]) -> dict[str, Any]:
    worded = {}
    for when in ("before", "after"):
        side, code = row.get(f"side_{when}"), row.get(f"reason_{when}")
        worded[f"side_{when}"] = _(SIDES[side]) if side else _("未计入")
        worded[f"why_{when}"] = reason(code, language(), date=row.get(f"reason_date_{when}"), value="") if code else ""
    return row | worded
