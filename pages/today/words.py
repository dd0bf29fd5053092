"""The reasons of the day's list in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kpi.today import Due, Reason
from pages.parts import formats
from pages.parts.words import _, language, mark

WORDS = {
    "complaint_late": mark("投诉超时：{days} 天未结"),
    "complaint": mark("投诉未结：{days} 天"),
    "promised": mark("答应 {day} 的事：{words}"),
    "promised_old": mark("{day} 答应的事一直没有联系：{words}"),
    "planned": mark("计划拜访：{words}"),
    "cadence_red": mark("{days} 个工作日没有联系，已到两倍（应 {words} 天内）"),
    "cadence_amber": mark("{days} 个工作日没有联系（应 {words} 天内）"),
    "churn_near": mark("再 {days} 天到流失判定线"),
    "churn": mark("再 {days} 天到流失判定线"),
    "payment_overdue": mark("回款逾期 {days} 天：{amount}"),
    "payment_due": mark("回款 {day} 到期：{amount}"),
    "stalled_red": mark("开发停滞：在本阶段 {days} 天"),
    "stalled_amber": mark("开发没有下一步日期，在本阶段 {days} 天"),
    "feedback": mark("{day} 的拜访缺反馈表"),
}
TODAY = {"promised": mark("答应今天：{words}"), "planned": mark("今天计划拜访：{words}")}
KINDS = {
    "promised": mark("答应的下一步"),
    "planned": mark("计划拜访"),
    "cadence": mark("跟进频率"),
    "churn": mark("临近流失"),
    "stalled": mark("开发停滞"),
    "feedback": mark("缺反馈表"),
    "complaint": mark("未结投诉"),
    "payment": mark("回款"),
}
ANSWERS = {"done": mark("已联系"), "postponed": mark("改期"), "skipped": mark("今天不用")}
CONTACTS = {
    "上门": mark("上门"),
    "电话": mark("电话"),
    "视频": mark("视频"),
    "微信": mark("微信"),
    "noted": mark("已联系（待导出）"),
}
URGENT = {"complaint_late", "cadence_red", "churn_near", "payment_overdue", "stalled_red"}


def kind(code: str) -> str:
    """Give the kind of a reason's code, a key of `KINDS`."""
    return code.partition("_")[0]


def reason(found: Reason, today: date) -> str:
    """Word one reason: `投诉超时：15 天未结`."""
    words = TODAY[found.code] if found.code in TODAY and found.day == today else WORDS[found.code]
    amount = formats.money(found.amount, language()) if found.amount is not None else ""
    text = _(words).format(days=abs(found.days), day=formats.short_day(found.day), words=found.words, amount=amount)
    return text.rstrip(_("：")).rstrip()


def last(account: Mapping[str, Any]) -> str:
    """Word the newest contact in one line."""
    if account["last_on"] is None:
        return _("还没有联系记录")
    how = _(CONTACTS[account["last_kind"]]) if account["last_kind"] in CONTACTS else account["last_kind"]
    said = f"：{account['last_words']}" if account["last_words"] else ""
    return _("上次 {day} {how}", day=formats.short_day(account["last_on"]), how=how) + said


def name(row: Due) -> str:
    """Name the account of a card."""
    return str(row.account["account_name"] or row.account_id)
