"""Milestones, cycles and stages derived from small histories (domain.md §2)."""

from datetime import date

from tests.kpi.stage_world import stages, world

TODAY = date(2026, 3, 5)


def day(month: int, number: int) -> date:
    return date(2026, month, number)


CROSSWALK = {
    "M01": day(1, 5), "M02": day(1, 8), "M03": day(1, 9), "M04": day(1, 13), "M05": day(1, 13), "M07": day(1, 20),
    "M06": day(2, 2), "M08": day(2, 10), "M12": day(3, 1),
}  # fmt: skip


def test_the_crosswalk_account_stands_in_a4_b5_c5_d4_e2() -> None:
    con = world(
        TODAY,
        account=[{
            "account_id": "K", "account_name": "华晟", "created_at": day(1, 5), "potential_need": "换供应商",
            "need_reason": "质量", "need_urgency": "高",
        }],
        call=[{"account_id": "K", "call_at": day(1, 9), "connected": True, "purpose": "预约"}],
        visit=[{"visit_id": "V", "account_id": "K", "visit_at": day(1, 13), "visit_type": "上门", "status": "完成"}],
        feedback_form=[{
            "visit_id": "V", "filled_at": day(1, 13), "class": "A", "track_plan": "寄样",
            "discussed_with_supervisor": True,
        }],
        competitor=[{"account_id": "K", "competitor_name": "东方", "swot_s": "价格", "recorded_at": day(1, 20)}],
        champion=[{"account_id": "K", "champion_identified": True, "identified_at": day(1, 25)}],
        sample=[{"account_id": "K", "received_at": day(2, 2)}],
        value_assessment=[{
            "account_id": "K", "assessed_at": day(2, 10), "deal_likelihood": "高", "obstacles": "无",
            "expected_cost": 5000, "dev_program": "高层拜访",
        }],
        stage_history=[{"account_id": "K", "model": "a", "stage_no": 2, "entered_at": day(1, 8)}],
        sale=[{
            "sale_key": "S", "account_id": "K", "day": day(3, 1), "amount": 100, "order_type": "试单", "counts": True,
        }],
    )  # fmt: skip
    found = dict(con.execute("select milestone, day from core.milestone where account_id = 'K'").fetchall())
    assert found == CROSSWALK
    assert stages(con, "K") == {
        "a": (4, day(2, 10)), "b": (5, day(3, 1)), "c": (5, day(1, 13)), "d": (4, day(2, 2)), "e": (2, day(1, 9)),
    }  # fmt: skip
