"""Losses left out, comments, and the agreement after a correction, on the pages and by whom they may be done."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.store import Store
from kpi import exclusion, standing
from loaders.build import load
from tests.builder import Batch, request
from tests.kpi.lost_accounts import HEAD, HR, ZHANG, Case, loaded
from tests.pages.test_appraisal import open_page, texts

FIXED = {"final": "61.00", "grade": "C", "coefficient": "0.8"}


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return loaded(tmp_path_factory.mktemp("form"))


@pytest.fixture
def case(department: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    shutil.copytree(department.folder, tmp_path / "store")
    monkeypatch.setenv("KAC_STORE", str(tmp_path / "store"))
    return Case(Store(tmp_path / "store"))


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, app.exception[0].message
    return app


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_the_head_proposes_and_hr_approves(case: Case) -> None:
    app = open_page("M01", "excluded")
    assert "A19机械厂" in texts(app)
    assert "A19机械厂" not in texts(open_page("H01", "excluded"))
    next(box for box in app.selectbox if box.label == "哪一户").set_value("A19|2026-06-10")
    next(area for area in app.text_area if area.label.startswith("理由和依据")).set_value("法院裁定书")
    press(app, "提交人力资源部批准")
    assert {"批准剔除"} & labels(app) == set()
    [asked] = exclusion.asked(case.steps).values()
    assert (asked.open, asked.proposed.who, asked.proposed.value["cause"]) == (True, "陈国栋", "破产")
    app = press(open_page("H01", "excluded"), "批准剔除")
    assert "已剔除，不计分" in texts(app)
    assert exclusion.in_force(case.steps)[0].approved_by == "赵敏"
    case.lock()
    case.publish()
    own = open_page("R1")
    assert "全部 2 / 20 = 10.00%，剔除后计分 1 / 20 = 5.00%" in texts(own)
    assert "法院裁定书" in texts(own)
    assert "流失剔除" not in labels(own)


def test_a_proposal_without_a_reason_is_refused_in_words(case: Case) -> None:
    app = press(open_page("M01", "excluded"), "提交人力资源部批准")
    assert any("请写明理由" in each.value for each in app.error)
    assert exclusion.asked(case.steps) == {}


def test_the_sealed_quarter_offers_no_step_and_says_so(case: Case) -> None:
    case.propose()
    case.approve()
    case.lock()
    case.publish()
    case.seal()
    app = open_page("M01", "excluded")
    assert any("已封账" in each.value for each in app.info)
    assert labels(app) & {"提交人力资源部批准", "撤回记录", "批准剔除"} == set()


@pytest.mark.parametrize(("who", "view"), [("M01", "sheet"), ("R1", "")])
def test_each_writes_the_comment_that_is_theirs(case: Case, who: str, view: str) -> None:
    case.lock()
    case.publish()
    app = open_page(who, view, **({"rep": "R1"} if view else {}))
    areas = [area for area in app.text_area if area.label in {"经理评语", "人力意见", "被考核人意见"}]
    assert [area.label for area in areas] == [{"M01": "经理评语", "R1": "被考核人意见"}[who]]
    areas[0].set_value("档案下季补齐").run()
    press(app, "保存")
    said = standing.opinions(case.steps, "R1")
    assert {role: step.value["reason"] for role, step in said.items()} == {
        "head" if who == "M01" else "own": "档案下季补齐"
    }


def test_the_person_agrees_again_after_a_correction(case: Case) -> None:
    case.lock()
    case.publish()
    press(open_page("R1"), "同意结果")
    case.seal()
    assert "同意更正后的结果" not in labels(open_page("R1"))
    case.do(
        HR,
        "propose",
        "R1",
        reason="迟到的退货单",
        document={"score": {"final": "61.00", "grade": "C", "coefficient": "0.8"}},
    )
    case.do(HEAD, "approve", "R1")
    assert "等待本人再次确认" in texts(open_page("H01", "after"))
    own = open_page("R1")
    assert "61.00" in [metric.value for metric in own.metric]
    press(own, "同意更正后的结果")
    assert standing.agreement(case.steps, ZHANG.number) is not None
    assert "同意更正后的结果" not in labels(open_page("R1"))


def test_a_late_row_is_listed_with_the_kind_of_export_it_came_from(case: Case, tmp_path: Path) -> None:
    case.lock()
    case.publish()
    case.seal()
    late = {"order_no": "A01-9", "account_id": "A01", "rep_id": "R1", "amount": 90, "order_date": "2026-09-20"}
    load(case.store, request(tmp_path / "late", Batch({"orders": [late]}, exported_on=date(2026, 10, 20))))
    said = texts(open_page("H01", "after"))
    assert "订单" in said
    assert "A01" in said
