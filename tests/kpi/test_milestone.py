"""Milestones, cycles and stages derived from small histories (domain.md §2)."""

from datetime import date
from typing import Any

import duckdb
import pytest

from kpi.funnel import funnel, standing, wins
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


def cycles(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute(
        "select cycle_no, started_on, ended_on, end_kind, end_reason, won_back from core.cycle "
        "order by account_id, cycle_no"
    ).fetchall()


def said(stage: str, on: date, **more: object) -> dict[str, Any]:
    return {"account_id": "K", "stage": stage, "entered_at": on, **more}


ACCOUNT = {"account_id": "K", "account_name": "华晟", "created_at": day(1, 2)}


def test_a_termination_ends_the_cycle_and_new_evidence_begins_the_next_where_it_stands() -> None:
    con = world(
        TODAY,
        account=[ACCOUNT],
        stage_history=[said("信息收集", day(1, 10)), said("终止", day(1, 20), loss_reason="预算取消")],
        value_assessment=[{
            "account_id": "K", "assessed_at": day(2, 10), "deal_likelihood": "高", "obstacles": "无",
            "expected_cost": 1, "dev_program": "高层",
        }],
    )  # fmt: skip
    assert cycles(con) == [
        (1, day(1, 2), day(1, 20), "TX", "预算取消", False),
        (2, day(2, 10), None, None, None, False),
    ]
    assert stages(con, "K")["a"] == (4, day(2, 10))


def test_after_churn_only_an_order_begins_a_cycle_and_it_is_a_win_back() -> None:
    order = {"account_id": "K", "amount": 1, "order_type": "正式", "counts": True}
    con = world(
        TODAY,
        account=[ACCOUNT],
        sale=[{**order, "sale_key": "1", "day": day(1, 5)}, {**order, "sale_key": "2", "day": day(3, 1)}],
        spell=[
            {
                "account_id": "K",
                "day": day(1, 5),
                "next_day": day(3, 1),
                "active_to": day(2, 5),
                "declared_on": day(2, 5),
            },
            {"account_id": "K", "day": day(3, 1), "next_day": None, "active_to": day(8, 28)},
        ],
        visit=[{"visit_id": "V", "account_id": "K", "visit_at": day(2, 20), "visit_type": "上门", "status": "完成"}],
    )
    assert cycles(con) == [
        (1, day(1, 2), day(2, 5), "LX", "declared", False),
        (2, day(3, 1), None, None, None, True),
    ]


def test_a_declared_step_back_is_a_new_stay_and_keeps_what_was_reached() -> None:
    con = world(
        TODAY,
        account=[ACCOUNT],
        stage_history=[said("价值评估", day(1, 10)), said("信息收集", day(1, 20)), said("关系建立", day(2, 1))],
    )
    stays = con.execute(
        "select stage_no, entered_on, left_on, outcome, pass from core.stage_entry where model = 'a' order by position"
    ).fetchall()
    assert stays == [
        (1, day(1, 2), day(1, 10), "推进", 1),
        (3, day(1, 10), day(1, 20), "回退", 1),
        (2, day(1, 20), day(2, 1), "推进", 1),
        (4, day(2, 1), None, "进行中", 1),
    ]


def test_gate_without_an_opportunity_terminates() -> None:
    con = world(TODAY, account=[{**ACCOUNT, "opportunity_exists": False, "terminated_at": day(1, 9)}])
    assert cycles(con) == [(1, day(1, 2), day(1, 9), "TX", "no_opportunity", False)]


def test_a_crisis_recurs_beside_the_stage_and_is_not_hidden_by_it() -> None:
    order = {"account_id": "K", "amount": 1, "order_type": "试单", "counts": True}
    con = world(
        TODAY,
        account=[ACCOUNT],
        sale=[{**order, "sale_key": "1", "day": day(1, 5)}],
        complaint=[
            {"account_id": "K", "opened_at": day(1, 10), "closed_at": day(1, 15), "customer_accepted": True},
            {"account_id": "K", "opened_at": day(2, 1), "closed_at": day(2, 3), "customer_accepted": False},
        ],
    )
    crises = con.execute(
        "select entered_on, left_on, outcome from core.stage_entry where episode order by pass"
    ).fetchall()
    assert crises == [(day(1, 10), day(1, 15), "推进"), (day(2, 1), None, "进行中")]
    assert [(row["stage"], row["open"]) for row in funnel(con, "b", view="snapshot") if row["open"]] == [(6, 1)]
    assert standing(con, "K")[1]["stage"] == 6


def test_rows_that_contradict_themselves_are_listed_and_not_counted() -> None:
    con = world(
        TODAY,
        account=[ACCOUNT],
        stage_history=[
            said("关系建立", day(3, 9)),
            said("信息收集", day(2, 1), exited_at=day(1, 20)),
            said("神秘阶段", day(2, 1)),
            {"account_id": "K", "model": "d", "stage_no": 3, "entered_at": day(2, 1)},
            {"account_id": "K", "model": "a", "stage_no": 4},
            said("终止", day(1, 1)),
        ],
    )
    found = con.execute("select reason, said from core.stage_problem order by reason, said").fetchall()
    assert found == [
        ("exit_before_entry", "declared"), ("exit_before_entry", "信息收集"), ("future", "关系建立"),
        ("outside_model", "3"), ("undated", "4"), ("unknown_stage", "神秘阶段"),
    ]  # fmt: skip
    assert stages(con, "K")["a"] == (1, day(1, 2))


@pytest.mark.parametrize(
    ("label", "model", "stage"),
    [
        ("阶段三：价值评估/开发程序", "a", 3), ("3-价值评估", "a", 3), ("第四阶段", "a", 4),
        ("关系建立（进行中）", "", 0),
        ("走访市场", "b", 2), ("电话预约", "c", 2), ("5.提供解决方案", "d", 5), ("培养感情", "e", 3),
        ("Negotiation/Review", "a", 5), ("appointmentscheduled", "a", 1),
    ],
)  # fmt: skip
def test_labels_are_read_without_a_model_column(label: str, model: str, stage: int) -> None:
    con = world(TODAY, account=[{"account_id": "K"}], stage_history=[said(label, day(2, 1))])
    declared = con.execute("select model, stage_no from declared").fetchall()
    assert declared == ([(model, stage)] if model else [])


def test_several_deals_of_an_account_are_units_of_their_own() -> None:
    deals = [
        {
            "account_id": "K",
            "deal_id": "D1",
            "stage": "Closed Won",
            "opened_at": day(1, 5),
            "closed_at": day(1, 25),
            "amount": 7,
        },
        {"account_id": "K", "deal_id": "D2", "stage": "Prospecting", "opened_at": day(1, 8)},
        {"deal_id": "D3", "stage": "Closed Lost", "opened_at": day(1, 9), "closed_at": day(1, 12)},
        {"account_id": "K", "deal_id": "D4", "stage": "Won", "entered_at": day(1, 10), "closed_at": day(1, 3)},
        {"account_id": "K", "deal_id": "D4", "stage": "Closed Lost", "entered_at": day(1, 20)},
    ]
    deals.append({"deal_id": "D5", "stage": "Closed Lost", "closed_at": day(1, 12)})
    con = world(TODAY, account=[ACCOUNT], stage_history=deals)
    [row] = wins(con, "a")
    assert (row["entered"], row["won"], row["lost"], row["open"]) == (4, 1, 2, 1)
    assert (row["median_days_won"], row["amount_won"]) == (20, 7)
    assert wins(con, "a", unit="account")[0]["entered"] == 1
    unplaced = con.execute("select deal from core.stage_problem where reason = 'no_start' order by deal").fetchall()
    assert unplaced == [("D5",)]
