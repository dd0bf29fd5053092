"""Orders of the sample department: lines, trial orders, returns, gifts, cancellations, corrections."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from data.sample.accounts import Account
from data.sample.events import Event, Row, whose
from data.sample.story import FIRST_DAY, LAST_DAY, STORY
from data.sample.words import WORDS, later, stream

SEASON = (0.88, 0.72, 1.0, 1.0, 1.02, 0.98, 0.95, 0.96, 1.12, 1.03, 1.12, 1.2)
GROWTH_A_YEAR = 0.07
PRODUCTS = tuple(zip(WORDS["products"], map(Decimal, WORDS["unit_prices"]), strict=True))


@dataclass
class Line:
    """One order line; money is exact: amount = quantity × price."""

    product: str
    quantity: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        """The amount in yuan."""
        return self.quantity * self.price


@dataclass
class Order:
    """One order; a return names its original in `of`."""

    account: Account
    day: date
    kind: str
    lines: list[Line]
    status: str = "完成"
    of: Order | None = None
    number: str = ""
    contract: str = ""
    corrected: dict[int, Line] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """The signed total in yuan."""
        return sum((line.amount for line in self.lines), Decimal(0))


def _lines(rng: random.Random, target: float, most: int) -> list[Line]:
    count = min(most, rng.choice((1, 1, 2, 2, 2, 3, 3, 4)))
    shares = [rng.uniform(0.5, 1.5) for _ in range(count)]
    chosen = rng.sample(PRODUCTS, count)
    lines = []
    for share, (product, price) in zip(shares, chosen, strict=True):
        quantity = int((Decimal(target * share / sum(shares)) / price / 10).quantize(Decimal(1), ROUND_HALF_UP)) * 10
        lines.append(Line(product, max(10, quantity), price))
    return lines


def _target(rng: random.Random, account: Account, day: date) -> float:
    growth = math.pow(1 + GROWTH_A_YEAR, (day - FIRST_DAY).days / 365)
    seasonal = 2.4 if account.id == STORY["seasonal"] else SEASON[day.month - 1]
    low, high = (6_000, 40_000) if account.size < 30_000 else (20_000, 800_000)
    return min(high, max(low, account.size * rng.lognormvariate(0, 0.42) * seasonal * growth))


def _returned(rng: random.Random, order: Order) -> Order:
    line = rng.choice(order.lines)
    back = Line(line.product, -max(1, round(line.quantity * rng.uniform(0.1, 0.5))), line.price)
    return Order(order.account, later(rng, order.day, 8, 40), "退货", [back], of=order)


def _around(rng: random.Random, order: Order) -> list[Order]:
    """Give what follows an order now and then: a return, a gift, a cancelled double entry."""
    draw, extra = rng.random(), []
    if draw < 0.025:
        extra = [_returned(rng, order)]
    elif draw < 0.04:
        extra = [Order(order.account, order.day, "赠送", _lines(rng, 2500, 1))]
    elif draw < 0.06:
        extra = [Order(order.account, order.day, "正式", _lines(rng, float(order.total), 2), status="取消")]
    return [one for one in extra if one.day <= LAST_DAY]


def _trials(rng: random.Random, account: Account) -> list[Order]:
    if account.id == STORY["trial_only"]:
        return [Order(account, date(2026, 9, 21), "试单", _lines(rng, 9000, 1))]
    if account.old or not account.days or rng.random() > 0.6:
        return []
    day = later(rng, account.days[0] - timedelta(days=38), 0, 20)
    return [Order(account, day, "试单", _lines(rng, rng.uniform(4000, 18000), 2))] if day < account.days[0] else []


def _orders(account: Account) -> list[Order]:
    rng = stream("orders", account.id)
    made = _trials(rng, account)
    for number, day in enumerate(account.days):
        order = Order(account, day, "正式", _lines(rng, _target(rng, account, day), 4))
        made.append(order)
        if account.id == STORY["returned_first_order"] and not number:
            back = [Line(line.product, -line.quantity, line.price) for line in order.lines]
            made.append(Order(account, day + timedelta(days=17), "退货", back, of=order))
        else:
            made += _around(rng, order)
    return made


def _number(orders: list[Order]) -> None:
    orders.sort(key=lambda order: (order.day, order.account.id, order.kind, order.status))
    counts: dict[date, int] = {}
    for order in orders:
        counts[order.day] = counts.get(order.day, 0) + 1
        prefix = "TH" if order.kind == "退货" else "SO"
        order.number = f"{prefix}{order.day:%Y%m%d}{counts[order.day]:03d}"


def _correct(orders: list[Order]) -> None:
    rng = stream("corrections")
    for order in orders:
        if order.kind == "正式" and order.status == "完成" and order.day < date(2026, 6, 1) and rng.random() < 0.016:
            index = rng.randrange(len(order.lines))
            line = order.lines[index]
            order.corrected[index] = line
            order.lines[index] = Line(
                line.product,
                line.quantity + rng.choice((-20, -10, 10, 20, 50)) if line.quantity > 30 else line.quantity + 10,
                line.price,
            )


def orders(accounts: list[Account]) -> list[Order]:
    """All orders by day, numbered; lines hold the final truth, `corrected` what was first exported."""
    made = [order for account in accounts for order in _orders(account)]
    _number(made)
    _correct(made)
    return made


def _row(order: Order, index: int, line: Line) -> Row:
    rng = stream("dates", order.number)
    shipped = later(rng, order.day, 2, 9)
    invoiced = later(rng, shipped, 1, 12)
    done = order.kind in ("正式", "试单") and order.status != "取消"
    return whose(order.account, order.of.day if order.of and rng.random() < 0.5 else order.day) | {
        "order_no": order.number,
        "line_no": str(index + 1),
        "orig_order_no": order.of.number if order.of else "",
        "contract_no": order.contract,
        "order_date": order.day,
        "order_type": order.kind,
        "product": line.product,
        "qty": line.quantity,
        "unit_price": line.price,
        "amount": line.amount,
        "status": order.status if order.day < date(2026, 9, 10) or order.status == "取消" else "有效",
        "region": order.account.region,
        "shipped_at": shipped if done and shipped <= LAST_DAY else None,
        "invoiced_at": invoiced if done and invoiced <= LAST_DAY else None,
    }


def events(orders: list[Order]) -> list[Event]:
    """One event per line, and one more for each line that was corrected in the following quarter."""
    made = []
    for order in orders:
        for index, line in enumerate(order.lines):
            key = (order.number, str(index + 1))
            made.append(Event(order.day, key, _row(order, index, order.corrected.get(index, line))))
            if index in order.corrected:
                made.append(Event(order.day + timedelta(days=92), key, _row(order, index, line)))
    return made
