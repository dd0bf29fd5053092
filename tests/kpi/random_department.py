"""Small random departments: hand-overs, returns, win-backs, zero plans, half-open dates, leap days, fiscal offsets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, TypeVar

from kpi.parameters import parameters
from tests.builder import Batch

FIRST, LAST = date(2024, 1, 1), date(2025, 7, 15)
EDGES = [
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2024, 4, 1),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date(2025, 3, 31),
    date(2025, 4, 1),
]
DEPARTMENTS, REPS, ACCOUNTS = 3, 2, 6
SOME = {
    "key_classes": ("A", "A,B", "A,B,C"),
    "key_sales": ("500", "1000", "2500.5"),
    "ramp": ("100", "0,50", "10,20,30,40,50"),
    "attribution_share_days": ("10", "90"),
    "attribution_splits": ("40,30,20,10", "100", "50,0"),
    "complete_from": ("50", "100"),
    "stale_days": ("30", "200"),
    "file_grace_days": ("0", "60"),
    "field_due_days": ("0", "90"),
    "churn_flat_days": ("30", "90", "200"),
    "churn_few_gaps_days": ("60", "365"),
    "churn_gaps_needed": ("1", "5"),
    "churn_min_days": ("60", "120"),
    "churn_max_days": ("130", "400"),
    "upgrade_days": ("0", "100"),
    "return_days": ("0", "90"),
    "winback_as_new_after": ("0", "92", "150"),
}

Row = dict[str, Any]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Case:
    """A department's loads and the settings to read them by."""

    batches: tuple[Batch, ...]
    parameters: dict[str, str]


@dataclass(frozen=True)
class Dice:
    """Draws what a department is made of."""

    random: Random

    def one(self, *values: Value) -> Value:
        """Draw one of some values."""
        return self.random.choice(values)

    def chance(self, percent: int) -> bool:
        """Draw yes or no."""
        return self.random.randrange(100) < percent

    def day(self, first: date = FIRST, last: date = LAST) -> date:
        """Draw any day, edges of months and quarters often."""
        edges = [edge for edge in EDGES if first <= edge <= last]
        if edges and self.chance(30):
            return self.one(*edges)
        return first + timedelta(self.random.randint(0, (last - first).days))

    def day_or_none(self, percent: int, first: date = FIRST) -> date | None:
        """Draw a day or, mostly, none."""
        return self.day(first) if self.chance(percent) else None


def _reps(dice: Dice, dept: str) -> list[Row]:
    return [
        {
            "rep_id": f"{dept}R{number}",
            "rep_name": f"专员{dept}{number}",
            "dept": dept,
            "hired_at": dice.day_or_none(40, date(2023, 11, 1)),
            "left_at": dice.day_or_none(25, date(2024, 8, 1)),
        }
        for number in range(REPS)
    ]


def _account(dice: Dice, name: str, reps: list[str]) -> Row:
    texts = (None, "无", "测试", "轴承与电机", "食品机械")
    lost = dice.chance(25)
    return {
        "account_id": name,
        "account_name": f"{name}制造厂",
        "rep_id": dice.one(*reps),
        "account_class": dice.one("A", "A", "B", "C", None),
        "is_key_account": dice.one("是", "否", None),
        "status": "流失" if lost else dice.one("开发中", "已成交", "已成交", "终止"),
        "terminated_at": dice.day_or_none(60) if lost else None,
        "created_at": dice.day_or_none(70, date(2023, 11, 1)),
        "updated_at": None,
        "expected_cycle_days": dice.one(None, None, None, 45, 100),
        "developed_by": dice.one(None, None, *reps),
        "parent_account": dice.one(None, None, f"{reps[0][:2]}A0", f"{reps[0][:2]}A1制造厂", "没有档案的集团"),
        "industry": dice.one(*texts),
        "main_products": dice.one(*texts),
        "client_head_background": dice.one(*texts),
    }


def _stated(dice: Dice, account: Row, before: date, exported_on: date) -> Row:
    """Give an account as an export states it: changed on some day since the export before, or some time earlier."""
    return {**account, "updated_at": dice.day(before, exported_on) if dice.chance(60) else None}


