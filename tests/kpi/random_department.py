"""Small random departments: hand-overs, returns, win-backs, zero plans, half-open dates, leap days, fiscal offsets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.builder import Batch

FIRST, LAST = date(2024, 1, 1), date(2025, 7, 15)
EDGES = [
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2024, 4, 1),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date(2025, 3, 31),
]
DEPARTMENTS, REPS, ACCOUNTS = 3, 2, 5

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A department's loads and the settings to read them by."""

    batches: tuple[Batch, ...]
    parameters: dict[str, str]


def days(first: date = FIRST, last: date = LAST) -> st.SearchStrategy[date]:
    """Draw any day, edges of months and quarters often."""
    return st.one_of(st.sampled_from([edge for edge in EDGES if first <= edge <= last]), st.dates(first, last))


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw a value or nothing."""
    return st.one_of(st.none(), values)


def _reps(draw: Any, dept: str) -> list[Row]:
    return [
        {
            "rep_id": f"{dept}R{number}",
            "rep_name": f"专员{dept}{number}",
            "dept": dept,
            "hired_at": draw(maybe(days(date(2023, 11, 1)))),
            "left_at": draw(maybe(days(date(2025, 1, 1)))),
        }
        for number in range(REPS)
    ]


def _account(draw: Any, name: str, reps: list[str]) -> Row:
    text = st.sampled_from([None, "无", "测试", "轴承与电机", "食品机械"])
    return {
        "account_id": name,
        "account_name": f"{name}制造厂",
        "rep_id": draw(st.sampled_from(reps)),
        "account_class": draw(st.sampled_from(["A", "B", "C", None])),
        "is_key_account": draw(st.sampled_from(["是", "否", None])),
        "status": draw(st.sampled_from(["开发中", "已成交", "已成交", "流失", "终止"])),
        "terminated_at": draw(maybe(days())),
        "created_at": draw(maybe(days(date(2023, 11, 1)))),
        "expected_cycle_days": draw(st.sampled_from([None, None, None, 45, 100])),
        "developed_by": draw(st.sampled_from([None, None, *reps])),
        "industry": draw(text),
        "main_products": draw(text),
        "client_head_background": draw(text),
    }


def _changed(draw: Any, account: Row) -> Row:
    """Draw what a later export says of the same account."""
    later = _account(draw, account["account_id"], [account["rep_id"]])
    kept = {name for name in account if draw(st.integers(0, 3))} | {"created_at"}
    return {name: account[name] if name in kept else later[name] for name in account}


def _orders(draw: Any, account: str, reps: list[str]) -> list[Row]:
    orders: list[Row] = []
    for number in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(["正式", "正式", "正式", "正式", "试单", "退货", "赠送", None]))
        original = draw(st.sampled_from(orders)) if orders and kind == "退货" and draw(st.booleans()) else None
        moment = draw(days(original["order_date"], original["order_date"] + timedelta(40)) if original else days())
        orders.append(
            {
                "order_no": f"{account}-{number}",
                "account_id": account,
                "rep_id": draw(st.sampled_from([None, *reps])),
                "order_date": moment,
                "order_type": kind,
                "amount": original["amount"]
                if original
                else draw(st.sampled_from(["100", "250.5", "1000", "-80", "0"])),
                "status": draw(st.sampled_from(["有效", "有效", "有效", None, "已取消"])),
                "orig_order_no": original["order_no"] if original else None,
            }
        )
    return orders


def _handovers(draw: Any, account: str, reps: list[str]) -> list[Row]:
    begun = sorted(draw(st.lists(days(), max_size=3, unique=True)))
    return [
        {
            "account_id": account,
            "rep_id": draw(st.sampled_from(reps)),
            "previous_rep": draw(st.sampled_from([None, *reps])),
            "from_date": moment,
            "to_date": draw(maybe(days(moment))),
        }
        for moment in begun
    ]


def _month(number: int) -> date:
    return date(2024 + (number - 1) // 12, (number - 1) % 12 + 1, 1)


def _plan(draw: Any, rep: str) -> Row:
    months = draw(st.sampled_from([1, 1, 3, 3, 3, 12]))
    first = _month(draw(st.integers(1, 18)) // months * months + 1)
    end = _month((first.year - 2024) * 12 + first.month + months)
    odd = draw(st.integers(0, 11)) == 0
    return {
        "rep_id": rep,
        "period_start": first + timedelta(10) if odd else first,
        "period_end": end if draw(st.booleans()) else end - timedelta(1),
        "plan_value": draw(st.sampled_from(["0", "300", "1000", "999.99"])),
        "version": draw(st.sampled_from([None, None, 1, 2])),
        "approved_at": draw(maybe(days(date(2024, 1, 1)))),
        "prorated": draw(st.sampled_from([None, "是", "否"])),
    }


def _plans(draw: Any, rep: str) -> list[Row]:
    """Draw plan lines of a rep, one row for each line and version."""
    rows = [_plan(draw, rep) for _ in range(draw(st.integers(0, 4)))]
    return list({(row["period_start"], row["period_end"], row["version"]): row for row in rows}.values())


def _stages(draw: Any, account: str) -> list[Row]:
    numbers = sorted(draw(st.lists(st.integers(1, 5), max_size=3, unique=True)))
    begun = sorted(draw(days()) for _ in numbers)
    return [
        {"account_id": account, "model": "a", "stage_no": number, "entered_at": moment}
        for number, moment in zip(numbers, begun, strict=True)
    ]


@st.composite
def cases(draw: Any) -> Case:
    """Draw a store of several departments, exported twice."""
    tables: dict[str, list[Row]] = {"rep": [], "account": [], "rep_assignment": [], "orders": [], "sales_plan": []}
    tables["stage_history"] = []
    for dept in (f"D{number}" for number in range(DEPARTMENTS)):
        people = _reps(draw, dept)
        reps = [row["rep_id"] for row in people]
        tables["rep"] += people
        for number in range(ACCOUNTS):
            account = _account(draw, f"{dept}A{number}", reps)
            tables["account"].append(account)
            tables["orders"] += _orders(draw, account["account_id"], reps)
            tables["rep_assignment"] += _handovers(draw, account["account_id"], reps)
            tables["stage_history"] += _stages(draw, account["account_id"])
        for rep in reps:
            tables["sales_plan"] += _plans(draw, rep)
    first, last = draw(days(date(2024, 6, 1), date(2024, 12, 31))), draw(days(date(2025, 1, 1)))
    earlier = {
        "account": tables["account"],
        "orders": [row for row in tables["orders"] if row["order_date"] <= first],
        "sales_plan": [{**row, "plan_value": "700"} for row in tables["sales_plan"] if draw(st.booleans())],
    }
    later = {**tables, "account": [_changed(draw, row) for row in tables["account"]]}
    batches = (_batch(earlier, first), _batch(later, draw(st.sampled_from([last, last, None]))))
    month = draw(st.sampled_from(["1", "1", "2", "4"]))
    return Case(batches, {"fiscal_year_start_month": month, "fiscal_label": draw(st.sampled_from(["start", "end"]))})


def _batch(tables: dict[str, list[Row]], exported_on: date | None) -> Batch:
    return Batch({entity: rows for entity, rows in tables.items() if rows}, exported_on)
