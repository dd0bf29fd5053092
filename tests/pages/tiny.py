"""A published store of a few people, accounts and orders, loaded as anyone's are: enough for the frame of the pages."""

from datetime import date
from pathlib import Path

from data.store import Store
from tests.builder import Batch, Rows, department

PEOPLE = [
    ("R01", "赵敏", "大客户部经理", "大客户部"),
    ("R02", "张伟", "专员", "大客户部"),
    ("R03", "李强", "专员", "大客户部"),
    ("R04", "王芳", "内勤", "大客户部"),
    ("R05", "周静", "人力资源部", "人力资源部"),
]
ACCOUNTS = [("A1", "华晟机械", "R02"), ("A2", "东方重工", "R03")]
ORDERS = [("S1", "2026-07-06", "A1", 1000), ("S2", "2026-08-06", "A2", 2000)]


def publish(folder: Path) -> Store:
    """Load the store into a folder and return it."""
    tables: dict[str, Rows] = {
        "rep": [dict(zip(("rep_id", "rep_name", "role", "dept"), row, strict=True)) for row in PEOPLE],
        "account": [dict(zip(("account_id", "account_name", "rep_id"), row, strict=True)) for row in ACCOUNTS],
        "orders": [dict(zip(("order_no", "order_date", "account_id", "amount"), row, strict=True)) for row in ORDERS],
    }
    return department(folder, [Batch(tables, exported_on=date(2026, 9, 30))])
