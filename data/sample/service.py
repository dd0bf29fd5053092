"""Stage rows, samples, assessments, complaints, surveys and requisitions of the sample department."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from data.sample.accounts import Account, Stage
from data.sample.events import Event, Row, whose
from data.sample.orders import Order
from data.sample.people import NAMES, REPS
from data.sample.quarters import QUARTERS, Quarter
from data.sample.story import CLERKS, LAST_DAY
from data.sample.words import WORDS, later, pick, stream, workday

STAGES = ("", "确定开发对象", "样品资料提供/信息收集", "价值评估/开发程序", "关系建立", "促成成交")
EVIDENCE = {"推进": "拜访记录", "成交": "合同", "终止": "终止申请单", "回退": "会议纪要", "进行中": ""}


def _stage_row(account: Account, stage: Stage, outcome: str) -> Row:
    closed = outcome != "进行中"
    return whose(account, stage.entered) | {
        "cycle_no": stage.cycle,
        "model": "a",
        "stage_no": stage.number,
        "stage": STAGES[stage.number],
        "entered_at": stage.entered,
        "exited_at": stage.left if closed else None,
        "outcome": outcome,
        "loss_reason": stage.reason if closed else "",
        "evidence_type": EVIDENCE[outcome],
        "recorded_at": workday(((stage.left if closed else None) or stage.entered) + timedelta(days=1)),
        "recorded_by": NAMES[account.owner(stage.entered)],
    }


def stages(accounts: list[Account]) -> list[Event]:
    """One event when a stage is entered, one when it is left."""
    made = []
    for account in accounts:
        for stage in account.stages:
            key = (account.id, str(stage.cycle), str(stage.number), str(stage.entered))
            made.append(Event(stage.entered, key, _stage_row(account, stage, "进行中")))
            if stage.left:
                made.append(Event(stage.left, key, _stage_row(account, stage, stage.outcome)))
    return made


def samples(accounts: list[Account]) -> list[Event]:
    """One or two samples sent in stage two."""
    made = []
    for account in accounts:
        for stage in account.stages:
            rng = stream("sample", account.id, stage.entered)
            for number in range(rng.choice((1, 1, 2)) if stage.number == 2 else 0):
                requested = later(rng, stage.entered, 2, 10)
                sent = later(rng, requested, 2, 6)
                received = later(rng, sent, 1, 5)
                key = (f"YP{account.id[2:]}{stage.cycle}{number + 1}",)
                row = whose(account, requested) | {
                    "sample_id": key[0],
                    "product": pick(rng, "products"),
                    "requested_at": requested,
                    "sent_at": sent,
                    "received_at": received,
                    "qty": rng.choice((5, 10, 20, 50)),
                    "unit_cost": rng.choice((3, 8, 15, 42)),
                    "result": "不合格"
                    if stage.reason.startswith("样品")
                    else rng.choice(("合格", "合格", "合格", "待定")),
                }
                if received <= LAST_DAY:
                    made.append(Event(received, key, row))
    return made


def assessments(accounts: list[Account]) -> list[Event]:
    """One assessment of expected value and cost in stage three, now and then incomplete."""
    made = []
    for account in accounts:
        for stage in account.stages:
            rng = stream("assessment", account.id, stage.entered)
            day = stage.left
            if stage.number != 3 or day is None or rng.random() < 0.07:
                continue
            whole = stage.outcome == "推进"
            amount = round(account.size * rng.uniform(4, 9) / 1000) * 1000
            row = whose(account, day) | {
                "assessed_at": day,
                "assessed_by": NAMES[account.owner(day)],
                "deal_likelihood": f"{rng.randrange(20, 95, 5)}%",
                "obstacles": pick(rng, "obstacles") if whole else "",
                "expected_cost": rng.randint(4, 40) * 1000 if rng.random() < 0.92 else None,
                "expected_amount": amount,
                "expected_close": later(rng, day, 40, 140),
                "dev_program": pick(rng, "strategies"),
            }
            made.append(Event(day, (account.id, str(day)), row))
    return made


def complaints(orders: list[Order]) -> list[Event]:
    """About one order in forty leads to a complaint; most are closed within three weeks."""
    made: list[Event] = []
    for order in orders:
        rng = stream("complaint", order.number)
        opened = later(rng, order.day, 5, 30)
        if order.kind != "正式" or rng.random() > 0.026 or opened > LAST_DAY:
            continue
        key = (f"TS{opened:%Y%m%d}{len(made) % 100:02d}",)
        kind = pick(rng, "complaint_types")
        row = whose(order.account, opened) | {
            "complaint_no": key[0],
            "order_no": order.number,
            "opened_at": datetime.combine(opened, time(rng.randint(8, 17), 20)),
            "type": kind,
            "severity": rng.choice(("2", "3", "3", "4")),
            "responsible_dept": {"质量": "品质部", "交期": "物流部"}.get(kind, "客服部"),
            "first_response_at": datetime.combine(opened, time(18)) + timedelta(hours=rng.choice((0, 15, 20, 40))),
        }
        made.append(Event(opened, key, row))
        closed = later(rng, opened, 3, 24)
        if rng.random() < 0.92 and closed <= LAST_DAY:
            solved = {
                "closed_at": datetime.combine(closed, time(16)),
                "solution": pick(rng, "solutions"),
                "customer_accepted": rng.choice("是是是否"),
            }
            made.append(Event(closed, key, row | solved))
    return made


def _buying(account: Account, item: Quarter) -> bool:
    """Tell whether an account bought in the four months before a quarter, and will again."""
    before = [day for day in account.days if day < item.start]
    return bool(before) and (item.start - before[-1]).days < 120 and account.days[-1] > item.start


def surveys(accounts: list[Account]) -> list[Event]:
    """Survey about a quarter of the customers every quarter."""
    made = []
    for item in QUARTERS:
        rng = stream("survey", item.label)
        asked = [one for one in accounts if _buying(one, item)]
        for account in sorted(rng.sample(asked, len(asked) // 4), key=lambda one: one.id):
            day = later(rng, item.start, 20, 80)
            key = (f"DC{item.label}{account.id[2:]}",)
            score = min(10, max(3, round(rng.gauss(8.2, 1.2))))
            row = whose(account, day) | {
                "survey_id": key[0],
                "surveyed_at": day,
                "by": NAMES[rng.choice(CLERKS)],
                "score": score,
                "scale": 10,
                "comments": pick(rng, "survey_comments") if rng.random() < 0.5 else "",
            }
            made.append(Event(day, key, row))
    return made


def _drawn(item: Quarter, rep_id: str, number: int, thing: dict[str, Any]) -> Event:
    rng = stream("requisition", item.label, rep_id, number)
    day = later(rng, item.start, 2, 80)
    key = (f"LY{item.label}{rep_id[1:]}{number}",)
    row = {
        "ledger_no": key[0],
        "person_account": f"{rep_id}-{NAMES[rep_id]}",
        "rep_id": rep_id,
        "rep_name": NAMES[rep_id],
        "item": thing["item"],
        "category": thing["category"],
        "spec": thing["spec"],
        "unit": thing["unit"],
        "qty": 1 if thing["price"] > 100 else rng.randint(1, 12),
        "unit_price": thing["price"],
        "clerk_drawn_at": day - timedelta(days=rng.randint(1, 9)),
        "issued_at": day,
        "issued_by": NAMES[rng.choice(CLERKS)],
        "purpose": rng.choice(("客户拜访", "展会", "日常办公", "新品推广")),
    }
    return Event(day, key, row)


def requisitions() -> list[Event]:
    """Give what the reps drew from the clerks."""
    made = []
    for item in QUARTERS:
        rng = stream("drawn", item.label)
        for rep in REPS:
            there = rep.hired < item.start and (rep.left is None or rep.left >= item.end)
            made += [
                _drawn(item, rep.id, number, rng.choice(WORDS["requisition_items"]))
                for number in range(rng.randint(1, 4) if there else 0)
            ]
    return made
