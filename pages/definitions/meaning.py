"""What one metric means, generated from its file, and the rules in force with who set them, when and why."""

from __future__ import annotations

from typing import Any

import streamlit as st

from data.records import Records, Setting
from kpi.catalogue import Metric, every
from kpi.parameters import Parameter, parameters
from pages.parts import address, formats, session
from pages.parts.session import ask, select
from pages.parts.table import Column, table
from pages.parts.words import _, language, mark, plain

BETTER = {"higher": mark("越高越好"), "lower": mark("越低越好")}


def choose() -> Metric:
    """Draw the choice of the metric, the KPIs first, and return it."""
    names = list(every())
    chosen = address.chosen("metric")
    st.session_state["definition"] = chosen if chosen in names else names[0]
    name: str = st.selectbox(
        _("指标"),
        names,
        key="definition",
        width=360,
        format_func=_title,
        on_change=lambda: address.choose("metric", st.session_state["definition"]),
    )
    return every()[name]


def _title(name: str) -> str:
    metric = every()[name]
    beside = _("（辅助，不计分）") if metric.supporting else ""
    return metric.title(language()) + beside


def draw(metric: Metric) -> None:
    """Draw question and formula, and what stands above and below the line."""
    above, below = metric.parts(language())
    with st.container(border=True):
        st.subheader(plain(metric.question(language())), anchor=False)
        st.markdown(f"**{plain(metric.formula(language()))}**")
        facts = [_(BETTER[metric.better]), _("分子：{part}", part=above), _("分母：{part}", part=below)]
        if metric.interval == "wilson":
            facts.append(_("附 95% 区间（Wilson）"))
        if metric.target is not None:
            facts.append(_("默认目标 {target}", target=formats.value_of(metric.target, metric.unit, language())))
        st.caption(" · ".join(plain(fact) for fact in facts))


def of_metric(metric: Metric) -> list[Parameter]:
    """Return the settings that a metric follows, those of few metrics first."""
    found = [parameter for parameter in parameters().values() if metric.name in parameter.metrics]
    return sorted(found, key=lambda parameter: (len(parameter.metrics) > 3, not parameter.choices))


def in_force() -> dict[str, str]:
    """Return the settings that made the numbers on screen."""
    return {row["name"]: row["value"] for row in ask(select, "select name, value from parameter")}


def last_set(name: str) -> Setting | None:
    """Return the newest record of a setting; None where nobody ever set it."""
    return next(iter(Records(session.store().records_url).history(name)), None)


def rules(metric: Metric) -> None:
    """List the settings of a metric: value in force, default, who set it, when and why."""
    made, found = in_force(), of_metric(metric)
    if not found:
        return
    st.subheader(_("生效的口径"), anchor=False)
    rows = [_row(parameter, made) for parameter in found]
    waiting = sum(row["waits"] for row in rows)
    columns = [
        Column("rule", _("设置"), width=300),
        Column("value", _("当前值"), width=260),
        Column("default", _("默认值"), width=200),
        Column("source", _("依据")),
        Column("who", _("谁改的")),
        Column("at", _("何时"), "moment"),
        Column("why", _("原因"), width=240),
    ]
    table(rows, columns, key=f"rules-{metric.name}", file_name=f"{metric.title(language())} {_('生效的口径')}")
    if waiting:
        st.warning(
            _("{count} 项设置已改、还没有重新计算，页面上的数仍按旧口径。", count=waiting), icon=":material/sync:"
        )


def _row(parameter: Parameter, made: dict[str, str]) -> dict[str, Any]:
    value, last = made.get(parameter.name, parameter.default), last_set(parameter.name)
    asked = parameter.default if last is None or last.value is None else last.value
    return {
        "rule": parameter.label(language()),
        "value": parameter.worded(value, language()),
        "default": _("同左") if value == parameter.default else parameter.worded(parameter.default, language()),
        "source": parameter.source,
        "who": last.who if last else None,
        "at": last.at if last else None,
        "why": last.why if last else None,
        "waits": asked != value,
    }


def query(metric: Metric) -> None:
    """Show the query of the contributions as it runs."""
    with st.expander(_("计算用的 SQL"), icon=":material/code:"):
        st.code(metric.sql, language="sql")
