"""What becomes of an account: its way through the five stages, its orders, its loss, its owners."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from data.sample.accounts import Account, Stage, Tenure
from data.sample.people import rep
from data.sample.quarters import QUARTERS, Quarter, quarter
from data.sample.story import FIRST_DAY, HANDOVER, JOINER_TAKES_OVER, LAST_DAY, STORY
from data.sample.words import later, pick, stream, workday

STAY = {1: (9, 32), 2: (30, 75), 3: (18, 55), 4: (25, 80), 5: (15, 60)}
ENDS = {1: 0.12, 2: 0.12, 3: 0.09, 4: 0.05, 5: 0.06}
LOST = {
    "2024Q2": 3,
    "2024Q3": 4,
    "2024Q4": 5,
    "2025Q1": 6,
    "2025Q2": 4,
    "2025Q3": 5,
    "2025Q4": 7,
    "2026Q1": 5,
    "2026Q2": 4,
    "2026Q3": 6,
}
TRANSFERS = 9


def window(days: list[date]) -> int:
    """Give the churn window in days after the last of `days` (docs/definitions.md, K3)."""
    gaps = [(after - before).days for before, after in pairwise(days)]
    if len(gaps) < 3:
        return 180
    return math.ceil(min(400.0, max(120.0, 2 * median(gaps), 1.2 * max(gaps[-8:]))))


def _step(rng: random.Random, number: int, leak: float, *, regressed: bool) -> tuple[str, int]:
    ends = ENDS[number] * (leak if number in (2, 3) else 1)
    draw = rng.random()
    if draw < ends:
        return "终止", 0
    if number == 4 and not regressed and draw > 0.93:
        return "回退", 3
    if number == 5:
        return "成交", 0
    return "推进", number + (2 if number in (2, 3) and draw > 0.96 else 1)


def _walk(rng: random.Random, account: Account, cycle: int, number: int, entered: date) -> date | None:
    """Walk the stages from `number` on; give the day it was won, if it was by the last day."""
    regressed = False
    leak = rep(account.owner(entered)).leak
    while True:
        left = later(rng, entered, *STAY[number])
        if left > LAST_DAY:
            account.stages.append(Stage(cycle, number, entered, None, "进行中"))
            return None
        outcome, following = _step(rng, number, leak, regressed=regressed)
        reason = pick(rng, "terminate_reasons") if outcome == "终止" else ""
        account.stages.append(Stage(cycle, number, entered, left, outcome, reason))
        if not following:
            return left if outcome == "成交" else None
        regressed = regressed or outcome == "回退"
        number, entered = following, left


def _order_days(rng: random.Random, account: Account, first: date) -> list[date]:
    days, day = [], workday(first)
    while day <= LAST_DAY:
        days.append(day)
        step = min(108, max(6, round(rng.gammavariate(3.2, account.gap / 3.2))))
        day = workday(day + timedelta(days=step))
    return days


def _develop(account: Account) -> None:
    rng = stream("stages", account.id)
    won = _walk(rng, account, 1, 1, account.created)
    ended = account.stages[-1]
    again = account.id in STORY["re_entered"] and ended.outcome == "终止" and ended.left
    if again:
        won = _walk(rng, account, 2, 2, later(rng, ended.left or LAST_DAY, 120, 170))
    if won and account.id == STORY["seasonal"]:
        account.days = [won + timedelta(days=364 * year) for year in range(3)]
    elif won and account.id != STORY["trial_only"]:
        account.days = _order_days(rng, account, won)


def _cut(account: Account, item: Quarter) -> bool:
    """End the orders of an account so that it is lost in a quarter; tell whether that was possible."""
    for count in range(1, len(account.days)):
        kept = account.days[:count]
        churned = kept[-1] + timedelta(days=window(kept))
        if churned in item and kept[-1] < item.start:
            account.days = kept
            return True
    return False


def _declare(rng: random.Random, account: Account, item: Quarter) -> None:
    last = max(account.days[-1], item.start)
    account.declared = later(rng, last, 8, max(9, (item.exported_on - last).days - 4))
    account.reason = pick(rng, "churn_reasons")


def _lose_first(by_id: dict[str, Account]) -> set[str]:
    """Lose the accounts of the story; give all whose fate the story fixes."""
    story = STORY["disguised_churn"]
    fixed = {"KH0000", STORY["seasonal"], STORY["returned_first_order"], *STORY["same_name"], *story["accounts"]}
    for key in ("upgraded", "upgraded_late"):
        fixed.add(STORY[key]["account"])
    for key in story["accounts"]:
        _cut(by_id[key], quarter(story["quarter"]))
    for key in ("win_back", "second_win_back"):
        account = by_id[STORY[key]["account"]]
        fixed.add(account.id)
        _cut(account, quarter(STORY[key]["lost"]))
        account.days += _order_days(stream("back", account.id), account, STORY[key]["back"])
    return fixed


def _lose(accounts: list[Account]) -> None:
    fixed = _lose_first({account.id: account for account in accounts})
    told = {STORY["disguised_churn"]["quarter"]: 3, STORY["win_back"]["lost"]: 1, STORY["second_win_back"]["lost"]: 1}
    for item in QUARTERS:
        rng = stream("lost", item.label)
        left = LOST[item.label] - told.get(item.label, 0)
        candidates = [
            one
            for one in accounts
            if one.days and one.days[0] < item.start and one.id not in fixed and one.class_on(item.start) != "C"
        ]
        rng.shuffle(candidates)
        for account in candidates:
            if left and _loses(rng, account, item):
                fixed.add(account.id)
                left -= 1


def _loses(rng: random.Random, account: Account, item: Quarter) -> bool:
    if item is QUARTERS[0]:
        account.days = [day for day in account.days if day < date(2024, 4, 10)]
        _declare(rng, account, item)
        return True
    lost = _cut(account, item)
    if lost and rng.random() < 0.3:
        _declare(rng, account, item)
    return lost


def _hand_over(accounts: list[Account]) -> None:
    """Write the owner changes: the leaver, the joiner, the disguised losses, and everyday ones."""
    by_id = {account.id: account for account in accounts}
    receivers = STORY["left"]["receivers"]
    joiner, story = STORY["joined"]["rep"], STORY["disguised_churn"]
    for key in story["accounts"]:
        days = by_id[key].days
        _move(by_id[key], story["receiver"], workday(days[-1] + timedelta(days=window(days) - 16)), "内部调整")
    rng = stream("transfers")
    busy = [
        one
        for one in accounts
        if one.days and one.days[-1] > JOINER_TAKES_OVER and len(one.tenures) == 1 and one.id not in STORY["same_name"]
    ]
    there = [one for one in busy if one.region in rep(joiner).regions and one.owner(LAST_DAY) != STORY["junk_files"]]
    for account in rng.sample(there, 9):
        _move(account, joiner, JOINER_TAKES_OVER, "新人接手")
    for account in rng.sample(
        [
            one
            for one in busy
            if len(one.tenures) == 1 and one.owner(HANDOVER) not in (STORY["left"]["rep"], STORY["junk_files"])
        ],
        TRANSFERS,
    ):
        other = rng.choice(
            [key for key in ("R02", "R03", "R04", "R06", "R08", "R10", "R11") if key != account.owner(HANDOVER)]
        )
        _move(account, other, later(rng, max(account.created, date(2024, 5, 6)), 60, 500), "区域调整")
    leaving = [one for one in accounts if one.owner(HANDOVER) == STORY["left"]["rep"]]
    for number, account in enumerate(leaving):
        _move(account, receivers[number % len(receivers)], HANDOVER, "离职交接")


def _move(account: Account, to: str, day: date, reason: str) -> None:
    if day <= LAST_DAY:
        account.tenures.append(Tenure(to, day, account.owner(day), reason))


def live(accounts: list[Account]) -> None:
    """Give every account its stages, order days, loss and owners, in place."""
    for account in accounts:
        rng = stream("days", account.id)
        if account.old:
            account.days = _order_days(rng, account, FIRST_DAY + timedelta(days=rng.randrange(3, 70)))
        else:
            _develop(account)
    _lose(accounts)
    _hand_over(accounts)
