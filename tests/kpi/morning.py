"""A small department on the morning of Friday 2026-09-25: one account for each reason to call, and some without any."""

from datetime import date
from pathlib import Path

from data.store import Store
from tests.builder import Batch, Rows, department

TODAY = date(2026, 9, 25)
# What R1's list must hold: account, the reason that leads it.
LEADS = {
    "A1": "complaint_late", "A2": "promised", "A3": "planned", "A4": "cadence_red", "A5": "churn_near",
    "A6": "payment_overdue", "A7": "stalled_red", "A8": "feedback",
}  # fmt: skip
CALM = ("A9",)


def tables() -> dict[str, Rows]:
    """Give the exports of that morning."""
    accounts = [*LEADS, *CALM, "B1"]
    owner = {name: "R2" if name == "B1" else "R1" for name in accounts}
    return {
        "rep": [
            {"rep_id": "R1", "rep_name": "张伟", "role": "专员", "dept": "大客户部"},
            {"rep_id": "R2", "rep_name": "李强", "role": "专员", "dept": "大客户部"},
            {"rep_id": "M1", "rep_name": "赵敏", "role": "大客户部经理", "dept": "大客户部"},
        ],
        "account": [
            {
                "account_id": name, "account_name": f"客户{name}", "rep_id": owner[name], "account_class": "B",
                "created_at": "2026-01-05", "address": f"{name}路1号",
            }
            for name in accounts
        ],
        "visit": _visits(),
        "feedback_form": [
            {"form_id": "F1", "visit_id": "V9", "account_id": "A9", "filled_at": "2026-09-23", "class": "B",
             "track_plan": "下周报价", "discussed_with_supervisor": "是"},
        ],
        "orders": [
            {"order_no": f"S{n}", "account_id": "A5", "rep_id": "R1", "order_date": day, "amount": 1000}
            for n, day in enumerate(("2026-01-10", "2026-02-09", "2026-03-11", "2026-06-03"))
        ],
        "complaint": [
            {"complaint_no": "C1", "account_id": "A1", "opened_at": "2026-09-01 09:00", "type": "质量",
             "first_response_at": "2026-09-01 15:00"},
        ],
        "payment": [
            {"payment_no": "P1", "account_id": "A6", "due_at": "2026-09-20", "due_amount": 5000},
            {"payment_no": "P2", "account_id": "A9", "due_at": "2026-12-20", "due_amount": 5000},
        ],
        "kdm": [
            {"contact_id": "K1", "account_id": "A2", "kdm_name": "陈刚", "kdm_title": "采购总监", "is_kdm": "是",
             "work_phone": "13800138000"},
        ],
        "competitor": [{"account_id": "A2", "competitor_name": "宏图", "is_current_supplier": "是"}],
    }  # fmt: skip


def _visits() -> Rows:
    recent = "2026-09-22 10:00"
    done = {"rep_id": "R1", "status": "完成", "visit_type": "电话", "result": "沟通了下一步的安排和时间"}
    promise, planned = {"next_step": "回复报价"}, {"status": "计划", "purpose": "送样"}
    onsite = {**done, "visit_type": "上门"}
    return [
        {"visit_id": "V1", "account_id": "A1", "visit_at": recent, "next_date": "2026-10-20", **done},
        {"visit_id": "V2", "account_id": "A2", "visit_at": recent, "next_date": "2026-09-25", **done, **promise},
        {"visit_id": "V3", "account_id": "A3", "plan_date": "2026-09-25", "rep_id": "R1", **planned},
        {"visit_id": "V3b", "account_id": "A3", "visit_at": recent, "next_date": "2026-10-20", **done},
        {"visit_id": "V4", "account_id": "A4", "visit_at": "2026-08-03 10:00", **onsite},
        {"visit_id": "V5", "account_id": "A5", "visit_at": recent, "next_date": "2026-10-20", **done},
        {"visit_id": "V6", "account_id": "A6", "visit_at": recent, "next_date": "2026-10-20", **done},
        {"visit_id": "V7", "account_id": "A7", "visit_at": "2026-09-01 10:00", "next_date": "2026-10-20", **done},
        {"visit_id": "V8", "account_id": "A8", "visit_at": recent, "next_date": "2026-10-20", **onsite},
        {"visit_id": "V9", "account_id": "A9", "visit_at": recent, "next_date": "2026-10-20", **onsite},
        {"visit_id": "VB", "account_id": "B1", "visit_at": "2026-06-01 10:00", **onsite, "rep_id": "R2"},
    ]  # fmt: skip


def store(folder: Path) -> Store:
    """Load the department."""
    return department(folder, [Batch(tables(), exported_on=TODAY)])
