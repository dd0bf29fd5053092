"""The appraisal's pages for each role, from draft to seal; nobody reads what is not theirs."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.appraisals import Appraisals
from data.records import Records
from data.store import Store
from kpi import quarter, standing
from kpi.appraisal import Actor
from kpi.quarter import Ask
from kpi.scheme import document, schemes
from kpi.scheme_edit import band_rows, drafted, item_rows, settings_of
from pages.parts.contesting import Arrived
from tests.builder import Batch, department

ROOT = Path(__file__).parents[2]
PLACE = ("大客户部", "2026Q3")
HEAD, HR = Actor("陈国栋", "head", "M01"), Actor("赵敏", "hr", "H01")
V2 = schemes()["ka_rep_v2"]
VIEWS = ("summary", "sheet", "steps", "appeals", "after", "schemes")


def open_page(who: str, view: str = "", **query: str) -> AppTest:
    """Open the page of the appraisal as somebody."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in {"me": who, "quarter": "2026Q3", **query}.items():
        app.query_params[name] = value
    app.run()
    app.switch_page("pages/appraisal/appraisal.py").run()
    assert not app.exception, app.exception[0].message
    if view:
        app.segmented_control(key="appraisal-view").set_value(view).run()
        assert not app.exception, app.exception[0].message
    return app


def texts(app: AppTest) -> str:
    """Give everything that a page says."""
    kinds = ("markdown", "caption", "header", "subheader", "info", "warning")
    said = [str(getattr(each, "value", "")) for kind in kinds for each in app.get(kind)]
    frames = [each.value.to_string() for each in app.dataframe]
    return "\n".join([*said, *frames])


def rate_all(records: Records, actor: Actor) -> None:
    for rep_id, name, _ in standing.missing(quarter.steps(records, *PLACE), (actor.role,)):
        found = standing.item(quarter.steps(records, *PLACE), rep_id, name)
        score = str(standing.system_score(found) if found and not found["rated"] else 80)
        quarter.act(records, PLACE, actor, Ask("rate", rep_id, {"item": name, "score": score}))


PEOPLE = [
    ("M01", "陈国栋", "大客户部经理", "大客户部"),
    ("H01", "赵敏", "人力资源部", "人力资源部"),
    ("R01", "刘强", "专员", "大客户部"),
    ("R03", "张伟", "专员", "大客户部"),
    ("N01", "李娜", "内勤", "大客户部"),
]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Store:
    accounts = [(f"A{number}", "R01" if number % 2 else "R03") for number in range(12)]
    plan = {"metric": "销售额", "period_start": "2026-07-01", "period_end": "2026-09-30", "plan_value": 600}
    tables: dict[str, list[dict[str, Any]]] = {
        "rep": [dict(zip(("rep_id", "rep_name", "role", "dept"), row, strict=True)) for row in PEOPLE],
        "account": [{"account_id": a, "account_name": a, "rep_id": rep, "account_class": "A"} for a, rep in accounts],
        "orders": [
            {"order_no": f"{a}-{month}", "account_id": a, "rep_id": rep, "amount": 100}
            | {"order_date": f"2026-{month:02}-10"}
            for a, rep in accounts
            for month in ((1,) if a == "A0" else (4, 6, 8))
        ],
        "sales_plan": [plan | {"rep_id": rep} for rep in ("R01", "R03")],
    }
    return department(tmp_path_factory.mktemp("appraised"), [Batch(tables, exported_on=date(2026, 9, 30))])