def _changed(dice: Dice, account: Row) -> Row:
    """Draw what a later export says of the same account."""
    later = _account(dice, account["account_id"], [account["rep_id"]])
    return {name: account[name] if name == "created_at" or dice.chance(70) else later[name] for name in account}


def _orders(dice: Dice, account: str, reps: list[str]) -> list[Row]:
    orders: list[Row] = []
    for number in range(dice.random.randint(0, 8)):
        kind = dice.one("正式", "正式", "正式", "正式", "试单", "退货", "赠送", None)
        sold = [row for row in orders if row["order_type"] != "退货" and row["amount"] not in {"0", "-80"}]
        original = dice.one(*sold) if sold and kind == "退货" and dice.chance(60) else None
        moment = original["order_date"] + timedelta(dice.random.randint(0, 40)) if original else dice.day()
        orders.append(
            {
                "order_no": f"{account}-{number}",
                "account_id": account,
                "rep_id": dice.one(None, *reps),
                "order_date": moment,
                "order_type": kind,
                "amount": original["amount"] if original else dice.one("100", "250.5", "1000", "1000", "-80", "0"),
                "status": dice.one("有效", "有效", "有效", "有效", None, "已取消"),
                "orig_order_no": original["order_no"] if original else None,
                "qty": dice.one(None, "1", "12.5"),
                "shipped_at": moment + timedelta(dice.random.randint(0, 120)) if dice.chance(60) else None,
                "invoiced_at": moment + timedelta(dice.random.randint(0, 120)) if dice.chance(60) else None,
            }
        )
    return orders


def _handovers(dice: Dice, account: str, reps: list[str]) -> list[Row]:
    begun = sorted({dice.day() for _ in range(dice.random.randint(0, 3))})
    return [
        {
            "account_id": account,
            "rep_id": dice.one(*reps),
            "previous_rep": dice.one(None, *reps),
            "from_date": moment,
            "to_date": dice.day_or_none(20, moment),
        }
        for moment in begun
    ]


