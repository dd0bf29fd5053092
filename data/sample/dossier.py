"""What the files of the sample department say about each account, and from which day on."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from data.sample.accounts import Account, Stage
from data.sample.events import Row, whose
from data.sample.people import rep
from data.sample.story import STORY
from data.sample.words import WORDS, mobile, person, pick, stream, uscc

JUNK = ("无", "不详", "123", "暂无", "待补", "不清楚", "同上")
SHARED_PHONE = "13812345678"
OPENING = date(2024, 5, 1)
Versions = list[tuple[date, Any]]


def asof(versions: Versions, day: date) -> object:
    """Give the value of a field on a day; None before it was first filled."""
    values = [value for start, value in versions if start <= day]
    return values[-1] if values else None


@dataclass
class Sheet:
    """One record of a file (the account itself, a contact, a competitor): its fields over time."""

    since: date
    fields: dict[str, Versions] = field(default_factory=dict)

    def row(self, day: date) -> Row:
        """Give the fields as they stood on a day."""
        return {name: asof(versions, day) for name, versions in self.fields.items()}


@dataclass
class Dossier:
    """All records about one account."""

    account: Account
    file: Sheet
    contacts: list[Sheet]
    champions: list[Sheet]
    competitors: list[Sheet]


def _filled(rng: random.Random, owner: str, since: date, value: object) -> Versions:
    """When a field was filled, and with what: at once, later, never, or with junk."""
    quality = rep(owner).filled
    careless = owner == STORY["junk_files"]
    wait = max(since, OPENING) + timedelta(days=25 + round(rng.expovariate(1 / 480)))
    if isinstance(value, str) and len(value) > 1 and rng.random() < (0.26 if careless else 0.015):
        junk: Versions = [(since, rng.choice(JUNK))]
        return junk if careless else [*junk, (wait, value)]
    if rng.random() < quality - 0.08:
        return [(since + timedelta(days=rng.randint(0, 12)), value)]
    return [(wait, value)] if rng.random() < quality else []


def _facts(rng: random.Random, account: Account) -> dict[str, Any]:
    trade = WORDS["industries"][account.industry]
    product, founded = rng.choice(trade["products"]), rng.randint(1994, 2019)
    people = rng.choice((60, 80, 120, 150, 200, 260, 320, 450, 600, 850, 1200, 2300)) + rng.randrange(0, 40)
    district = rng.choice(WORDS["districts"][account.city])
    turnover = rng.choice(("三千万", "八千万", "一点二亿", "三亿", "六亿"))
    intro = (
        f"{account.short}位于{account.city}{district}，主营{product}，员工约{people // 10 * 10}人，年产值约{turnover}。"
    )
    grown, certified = founded + rng.randint(2, 4), founded + rng.randint(4, 5)
    history = f"{founded}年创立，{grown}年扩建厂房，{certified}年通过质量体系认证。"
    return {
        "uscc": uscc(rng),
        "address": f"{account.city}{district}{pick(rng, 'roads')}{rng.randint(1, 399)}号",
        "company_intro": intro,
        "dev_history": history,
        "main_products": product,
        "founded_year": founded,
        "employees": str(people),
        "operating_status": pick(rng, "statuses"),
        "source": pick(rng, "sources"),
        "client_head_name": person(rng),
        "client_head_contact": mobile(rng),
        "potential_need": rng.choice(trade["needs"]).format(n=rng.randint(3, 60)),
        "client_head_background": pick(rng, "backgrounds"),
        "need_reason": pick(rng, "need_reasons"),
        "need_urgency": rng.choice("高中中低"),
        "strategy": pick(rng, "strategies"),
        "vision": pick(rng, "visions"),
    }


def _account_sheet(account: Account) -> Sheet:
    rng = stream("file", account.id)
    facts = _facts(rng, account)
    owner = account.tenures[0].rep
    sheet = Sheet(account.created)
    for name, value in facts.items():
        second = name in ("client_head_background", "need_reason", "need_urgency", "strategy", "vision")
        since = account.created + timedelta(days=rng.randint(10, 45) if second else 0)
        sheet.fields[name] = _filled(rng, owner, since, value)
    if owner == STORY["junk_files"] and rng.random() < 0.45:
        sheet.fields["client_head_contact"] = [(account.created, SHARED_PHONE)]
    sheet.fields["annual_revenue"] = [(account.created, rng.randint(20, 600) * 1_000_000)] if rng.random() < 0.5 else []
    sheet.fields["potential"] = [(account.created, round(account.size / 10_000 * rng.uniform(9, 16)) * 10_000)]
    if account.id == STORY["seasonal"]:
        sheet.fields["expected_cycle_days"] = [(date(2024, 9, 10), 364)]
    return sheet


def _second_stage(account: Account) -> date | None:
    if account.old:
        return account.created + timedelta(days=60)
    return next((stage.entered for stage in account.stages if stage.number >= 2), None)


def _contact(rng: random.Random, account: Account, since: date, number: int) -> Sheet:
    name = person(rng)
    title = WORDS["titles"][(int(account.id[2:]) * 5 + number * 7 + rng.randrange(3)) % len(WORDS["titles"])]
    sheet = Sheet(since)
    always = {
        "contact_id": f"LX{account.id[2:]}{number}",
        "kdm_name": name,
        "is_kdm": "是" if number == 1 else "否",
        "created_at": since,
        "relationship_level": rng.randint(3, 5)
        if account.old
        else rng.randint(1, 2)
        if number == 1
        else rng.randint(2, 4),
        "pi_basis": rng.choice(("同意", "公开", "合同")),
    }
    sheet.fields = {key: [(since, value)] for key, value in always.items()}
    owner = account.owner(since)
    facts = {
        "kdm_title": title,
        "kdm_authority": "拍板" if number == 1 and rng.random() < 0.6 else rng.choice(("影响", "使用", "把关")),
        "kdm_tenure": rng.randint(1, 18),
        "kdm_work_style": pick(rng, "work_styles"),
        "work_phone": mobile(rng),
        "email": f"{account.id.lower()}{number}@example.com",
    }
    for key, value in facts.items():
        sheet.fields[key] = _filled(rng, owner, since, value)
    if owner == STORY["junk_files"] and rng.random() < 0.5:
        sheet.fields["work_phone"] = [(since, SHARED_PHONE)]
    return sheet


def _champion(rng: random.Random, account: Account, since: date) -> Sheet | None:
    """Give the inside contact; one is found only on the way out of stage two."""
    third = next((stage.entered for stage in account.stages if stage.number > 2), None)
    day = since + timedelta(days=rng.randint(8, 30)) if account.old else third
    if day is None:
        return None
    values = {
        "champion_name": person(rng),
        "champion_identified": "是",
        "identified_at": day,
        "trust_level": rng.randint(2, 5),
        "contact_count_90d": rng.randint(1, 9),
    }
    return Sheet(day, {key: [(day, value)] for key, value in values.items()})


def _competitor(rng: random.Random, account: Account, since: date) -> Sheet:
    owner, day = account.owner(since), since + timedelta(days=rng.randint(3, 25))
    sheet = Sheet(day, {"competitor_name": [(day, pick(rng, "competitors"))], "recorded_at": [(day, day)]})
    sheet.fields["competitor_product"] = _filled(
        rng, owner, day, f"{pick(rng, 'products')}，约{rng.uniform(0.8, 20):.1f}元/件"
    )
    sheet.fields["is_current_supplier"] = [(day, rng.choice("是否"))]
    third = account.old or any(stage.number >= 3 for stage in account.stages)
    if third:
        entered = next((stage.entered for stage in account.stages if stage.number >= 3), day)
        for name in ("swot_s", "swot_w", "swot_o", "swot_t"):
            sheet.fields[name] = _filled(rng, owner, max(day, entered), pick(rng, name))
    return sheet


def dossiers(accounts: list[Account]) -> list[Dossier]:
    """Give the dossiers of all accounts."""
    made = []
    for account in accounts:
        rng = stream("records", account.id)
        dossier = Dossier(account, _account_sheet(account), [], [], [])
        since = _second_stage(account)
        quality = 0.99 if rep(account.tenures[0].rep).filled > 0.7 else 0.86
        if since and rng.random() < quality:
            count = rng.choice((1, 1, 2, 2, 3))
            dossier.contacts = [
                _contact(rng, account, since + timedelta(days=12 * number - 10), number)
                for number in range(1, count + 1)
            ]
        champion = _champion(rng, account, since) if since and rng.random() < quality - 0.06 else None
        dossier.champions = [champion] if champion else []
        if since and rng.random() < quality - 0.05:
            dossier.competitors = [_competitor(rng, account, since) for _ in range(rng.choice((1, 1, 2)))]
        made.append(dossier)
    return made


def status(account: Account, day: date) -> str:
    """Give the status of an account as its file states it on a day."""
    sold = [one for one in account.days if one <= day]
    if account.declared and account.declared <= day and (not sold or sold[-1] <= account.declared):
        return "流失"
    if sold:
        return "已成交"
    ended = [stage for stage in account.stages if stage.entered <= day]
    if ended and ended[-1].outcome == "终止" and ended[-1].left and ended[-1].left <= day:
        return "终止"
    return "开发中"


def _opportunity(last: Stage) -> str:
    return "否" if last.number == 1 and last.outcome == "终止" else "是"


def account_row(dossier: Dossier, day: date) -> Row:
    """Give the account file of a dossier as exported on a day."""
    account, state = dossier.account, status(dossier.account, day)
    sold = [one for one in account.days if one <= day]
    decided = [stage for stage in account.stages if stage.left and stage.left <= day]
    ended = account.stages[-1].left if state == "终止" else account.declared
    why = account.stages[-1].reason if state == "终止" else account.reason
    gone = state in ("终止", "流失")
    return (
        whose(account, day)
        | dossier.file.row(day)
        | {
            "industry": account.industry,
            "region": account.region,
            "account_class": account.class_on(day),
            "is_key_account": "是" if account.class_on(day) != "C" else "否",
            "opportunity_exists": _opportunity(decided[-1]) if decided else None,
            "developed_by": None if account.old else account.tenures[0].rep,
            "deal_status": "多次成交" if len(sold) > 1 else "已成交" if sold else "未成交",
            "status": state,
            "terminated_at": ended if gone else None,
            "terminate_reason": why if gone else None,
            "created_at": account.created,
            "first_deal_date": sold[0] if sold and not account.old else None,
            "last_deal_date": sold[-1] if sold else None,
            "dept": rep(account.owner(day)).dept,
        }
    )
