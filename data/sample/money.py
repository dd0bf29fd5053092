"""Contracts and payments of the sample department, and its sales plans."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from data.sample.accounts import Account
from data.sample.events import Event, Row, whose
from data.sample.orders import SEASON, Order
from data.sample.people import REPS, Person
from data.sample.quarters import QUARTERS, Quarter, months
from data.sample.story import LAST_DAY, STORY
from data.sample.words import later, person, stream, workday

METHODS = ("转账", "转账", "转账", "承兑", "支票")
TERMS = (30, 45, 60, 60, 90)
RAMP = (0.0, 0.3, 0.6)
UNIT = 10_000


def _contract(rng: random.Random, account: Account, signed: date, number: str, yearly: Decimal) -> Row:
    start = workday(signed + timedelta(days=1))
    archived = later(rng, signed, 3, 25)
    return whose(account, signed) | {
        "contract_no": number,
        "contract_name": f"{account.short}{signed.year}年度包装材料供货框架协议",
        "type": "框架",
        "signed_at": signed,
        "start_at": start,
        "end_at": date(signed.year, 12, 31),
        "amount": (yearly / UNIT).quantize(Decimal(1)) * UNIT,
        "status": "完成" if signed.year < LAST_DAY.year else "生效",
        "client_signer": person(rng),
        "archived_at": archived if rng.random() < 0.9 and archived <= LAST_DAY else None,
    }


def contracts(orders: list[Order]) -> list[Event]:
    """One framework contract per account and year of orders; the orders of that year then name it."""
    groups: dict[tuple[int, str], list[Order]] = {}
    for order in orders:
        if order.kind == "正式" and order.status != "取消":
            groups.setdefault((order.day.year, order.account.id), []).append(order)
    made = []
    for number, ((year, key), group) in enumerate(sorted(groups.items()), 1):
        rng = stream("contract", year, key)
        known = f"HT{year}-{number:04d}"
        first = group[0]
        fresh = not first.account.old and first.account.days[0].year == year
        signed = (
            first.day - timedelta(days=rng.randint(0, 4))
            if fresh
            else min(later(rng, date(year, 1, 3), 0, 24), first.day)
        )
        for order in group:
            order.contract = known
        total = sum((order.total for order in group), Decimal(0))
        made.append(Event(signed, (known,), _contract(rng, group[0].account, signed, known, total)))
    return made


def _payment(order: Order, number: int) -> list[Event]:
    rng = stream("payment", order.number)
    due = order.day + timedelta(days=stream("terms", order.account.id).choice(TERMS))
    slow = 2.2 if order.account.owner(order.day) == STORY["junk_files"] else 1.0
    draw = rng.random()
    paid = due + timedelta(days=rng.randint(25, 70) if draw < 0.06 * slow else rng.randint(-9, 8))
    paid = workday(max(paid, order.day + timedelta(days=3)))
    unpaid = draw > 0.985 and order.day > date(2025, 6, 1)
    key = (f"HK{order.day:%Y}{number:05d}",)
    row = whose(order.account, order.day) | {
        "payment_no": key[0],
        "contract_no": order.contract,
        "order_no": order.number,
        "due_at": due,
        "due_amount": order.total,
        "period_no": 1,
        "paid_at": None,
        "amount": None,
        "method": "",
    }
    events = [Event(order.day, key, row)]
    if not unpaid and paid <= LAST_DAY:
        events.append(Event(paid, key, row | {"paid_at": paid, "amount": order.total, "method": rng.choice(METHODS)}))
    return events


def payments(orders: list[Order]) -> list[Event]:
    """Give a receivable for every order, and its payment when it came."""
    owed = [order for order in orders if order.kind == "正式" and order.status != "取消"]
    return [event for number, order in enumerate(owed, 1) for event in _payment(order, number)]


def sales(orders: list[Order]) -> dict[tuple[str, int, int], Decimal]:
    """Net sales in yuan by (rep, year, month), as the plan makers saw them."""
    made: dict[tuple[str, int, int], Decimal] = {}
    for order in orders:
        if order.status != "取消" and order.kind != "赠送":
            rep = (order.of or order).account.owner((order.of or order).day)
            key = (rep, order.day.year, order.day.month)
            made[key] = made.get(key, Decimal(0)) + order.total
    return made


@dataclass(frozen=True)
class Plan:
    """The plan of one rep for one month, in 万元."""

    rep: str
    year: int
    month: int
    value: int


def _share(rep: Person, year: int, month: int) -> float:
    """Give the part of a month's plan that counts: days in post, and the ramp of a new person."""
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    start, end = max(first, rep.hired), min(following, rep.left + timedelta(days=1) if rep.left else following)
    served = (year - rep.hired.year) * 12 + month - rep.hired.month
    ramp = RAMP[served] if 0 <= served < len(RAMP) else 1.0
    return max(0, (end - start).days) / (following - first).days * ramp


def _quarter_plan(rep: Person, item: Quarter, sold: dict[str, float]) -> list[Plan]:
    """Plan a quarter from the rep's trend so that attainment falls where the rep usually is."""
    rng = stream("plan", rep.id, item.label)
    index = QUARTERS.index(item)
    around = (*QUARTERS[max(0, index - 1) : index + 2], item)
    near = [
        sold[one.label] / sum(SEASON[month - 1] for _, month in months(one)) for one in around if sold[one.label] > 0
    ]
    season = [SEASON[month - 1] for _, month in months(item)]
    shares = [_share(rep, year, month) for year, month in months(item)]
    trend = sum(near) / len(near) if near else 0.0
    usual = trend / rep.attainment * rng.uniform(0.94, 1.06)
    counted = sum(weight * share for weight, share in zip(season, shares, strict=True))
    if counted and sold[item.label] > 0:
        usual = min(max(usual, sold[item.label] / 1.28 / counted), sold[item.label] / 0.63 / counted)
    values = [max(5, round(usual * weight / UNIT)) for weight in season]
    return [Plan(rep.id, year, month, value) for (year, month), value in zip(months(item), values, strict=True)]


def plans(orders: list[Order]) -> list[Plan]:
    """Give the monthly plans of all reps for the quarters in which they are in post."""
    by_month = sales(orders)
    made = []
    for rep in REPS:
        sold = {
            item.label: float(sum(by_month.get((rep.id, *month), Decimal(0)) for month in months(item)))
            for item in QUARTERS
        }
        for item in QUARTERS:
            if rep.hired < item.end and (rep.left is None or rep.left >= item.start):
                made += _quarter_plan(rep, item, sold)
    return made