def _month(number: int) -> date:
    return date(2024 + (number - 1) // 12, (number - 1) % 12 + 1, 1)


def _plan(dice: Dice) -> Row:
    months = dice.one(1, 1, 3, 3, 3, 6, 12)
    number = dice.random.randint(0, 17) // months * months + 1
    first, end = _month(number), _month(number + months)
    return {
        "period_start": first + timedelta(10) if dice.chance(4) else first,
        "period_end": end if dice.chance(50) else end - timedelta(1),
        "plan_value": dice.one("0", "300", "1000", "999.99"),
        "version": dice.one(None, None, 1, 2),
        "approved_at": dice.day_or_none(50),
        "prorated": dice.one(None, None, "是", "否"),
    }


def _plans(dice: Dice, rep: str) -> list[Row]:
    """Draw plan lines of a rep, one row for each line, version and kind."""
    kinds = (None, None, "销售额", "销量", "回款", "新客户数")
    rows = [{"rep_id": rep, **_plan(dice), "metric": dice.one(*kinds)} for _ in range(dice.random.randint(0, 6))]
    key = ("period_start", "period_end", "version", "metric")
    return list({tuple(row[name] for name in key): row for row in rows}.values())


def _payments(dice: Dice, account: str, reps: list[str]) -> list[Row]:
    return [
        {
            "payment_no": f"{account}-P{number}",
            "account_id": account,
            "rep_id": dice.one(None, *reps),
            "paid_at": dice.day_or_none(90),
            "amount": dice.one("100", "300.25", "-40"),
        }
        for number in range(dice.random.randint(0, 4))
    ]


def _contracts(dice: Dice, account: str, reps: list[str]) -> list[Row]:
    return [
        {
            "contract_no": f"{account}-H{number}",
            "account_id": account,
            "rep_id": dice.one(None, *reps),
            "signed_at": dice.day(),
            "amount": dice.one("500", "2000"),
            "status": dice.one("生效", "完成", "草稿", "作废", None),
        }
        for number in range(dice.random.randint(0, 2))
    ]


def _plans_above(dice: Dice, dept: str, accounts: list[str], reps: list[str]) -> list[Row]:
    """Draw plans of accounts, of the department and, now and then, of the company."""
    rows = [
        {**_plan(dice), "rep_id": dice.one(None, None, *reps), "account_id": account, "version": None}
        for account in accounts
        if dice.chance(20)
    ]
    if dice.chance(50):
        whole = {"rep_id": None, "dept": dept if dice.chance(70) else None, "version": None}
        rows += [{**_plan(dice), **whole} for _ in range(3)]
    regular = [{**row, "period_start": row["period_start"].replace(day=1)} for row in rows]
    keys = ("rep_id", "account_id", "dept", "period_start", "period_end")
    return list({tuple(row.get(key) for key in keys): row for row in regular}.values())


def _stages(dice: Dice, account: str) -> list[Row]:
    numbers = sorted(dice.random.sample(range(1, 6), dice.random.randint(0, 3)))
    begun = sorted(dice.day() for _ in numbers)
    return [
        {"account_id": account, "model": "a", "stage_no": number, "entered_at": moment}
        for number, moment in zip(numbers, begun, strict=True)
    ]


def build(seed: int) -> Case:
    """Draw a store of several departments, exported twice; the seed tells which."""
    dice = Dice(Random(seed))  # noqa: S311 - test data, no secret
    tables: dict[str, list[Row]] = {
        name: []
        for name in ("rep", "account", "rep_assignment", "orders", "sales_plan", "stage_history", "payment", "contract")
    }
    for dept in (f"D{number}" for number in range(DEPARTMENTS)):
        people = _reps(dice, dept)
        reps = [row["rep_id"] for row in people]
        tables["rep"] += people
        for name in (f"{dept}A{number}" for number in range(ACCOUNTS)):
            tables["account"].append(_account(dice, name, reps))
            tables["orders"] += _orders(dice, name, reps)
            tables["rep_assignment"] += _handovers(dice, name, reps) if dice.chance(60) else []
            # A contract ends the development; the stages of such accounts are the funnel's matter.
            if dice.chance(50):
                tables["stage_history"] += _stages(dice, name)
            else:
                tables["contract"] += _contracts(dice, name, reps)
            tables["payment"] += _payments(dice, name, reps)
        for rep in reps:
            tables["sales_plan"] += _plans(dice, rep) if dice.chance(75) else []
        accounts = [row["account_id"] for row in tables["account"] if row["account_id"].startswith(dept)]
        tables["sales_plan"] += _plans_above(dice, dept, accounts, reps)
    first, last = dice.day(date(2024, 6, 1), date(2024, 12, 31)), dice.day(date(2025, 1, 2))
    earlier = {
        "account": [_stated(dice, row, FIRST, first) for row in tables["account"]],
        "orders": [row for row in tables["orders"] if row["order_date"] <= first],
        "sales_plan": [{**row, "plan_value": "700"} for row in tables["sales_plan"] if dice.chance(50)],
    }
    later = {**tables, "account": [_stated(dice, _changed(dice, row), first, last) for row in tables["account"]]}
    batches = (_batch(earlier, first), _batch(later, dice.one(last, last, None), erases=dice.chance(50)))
    fiscal = {
        "fiscal_year_start_month": dice.one("1", "1", "2", "4"),
        "fiscal_label": dice.one("start", "end"),
    }
    return Case(batches, fiscal)


def settings(seed: int) -> dict[str, str]:
    """Draw other settings of the definitions: some of them, each to anything it may be."""
    dice = Dice(Random(seed))  # noqa: S311 - test data, no secret
    fixed = {"fiscal_year_start_month", "fiscal_label"}
    return {
        name: dice.one(*(SOME.get(name) or tuple(parameter.choices)))
        for name, parameter in parameters().items()
        if name not in fixed and (name in SOME or parameter.choices) and dice.chance(60)
    }


def _batch(tables: dict[str, list[Row]], exported_on: date | None, *, erases: bool = False) -> Batch:
    return Batch({entity: rows for entity, rows in tables.items() if rows}, exported_on, blank_erases=erases)
