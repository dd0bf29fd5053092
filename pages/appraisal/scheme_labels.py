"""The words of schemes on screen: items, rules, policies, grades, and what one version changes in another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import streamlit as st

from kpi.catalogue import metrics
from kpi.scheme import Item, Scheme
from pages.parts import formats
from pages.parts.words import _, language, mark, plain

POLICIES = {"reweight": mark("其余项按权重重新分配"), "zero": mark("按 0 分计"), "neutral": mark("按 100 分计")}
PARTS = {"linear": mark("按比例"), "floor": mark("不计"), "ceil": mark("按 1 个百分点计")}
RULES = {"ratio": mark("按比例"), "linear": mark("按差距"), "rating": mark("由人评分")}
VALUES = {
    "weight": mark("权重"),
    "rule": mark("计分方式"),
    "target": mark("目标"),
    "cap": mark("封顶"),
    "floor": mark("归零线"),
    "points_worse": mark("每差1点扣"),
    "points_better": mark("每好1点加"),
    "steep_below": mark("陡降线"),
    "steep_points": mark("陡降每点扣"),
    "one_account_free": mark("丢一户不扣"),
    "suspected_free": mark("疑似不计"),
    "year_to_date_share": mark("年累计占比"),
    "planned": mark("按新客户计划"),
    "unscored": mark("首季不计分"),
    "from": mark("从多少分起"),
    "coefficient": mark("系数"),
    "effective_from": mark("生效季度"),
    "warn_below": mark("警告线"),
    "na_policy": mark("缺项"),
    "partial_point": mark("不足 1 个百分点"),
    "least_weight": mark("最低有效权重"),
    "head_percent": mark("经理权重(%)"),
    "adopted": mark("公司已正式启用"),
}
PERCENT = {"target", "floor", "steep_below", "year_to_date_share"}
WORDED = {"rule": RULES, "na_policy": POLICIES, "partial_point": PARTS}


def title(item: Item) -> str:
    """Name an item on screen."""
    return named(item.metric or item.rating)


def named(name: str) -> str:
    """Name a metric, or a rated item or a grade as the company calls it."""
    return metrics()[name].title(language()) if name in metrics() else name


def bands(scheme: Scheme) -> str:
    """Say from where to where each grade goes, with its coefficient: `A ≥ 90 → 1.2 · B 75–89.99 → 1.0`."""
    ladder = sorted(scheme.bands, key=lambda band: -band.least)
    said = [f"{ladder[0].grade} ≥ {ladder[0].least} → {ladder[0].coefficient}"] if ladder else []
    for above, band in pairwise(ladder):
        upto = above.least - formats.exact(0.01)
        said.append(f"{band.grade} {band.least} – {upto} → {band.coefficient}")
    return " · ".join(said)


def changed(found: Sequence[tuple[str, str, object, object]], base: Scheme) -> None:
    """List what differs from a base version; an item that is new or gone is said once."""
    if not found:
        st.caption(_("与「{base}」相比没有改动。", base=plain(base.label(language()))))
        return
    whole = {key for key, name, before, after in found if name == "weight" and None in {before, after}}
    gone = [_("去掉 {item}", item=named(key)) for key, name, _b, after in found if name == "weight" and after is None]
    new = [_("新增 {item}", item=named(key)) for key, name, before, _a in found if name == "weight" and before is None]
    rest = [_change(*each) for each in found if each[0] not in whole]
    told = plain("；".join([*gone, *new, *rest]))
    st.caption(_("与「{base}」相比：{changes}", base=plain(base.label(language())), changes=told))


def _change(key: str, name: str, before: object, after: object) -> str:
    return f"{named(key)} {_(VALUES[name])} {shown(name, before)} → {shown(name, after)}".strip()


def shown(name: str, value: object) -> str:
    """Write one value of a scheme as people read it."""
    if name in WORDED and value in WORDED[name]:
        return _(WORDED[name][str(value)])
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if value in {None, ""}:
        return _("无")
    if isinstance(value, int | float):
        text = formats.number(value, 2)
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return f"{text}%" if name in PERCENT else text
    return str(value)