@pytest.fixture
def store(loaded: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    shutil.copytree(loaded.folder, tmp_path / "store")
    monkeypatch.setenv("KAC_STORE", str(tmp_path / "store"))
    return Store(tmp_path / "store")


def test_from_draft_to_seal_on_the_pages(store: Store) -> None:
    records = Records(store.records_url)
    assert "草稿" in texts(open_page("M01", "summary"))
    app = open_page("H01", "steps")
    next(button for button in app.button if button.label == "锁定数据").click().run()
    assert not app.exception
    assert quarter.steps(records, *PLACE)[-1].kind == "lock"
    app = open_page("M01", "summary")
    next(button for button in app.button if button.label.startswith("全部按系统得分确认")).click().run()
    assert not app.exception
    assert {role for _, _, role in standing.missing(quarter.steps(records, *PLACE), ("head",))} == {"head"}
    for view in VIEWS:
        open_page("M01", view)
        open_page("H01", view)
    rate_all(records, HEAD)
    quarter.act(records, PLACE, HEAD, Ask("submit"))
    rate_all(records, HR)
    own = open_page("R03")
    assert "结果公示后" in texts(own)
    quarter.act(records, PLACE, HR, Ask("publish"))
    own = open_page("R03")
    assert "刘强" not in texts(own)
    next(button for button in own.button if button.label == "同意结果").click().run()
    assert not own.exception
    assert any(step.kind == "agree" and step.rep_id == "R03" for step in quarter.steps(records, *PLACE))
    for actor in (HEAD, HR):
        quarter.act(records, PLACE, actor, Ask("sign"))
    quarter.act(records, PLACE, HR, Ask("seal"), at=datetime.now(UTC) + timedelta(days=30))
    for view in VIEWS:
        open_page("H01", view)


def test_a_clerk_reads_no_rep_and_a_rep_no_other(store: Store) -> None:
    records = Records(store.records_url)
    quarter.lock(store, records, PLACE, HR)
    for actor, kind in ((HEAD, "submit"), (HR, "publish")):
        rate_all(records, actor)
        quarter.act(records, PLACE, actor, Ask(kind))
    for who, name in (("N01", "李娜"), ("R03", "张伟")):
        said = texts(open_page(who))
        assert name in said
        others = {"刘强", "张伟", "李娜"} - {name}
        assert not [other for other in others if other in said]


def test_a_step_by_somebody_faster_is_told(store: Store) -> None:
    records = Records(store.records_url)
    app = open_page("H01", "steps")
    quarter.lock(store, records, PLACE, Actor("钱红", "hr", "H02"))
    next(button for button in app.button if button.label == "锁定数据").click().run()
    assert not app.exception
    assert len(quarter.steps(records, *PLACE)) == 1
    assert any("钱红" in each.value for each in app.warning)


def published(store: Store, records: Records) -> None:
    quarter.lock(store, records, PLACE, HR)
    for actor, kind in ((HEAD, "submit"), (HR, "publish")):
        rate_all(records, actor)
        quarter.act(records, PLACE, actor, Ask(kind))


def test_a_row_is_appealed_from_the_evidence_heard_and_signed(store: Store) -> None:
    """R03 sold 500 of a plan of 600; without one order of 100 it is 400, 66.67 points in place of 83.33."""
    records = Records(store.records_url)
    published(store, records)
    own = open_page("R03")
    own.session_state["contested"] = Arrived("2026Q3", "plan_completion", "A2")
    own.run()
    assert not own.exception
    assert "83.33 → **66.67**" in texts(own)
    next(each for each in own.text_area if each.label == "理由和依据").set_value("这张订单属于李强").run()
    next(button for button in own.button if button.label == "对它提出申诉").click().run()
    assert not own.exception
    [appeal] = standing.appeals(quarter.steps(records, *PLACE)).values()
    row = appeal.filed.value["row"]
    assert (row["kind"], row["account_id"], row["numerator"]) == ("row", "A2", "100.0000")
    assert row["claim"] == {"kind": "leave_out"}
    heard = open_page("H01", "appeals")
    assert "83.33 → **66.67**" in texts(heard)
    before = standing.score(quarter.steps(records, *PLACE), "R03")
    heard.segmented_control(key="outcome-R03-1").set_value("change").run()
    assert "改分后：综合" in texts(heard)
    heard.text_area(key="finding-R03-1").set_value("双方已听取，交接单属实").run()
    next(button for button in heard.button if button.label == "签署处理意见").click().run()
    assert not heard.exception
    signing = open_page("M01", "appeals")
    next(button for button in signing.button if button.label == "会签").click().run()
    assert not signing.exception
    [appeal] = standing.appeals(quarter.steps(records, *PLACE)).values()
    after = standing.score(quarter.steps(records, *PLACE), "R03")
    assert appeal.closed
    assert before is not None
    assert after is not None
    assert appeal.finding is not None
    assert appeal.finding.value["seen"]["after"] == str(after.final)
    assert appeal.finding.value["scores"] == {"plan_completion": "66.67"}
    assert after.final < before.final


def test_a_clerk_appeals_a_rating(store: Store) -> None:
    records = Records(store.records_url)
    published(store, records)
    own = open_page("N01")
    assert not own.exception
    assert "得分依据与申诉" in texts(own)
    assert "专业技能" in texts(own)


def test_a_proposed_scheme_is_read_and_tried_before_it_is_signed(store: Store) -> None:
    """HR proposes new weights; the head reads what differs and whom it moves, and signs."""
    records = Records(store.records_url)
    items = item_rows(V2)
    items[0]["weight"], items[1]["weight"] = 45, 10
    made = drafted(V2, items, band_rows(V2), settings_of(V2) | {"effective_from": "2026Q4"}, 3).scheme
    assert made is not None
    Appraisals(records).propose(made.name, document(made), who="赵敏", why="销售为先")
    said = texts(open_page("H01", "schemes"))
    assert "权重 40 → 45" in said.replace("\\", "")
    assert "会签启用" not in said
    signing = open_page("M01", "schemes")
    next(button for button in signing.button if button.label == "会签启用").click().run()
    assert not signing.exception
    assert quarter.rules(records).stored == (made,)
    assert "ka_rep_v4" not in {scheme.name for scheme in Appraisals(records).schemes(drafts=True)}


def test_an_edited_scheme_is_tried_on_past_quarters_and_simulated(store: Store) -> None:
    editing = open_page("H01", "schemes")
    assert "与「大客户专员考核方案 v2（示例，未启用）」相比没有改动" in texts(editing).replace("\\", "")
    editing.text_input(key="edit-warn-ka_rep_v2-0").set_value("六十").run()
    assert any("警告线「六十」不是数字" in each.value.replace("\\", "") for each in editing.error)
    editing.text_input(key="edit-warn-ka_rep_v2-0").set_value("95").run()
    assert not editing.error
    assert "警告线 无 → 95" in texts(editing).replace("\\", "")
    next(button for button in editing.button if button.label == "运行模拟").click().run()
    assert [metric.label for metric in editing.metric] == ["5 户", "8 户", "20 户"]
    next(each for each in editing.text_input if each.label == "提出理由").set_value("董事会决议").run()
    next(button for button in editing.button if button.label.startswith("提出新版本")).click().run()
    assert not editing.exception
    [draft] = Appraisals(Records(store.records_url)).schemes(drafts=True)
    assert (draft.name, draft.document["warn_below"], draft.signed_by) == ("ka_rep_v3", "95", None)


def test_an_account_is_appealed_from_its_file_once_published_and_by_its_rep_alone(store: Store) -> None:
    def account(who: str) -> list[str]:
        app = open_page(who, account="A2")
        app.switch_page("pages/accounts/account.py").run()
        assert not app.exception
        return [button.label for button in app.button if "申诉" in button.label]

    assert account("R03") == []
    published(store, Records(store.records_url))
    assert account("R03") == ["对这个客户的计分提出申诉"]
    assert account("M01") == []
    own = open_page("R03")
    own.session_state["contested"] = Arrived("2026Q3", "", "A1")
    own.run()
    assert any("没有进入您的得分" in each.value for each in own.info)
