"""What the last update moved in this quarter, and why."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi import versions
from kpi.catalogue import ORDER, metrics
from kpi.change import Change, points, worded
from pages.parts import formats, session
from pages.parts.filters import Filters
from pages.parts.session import ask, compare, select
from pages.parts.waterfall import explained
from pages.parts.words import _, language, plain

CAUSES = 3


def since_update(now: Filters) -> None:
    """Say which of the quarter's four numbers the version in force changed, and by what."""
    store = session.store()
    earlier = store.version - 1
    if earlier not in versions.kept(store):
        return
    found = {name: compare(earlier, versions.between, name, now.quarter, now.rep, now.dept) for name in ORDER}
    if None in found.values():
        st.caption(_("上一版由旧版程序生成，不能比较最近一次更新改变了什么。"))
        return
    moved = {name: change for name, change in found.items() if change and change.causes}
    what = _update()
    if not moved:
        st.caption(_("最近一次更新（{what}）没有改变本季度的四项指标。", what=plain(what)))
        return
    label = _("最近一次更新（{what}）改变了 {count} 项指标", what=plain(what), count=len(moved))
    with st.expander(label, icon=":material/published_with_changes:"):
        for name, change in moved.items():
            _line(name, change)
        picked = st.pills(
            _("看哪一项"),
            list(moved),
            format_func=lambda name: metrics()[name].title(language()),
            key="moved-metric",
            label_visibility="collapsed",
        )
        if picked:
            explained(moved[picked], _("更新前"), _("更新后"), key=f"moved-{picked}")


def _update() -> str:
    query = "select loaded_at from source_load where in_force order by load_id desc limit 1"
    found: list[dict[str, Any]] = ask(select, query)
    if not found:
        return ""
    at = formats.moment(found[0]["loaded_at"])
    return _("版本 {version}，最新导入 {at}", version=session.store().version, at=at)


def _line(name: str, change: Change) -> None:
    metric = metrics()[name]
    before, after = (_value(change.value(side)) for side in (change.before, change.after))
    shown = points(change)
    parts = [
        f"{worded(cause.code, metric, language())} {_step(shown[place] if shown else None)}".strip()
        for place, cause in enumerate(change.causes[:CAUSES], start=1)
    ]
    st.markdown(f"**{plain(metric.title(language()))}** {before} → {after} :gray[{plain(_('、').join(parts))}]")


def _value(value: Any) -> str:  # noqa: ANN401 - a Fraction or nothing
    return plain(formats.rate(float(value))) if value is not None else formats.NONE


def _step(value: Any) -> str:  # noqa: ANN401 - a Decimal or nothing
    return formats.change(value, "percent", language()) if value is not None else ""
