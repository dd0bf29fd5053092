"""Changing a rule: by the head only, with a reason; all numbers are derived anew."""

from __future__ import annotations

import streamlit as st

from data.records import ChangedError, ReasonError, Records
from kpi.catalogue import Metric
from kpi.parameters import Parameter, ParameterError, change
from pages.definitions import meaning
from pages.imports import jobs
from pages.parts import session
from pages.parts.words import _, language


def draw(metric: Metric) -> None:
    """Offer the head a form for one setting of the metric; say how the last change went."""
    if session.viewer().role != "head" or not meaning.of_metric(metric):
        return
    if told := st.session_state.pop("rule-told", None):
        (st.success if told[0] else st.error)(told[1])
    with st.expander(_("更改口径（只有经理可以，需写明原因）"), icon=":material/tune:"):
        known = {parameter.name: parameter for parameter in meaning.of_metric(metric)}
        name = st.selectbox(
            _("设置"), list(known), format_func=lambda key: known[key].label(language()), key="rule-name"
        )
        parameter = known[name]
        value = field(parameter, meaning.in_force().get(name, parameter.default), f"rule-value-{name}")
        st.text_input(_("原因（必填，记入日志）"), key="rule-why", max_chars=200)
        last = meaning.last_set(name)
        st.button(
            _("保存并重新计算"),
            type="primary",
            icon=":material/save:",
            on_click=_save,
            args=(parameter, value, last.version if last else 0),
        )
        st.caption(_("历史季度按新口径重新计算；已封账的季度不变。重新计算在后台进行，可在「数据导入」页看到进度。"))


def field(parameter: Parameter, value: str, key: str) -> str:
    """Draw the input of a setting's value and return it as text."""
    if parameter.choices:
        options = list(parameter.choices)
        chosen: str = st.selectbox(
            _("新值"),
            options,
            index=options.index(value) if value in options else 0,
            format_func=lambda option: parameter.worded(option, language()),
            key=key,
        )
        return chosen
    return st.text_input(_("新值"), value=value, key=key, max_chars=80)


def _save(parameter: Parameter, value: str, seen: int) -> None:
    who, why = session.viewer().person, st.session_state["rule-why"]
    try:
        change(Records(session.store().records_url), parameter.name, value, who=who, why=why, seen=seen)
    except ReasonError:
        st.session_state["rule-told"] = (False, _("请先写明原因。"))
    except ParameterError as error:
        st.session_state["rule-told"] = (False, error.en if language() == "en" else error.zh)
    except ChangedError as error:
        st.session_state["rule-told"] = (False, _("已有别人改过这项设置：{who}。请刷新后再改。", who=error))
    else:
        jobs.refresh(session.store().folder, jobs.Asker.now())
        st.session_state["rule-told"] = (True, _("已保存，正在按新口径重新计算；完成后刷新页面即可看到新的数。"))
