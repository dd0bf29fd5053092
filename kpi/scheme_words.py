"""A rule in words, written from its parameters in both languages, so that text and computation cannot drift apart."""

from __future__ import annotations

from decimal import Decimal

from kpi.catalogue import metrics
from kpi.scheme import Item


def worded(item: Item, *, first_quarter_unscored: bool = False) -> tuple[str, str]:
    """Say how an item turns a value into points, in Chinese and in English."""
    if item.rating:
        return (
            f"{item.rating}：经理与人力资源部按锚定标准评分",
            f"{item.rating}: rated by the head and HR against anchors",
        )
    said = [_linear(item) if item.rule == "linear" else _ratio(item), (f"最高{item.cap}", f"up to {item.cap}")]
    said += _steep(item) + _floor(item) + _rest(item)
    if first_quarter_unscored:
        said.append(("部门的首个季度只显示、不计分", "a department's first quarter is shown, not scored"))
    return "；".join(zh for zh, _ in said), "; ".join(en for _, en in said)


def _ratio(item: Item) -> tuple[str, str]:
    if item.target == 1:
        return "实际值×100", "rate × 100"
    return f"实际值÷{percent(item.target)}%×100", f"rate ÷ {percent(item.target)} % × 100"


def _linear(item: Item) -> tuple[str, str]:
    lower, target = _lower(item), percent(item.target)
    zh_worse, en_worse = ("高于", "above") if lower else ("低于", "below")
    zh_better, en_better = ("低于", "below") if lower else ("高于", "above")
    limit = (f" max({target}%，1/期初户数) ", f"max({target} %, one account)") if item.one_account_free else (
        f"{target}%", f"{target} %",
    )  # fmt: skip
    zh = f"100 − {zh_worse}{limit[0]}的每个百分点扣{item.points_worse}分"
    en = f"100 − {item.points_worse} per pp {en_worse} {limit[1]}"
    if item.points_better:
        zh += f"，{zh_better}{target}%每个百分点加{item.points_better}分"
        en += f", +{item.points_better} per pp {en_better} {target} %"
    return zh, en


def _steep(item: Item) -> list[tuple[str, str]]:
    if item.steep_below is None:
        return []
    below, off = percent(item.steep_below), item.steep_points
    zh_of, en_of = ("", "") if item.target == 1 else ("目标的", " of the target")
    return [(f"{zh_of}{below}%以下每少1个百分点扣{off}分", f"below {below} %{en_of} {off} points per pp")]


def _floor(item: Item) -> list[tuple[str, str]]:
    if item.floor is None:
        return []
    zh, en = ("高于", "above") if _lower(item) else ("低于", "below")
    return [(f"{zh}{percent(item.floor)}%为0", f"{en} {percent(item.floor)} % nothing")]


def _rest(item: Item) -> list[tuple[str, str]]:
    said = []
    if item.year_to_date_share:
        share = percent(item.year_to_date_share)
        own = percent(1 - item.year_to_date_share)
        said.append((f"本季占{own}%，年累计占{share}%", f"{own} % this quarter, {share} % year to date"))
    if item.planned:
        said.append(
            ("有新客户计划的，按年累计完成率×100", "with a plan of new accounts: reached of it, year to date, × 100")
        )
    if item.suspected_free:
        said.append(("未确认的疑似流失不计分", "suspected losses that nobody confirmed do not score"))
    return said


def _lower(item: Item) -> bool:
    return metrics()[item.metric].better == "lower"


def percent(share: Decimal) -> str:
    """Write a fraction as a percentage without needless zeros: `95`, `12.5`."""
    shown = (share * 100).normalize()
    return f"{shown:f}"
