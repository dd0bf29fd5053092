"""Visits with their feedback forms, and calls, of the sample department."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from data.sample.accounts import Account
from data.sample.dossier import Dossier
from data.sample.events import Event, Row, whose
from data.sample.people import rep
from data.sample.story import LAST_DAY
from data.sample.words import later, person, pick, stream

START = date(2024, 4, 1)
NOT_DONE = ("取消(客户)", "取消(客户)", "取消(我方)", "未执行", "改期")


def _at(rng: random.Random, day: date) -> datetime:
    return datetime.combine(day, time(rng.randint(9, 16), rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50))))


def _quiet(account: Account) -> list[tuple[date, date]]:
    """Give the spans without contact: after a termination until a new start, and after a loss."""
    spans = []
    for number, stage in enumerate(account.stages):
        if stage.outcome == "终止" and stage.left:
            after = [one.entered for one in account.stages[number + 1 :]]
            spans.append((stage.left - timedelta(days=4), after[0] if after else date.max))
    if account.days and account.days[-1] < LAST_DAY - timedelta(days=110):
        lost = account.declared or account.days[-1] + timedelta(days=100)
        spans.append((lost - timedelta(days=4), date.max))
    return spans


def _touches(rng: random.Random, account: Account) -> list[date]:
    won = account.days[0] if account.days else LAST_DAY
    day, quiet, days = later(rng, max(account.created, START), 1, 14), _quiet(account), []
    while day <= LAST_DAY:
        if not any(start <= day <= end for start, end in quiet):
            days.append(day)
        low, high = (3, 13) if day < won else (9, 33)
        day = later(rng, day, low, high)
    return days


def _who(rng: random.Random, dossier: Dossier, day: date) -> tuple[str, str]:
    known = [sheet for sheet in dossier.contacts if sheet.since <= day]
    if not known:
        return (person(rng) if rng.random() < 0.4 else ""), "经理"
    row = rng.choice(known).row(day)
    return str(row["kdm_name"]), str(row["kdm_title"] or "经理")


def _visit(rng: random.Random, dossier: Dossier, day: date) -> Row:
    account = dossier.account
    name, title = _who(rng, dossier, day)
    kind = rng.choices(("上门", "视频", "微信"), (78, 12, 10))[0]
    done = rng.random() < 0.9
    at = _at(rng, day)
    late = rng.choice((0, 0, 0, 1, 1, 2, 6)) if rep(account.owner(day)).filled > 0.7 else rng.choice((0, 3, 9, 21, 40))
    result = pick(rng, "results").format(title=title, name=name or "对方", product=pick(rng, "products"))
    careful = rng.random() < rep(account.owner(day)).filled
    words = {
        "result": result if careful else rng.choice(("正常跟进", "已拜访", "沟通良好")),
        "customer_reaction": pick(rng, "reactions") if careful else "",
        "customer_class": account.class_on(day) if careful else "",
        "next_step": pick(rng, "next_steps") if rng.random() < 0.8 else "",
        "next_date": later(rng, day, 5, 30) if rng.random() < 0.7 else None,
        "supervisor_comment": pick(rng, "comments") if rng.random() < 0.25 else "",
    }
    return (
        whose(account, day)
        | {
            "contact_name": name,
            "plan_date": day - timedelta(days=rng.choice((0, 0, 0, 0, 1, 2, 7))) if rng.random() < 0.75 else None,
            "plan_route": f"公司—{account.city}" if kind == "上门" and rng.random() < 0.6 else "",
            "plan_materials": pick(rng, "materials") if rng.random() < 0.6 else "",
            "visit_at": at if done else None,
            "recorded_at": min(at + timedelta(days=late, hours=2), datetime.combine(LAST_DAY, time(18))),
            "visit_type": kind,
            "status": "完成" if done else rng.choice(NOT_DONE),
            "purpose": pick(rng, "purposes"),
            "cost": rng.choice((0, 0, 60, 120, 180, 260, 420)) if kind == "上门" and done else None,
        }
        | (words if done else {})
    )


def _form(rng: random.Random, visit: Row) -> Row:
    filled = visit["visit_at"] + timedelta(hours=rng.choice((3, 5, 20, 26, 70)))
    return {key: visit[key] for key in ("account_id", "account_name", "rep_id", "rep_name", "visit_id")} | {
        "form_id": "FK" + visit["visit_id"][2:],
        "filled_at": filled,
        "reaction": visit["customer_reaction"],
        "class": visit["customer_class"],
        "track_plan": visit["next_step"],
        "target": rng.choice(("签订试单", "进入供应商名录", "年度份额提升", "解决质量异议", "确认样品")),
        "discussed_with_supervisor": rng.choice("是是否"),
    }


def _call(rng: random.Random, dossier: Dossier, day: date) -> Row:
    name, _ = _who(rng, dossier, day)
    connected = rng.random() < 0.86
    return whose(dossier.account, day) | {
        "contact_name": name,
        "call_at": _at(rng, day),
        "duration_s": rng.randint(35, 620) if connected else 0,
        "direction": rng.choices(("呼出", "呼入"), (85, 15))[0],
        "connected": "是" if connected else "否",
        "purpose": rng.choice(("跟进", "跟进", "预约", "回款", "售后")),
        "content": pick(rng, "call_notes") if connected else "",
        "next_contact_at": later(rng, day, 3, 20) if connected and rng.random() < 0.5 else None,
    }


def _numbered(prefix: str, rows: list[tuple[date, Row]], field: str) -> list[Event]:
    counts: dict[date, int] = {}
    made = []
    for day, row in sorted(rows, key=lambda one: (one[0], one[1]["account_id"])):
        counts[day] = counts.get(day, 0) + 1
        number = f"{prefix}{day:%Y%m%d}{counts[day]:03d}"
        made.append(Event(day, (number,), {field: number} | row))
    return made


def contacts(dossiers: list[Dossier]) -> dict[str, list[Event]]:
    """All visits, feedback forms and calls, by entity."""
    visits: list[tuple[date, Row]] = []
    calls: list[tuple[date, Row]] = []
    for dossier in dossiers:
        rng = stream("touch", dossier.account.id)
        for number, day in enumerate(_touches(rng, dossier.account)):
            if number and rng.random() < 0.52:
                calls.append((day, _call(rng, dossier, day)))
            else:
                visits.append((day, _visit(rng, dossier, day)))
    numbered = _numbered("BF", visits, "visit_id")
    rng = stream("forms")
    formed = [
        one
        for one in numbered
        if one.row["status"] == "完成"
        and one.row["visit_type"] == "上门"
        and rng.random() < rep(one.row["rep_id"]).filled - 0.15
    ]
    forms = [Event(one.known, ("FK" + one.key[0],), _form(rng, one.row)) for one in formed]
    return {"visit": numbered, "feedback_form": forms, "call": _numbered("TEL", calls, "call_id")}
