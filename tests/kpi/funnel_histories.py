"""Random histories of accounts as rows of a store, and beside them what they say, for the simulator."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from tests.kpi.funnel_simulator import MODELS, ORDERS, SILENCE, START, TODAY, Subject


def random_day(rng: random.Random) -> date:
    return START + timedelta(days=rng.randrange(270))


def random_store(seed: int, accounts: int = 25) -> tuple[dict[str, list[dict[str, Any]]], list[Subject]]:
    """Make random tables of a store and, beside them, what they say about each account."""
    rng = random.Random(seed)  # noqa: S311 - made-up histories, no secrets
    tables: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in ("account", "visit", "call", "value_assessment", "sale", "spell", "complaint", "stage_history")
    }
    subjects = []
    for number in range(accounts):
        subject = Subject(f"K{number:02}")
        _account(rng, tables, subject)
        _contacts(rng, tables, subject)
        _orders(rng, tables, subject)
        _declared(rng, tables, subject)
        subjects.append(subject)
    return tables, subjects


def _account(rng: random.Random, tables: dict[str, list[dict[str, Any]]], subject: Subject) -> None:
    row: dict[str, Any] = {"account_id": subject.account, "account_name": subject.account}
    if rng.random() < 0.8:
        row["created_at"] = random_day(rng)
        subject.facts.append((row["created_at"], "M01"))
    if rng.random() < 0.15:
        row |= {"opportunity_exists": False, "terminated_at": random_day(rng)}
        subject.ends.append((row["terminated_at"], "before_win"))
    tables["account"].append(row)
    for _ in range(rng.randrange(2)):
        day = random_day(rng)
        tables["value_assessment"].append({
            "account_id": subject.account, "assessed_at": day, "deal_likelihood": "高", "obstacles": "无",
            "expected_cost": 1, "dev_program": "高层",
        })  # fmt: skip
        subject.facts.append((day, "M08"))


def _contacts(rng: random.Random, tables: dict[str, list[dict[str, Any]]], subject: Subject) -> None:
    for _ in range(rng.randrange(5)):
        day = random_day(rng)
        purpose = rng.choice(["", "报价", "商务谈判"])
        tables["visit"].append(
            {"account_id": subject.account, "visit_at": day, "visit_type": "上门", "status": "完成", "purpose": purpose}
        )
        codes = ["M04", *(["M09"] if purpose else []), *(["M09b"] if purpose == "商务谈判" else [])]
        subject.facts += [(day, code) for code in codes]
        subject.contacts.append(day)
    for _ in range(rng.randrange(3)):
        day = random_day(rng)
        tables["call"].append({"account_id": subject.account, "call_at": day, "connected": True, "purpose": "预约"})
        subject.facts.append((day, "M03"))
        subject.contacts.append(day)


def _orders(rng: random.Random, tables: dict[str, list[dict[str, Any]]], subject: Subject) -> None:
    days = sorted({random_day(rng) for _ in range(rng.choice([0, 0, 1, 3, 6]))})
    for day, after in zip(days, [*days[1:], *([None] if days else [])], strict=True):
        kind = rng.choice(list(ORDERS))
        tables["sale"].append({
            "sale_key": f"{subject.account}-{day}", "account_id": subject.account, "day": day, "amount": 1,
            "order_type": kind, "counts": True,
        })  # fmt: skip
        subject.facts.append((day, ORDERS[kind]))
        silent = day + timedelta(days=SILENCE)
        over = silent if after is None else min(silent, after)
        tables["spell"].append({"account_id": subject.account, "day": day, "next_day": after, "active_to": over})
        if (after is None or over < after) and over <= TODAY:
            subject.ends.append((over, "after_win"))
    for number in range(rng.randrange(3) if days else 0):
        opened = random_day(rng)
        closed = opened + timedelta(days=rng.randrange(40)) if rng.random() < 0.7 else None
        known = closed if closed and closed <= TODAY else None
        tables["complaint"].append(
            {
                "complaint_no": f"{subject.account}-{number}",
                "account_id": subject.account,
                "opened_at": opened,
                "closed_at": closed,
            }
        )
        subject.complaints.append((opened, known))


def _declared(rng: random.Random, tables: dict[str, list[dict[str, Any]]], subject: Subject) -> None:
    letter = rng.choice(list(MODELS))
    model = MODELS[letter]
    for _ in range(rng.choice([0, 2, 4, 7])):
        stage, day = rng.choice([s for s in model.active if not s.episode]), random_day(rng)
        said = {"stage": rng.choice([stage.zh, stage.en])} if rng.random() < 0.5 else {"stage_no": stage.no}
        tables["stage_history"].append({"account_id": subject.account, "model": letter, "entered_at": day, **said})
        subject.facts.append((day, stage.entry[0]))
        subject.moves.append((day, letter, stage.no))
    for _ in range(rng.choice([0, 0, 1, 2])):
        day = random_day(rng)
        tables["stage_history"].append({"account_id": subject.account, "stage": "终止", "entered_at": day})
        subject.ends.append((day, "any"))
