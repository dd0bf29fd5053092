"""The errors left in the sample exports on purpose, so that tests can expect their exact number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One spoiled cell: the `row`-th data row (from 0) of an entity's export shows `text` in `field`.

    A fault with `rejected` costs the row; it comes again, mended, with the next quarter.
    Otherwise the cell alone is left empty and reported.
    """

    quarter: str
    entity: str
    row: int
    field: str
    text: str
    rejected: bool


FAULTS = (
    Fault("2024Q2", "orders", 41, "order_date", "2024年13月5日", rejected=True),
    Fault("2024Q3", "orders", 203, "order_no", "", rejected=True),
    Fault("2024Q4", "orders", 118, "amount", "待核", rejected=True),
    Fault("2025Q1", "orders", 77, "order_date", "下周三", rejected=True),
    Fault("2025Q2", "orders", 301, "amount", "¥1,2x0.00", rejected=True),
    Fault("2025Q3", "orders", 15, "order_no", "", rejected=True),
    Fault("2026Q1", "orders", 260, "order_date", "2026年2月30日", rejected=True),
    Fault("2026Q2", "orders", 88, "amount", "面议", rejected=True),
    Fault("2024Q3", "orders", 52, "shipped_at", "待定日", rejected=False),
    Fault("2025Q1", "payment", 33, "paid_at", "月底", rejected=False),
    Fault("2025Q2", "payment", 140, "amount", "见附件", rejected=False),
    Fault("2024Q4", "visit", 64, "next_date", "再约", rejected=False),
    Fault("2025Q2", "visit", 120, "visit_at", "2025/6/31 10:00", rejected=False),
    Fault("2025Q1", "call", 91, "call_at", "上午", rejected=True),
    Fault("2026Q1", "call", 200, "duration_s", "两分钟左右", rejected=False),
    Fault("2025Q3", "survey", 11, "score", "满意吧", rejected=True),
    Fault("2026Q1", "contract", 30, "signed_at", "待签", rejected=False),
)


def faults(quarter: str, entity: str) -> list[Fault]:
    """Give the faults of one entity's export of a quarter."""
    return [fault for fault in FAULTS if (fault.quarter, fault.entity) == (quarter, entity)]
