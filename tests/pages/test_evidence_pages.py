"""The pages of evidence: data quality, orders and payments, churn; what each person sees there and may decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.records import Records
from data.store import Store, Viewer
from kpi import churn_evidence, ledger, objections
from kpi.flip import flips
from kpi.rollup import rows
from pages.churn import decide, worth
from pages.imports import jobs
from tests.builder import Batch, Rows, department
from tests.kpi.test_card import V1, ZHANG_WEI, card_of

ROOT = Path(__file__).parents[2]
SYSTEM = Viewer("tests", "system")
PAGES = ("quality/quality", "orders/orders", "churn/churn")
TABLES: dict[str, Rows] = {
    "rep": [
        {"rep_id": rep, "rep_name": name, "role": role, "dept": dept}
        for rep, name, role, dept in (
            ("M1", "赵敏", "大客户部经理", "甲"),
            ("R1", "张伟", "专员", "甲"),
            ("R2", "李强", "专员", "甲"),
            ("N1", "王芳", "内勤", "甲"),
            ("H1", "周静", "人力资源部", "人力资源部"),
        )
    ],
    "account": [
        {"account_id": name, "account_name": f"{name}机械厂", "rep_id": rep, "is_key_account": "是"}
        | {"company_intro": intro}
        for name, rep, intro in (("A1", "R1", "暂无"), ("A2", "R2", "主营轴承与电机，员工三百人"))
    ],
    "orders": [
        {"order_no": no, "order_date": day, "account_id": account, "amount": amount}
        for no, day, account, amount in (
            ("S1", "2025-12-20", "A1", 1000),
            ("S2", "2025-12-20", "A2", 900),
            ("S3", "2026-06-20", "A2", 700),
        )
    ],
    "payment": [
        {"payment_no": "P1", "order_no": "S1", "account_id": "A1", "due_at": "2026-01-20", "due_amount": 1000},
        {"payment_no": "P2", "order_no": "S2", "account_id": "A2", "paid_at": "2026-05-02", "amount": 900},
    ],
    "sales_plan": [{"dept": "甲", "period_start": "2026-04-01", "period_end": "2026-07-01", "plan_value": 1000}],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give a department with a suspected loss, an overdue instalment, filler in a file and a plan nobody divided."""
    return department(tmp_path_factory.mktemp("pages"), [Batch(TABLES, exported_on=date(2026, 6, 30))])


@pytest.fixture
def page(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Return a function that opens a page as somebody."""
    monkeypatch.setenv("KAC_STORE", str(store.folder))

    def opened(name: str, me: str, quarter: str = "2026Q2", language: str = "zh") -> AppTest:
        app = AppTest.from_file(str(ROOT / f"pages/{name}.py"), default_timeout=30)
        app.session_state["address"] = {"me": me, "quarter": quarter, "lang": language}
        return app.run()

    return opened


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("me", ["M1", "R1", "N1", "H1"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_role_opens_the_pages(page: Callable[..., AppTest], name: str, me: str, language: str) -> None:
    app = page(name, me, language=language)
    assert not app.exception
    assert app.header[0].value


def texts(app: AppTest) -> str:
    return " ".join(str(frame.value.to_dict()) for frame in app.dataframe)


def test_a_rep_sees_no_colleague_and_hr_no_name(page: Callable[..., AppTest]) -> None:
    for name in PAGES:
        assert "A1机械厂" in texts(page(name, "M1")) or "张伟" in texts(page(name, "M1"))
        assert "A2" not in texts(page(name, "R1"))
        assert "李强" not in texts(page(name, "R1"))
    for name in ("quality/quality", "churn/churn"):
        assert "机械厂" not in texts(page(name, "H1"))


def test_the_quality_page_counts_by_person_and_lists_the_rows(page: Callable[..., AppTest]) -> None:
    app = page("quality/quality", "M1")
    people, listed, base = (frame.value for frame in app.dataframe)
    assert people["whole"].sum() == len(listed)
    assert "占位词，视为未填" in set(listed["why"])
    assert set(base["rest"]) == {0}


def test_the_orders_page_switches_its_numerator(page: Callable[..., AppTest]) -> None:
    app = page("orders/orders", "M1")
    assert app.header[0].value == "2026年第二季度订货 700 元，回款 900 元，应收 1,000 元，其中逾期 1,000 元"
    shown = app.dataframe[0].value
    assert list(shown["rate"])[-1] == 70
    app.segmented_control(key="orders-numerator").set_value("cash").run()
    assert list(app.dataframe[0].value["rate"])[-1] == 90


def test_only_the_head_divides_a_plan(page: Callable[..., AppTest]) -> None:
    def asked(me: str) -> bool:
        return any("分解部门计划" in each.value for each in page("orders/orders", me).subheader)

    assert [asked(me) for me in ("M1", "R1", "N1")] == [True, False, False]


def test_only_the_head_gives_a_verdict_and_not_without_a_reason(page: Callable[..., AppTest], store: Store) -> None:
    def offered(me: str) -> list[str]:
        return [each.value for each in page("churn/churn", me).subheader if "疑似" in each.value]

    assert [offered(me) for me in ("M1", "R1", "H1")] == [["确认：1 户疑似流失待您判断"], [], []]
    assert Records(store.records_url).decisions(churn_evidence.VERDICT) == []


def test_a_verdict_is_a_record_about_this_silence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAC_STORE", str(store.folder))

    def script() -> None:
        import streamlit as st  # noqa: PLC0415 - the script of a test stands alone

        from data.records import Records  # noqa: PLC0415
        from pages.churn import decide  # noqa: PLC0415
        from pages.parts import session  # noqa: PLC0415

        st.session_state["churn-reason"] = "客户已转投同行"
        decide._decide(Records(session.store().records_url), "churn", "A1|2025-12-20", "confirm", {})  # noqa: SLF001

    app = AppTest.from_function(script)
    app.session_state["address"] = {"me": "M1", "quarter": "2026Q2"}
    assert not app.run().exception
    (made,) = Records(store.records_url).decisions(churn_evidence.VERDICT)
    assert (made.subject, made.value) == ("A1|2025-12-20", "confirm")
    assert (made.reason, made.decided_by) == ("客户已转投同行", "赵敏")
    Records(store.records_url).revoke(made.id, who="tests", reason="end of the test")
    assert set(decide.WORDS) == {churn_evidence.CONFIRM, churn_evidence.REJECT}


def written(app: AppTest) -> str:
    """Return everything that a page says in words, and its tables."""
    said = [each.value for kind in (app.markdown, app.caption, app.subheader) for each in kind]
    return " ".join([texts(app), *said])


def test_an_objection_is_seen_by_its_rep_and_the_head_and_waits_on_the_overview(
    page: Callable[..., AppTest], store: Store
) -> None:
    records = Records(store.records_url)
    (lost,) = (row for row in churn_evidence.judged(store.open(SYSTEM), "2026Q2") if row["account_id"] == "A1")
    made = objections.file(records, lost, "2026Q2", "R1", who="张伟", reason="设备大修停产")
    seen = {me: "设备大修停产" in written(page("churn/churn", me)) for me in ("M1", "R1", "R2", "N1", "H1")}
    assert seen == {"M1": True, "R1": True, "R2": False, "N1": False, "H1": False}
    counted = {
        me: [tab.label for tab in page("overview/overview", me).tabs if "异议" in tab.label] for me in ("M1", "R1")
    }
    assert counted == {"M1": ["流失异议 1 件"], "R1": []}
    answered = objections.answer(records, made, objections.REFUSED, "head", who="赵敏", reason="未见补单").answer
    assert "未见补单" in written(page("churn/churn", "R1"))
    assert not [tab for tab in page("overview/overview", "M1").tabs if "异议" in tab.label]
    assert answered is not None
    for each in (answered, made.made):
        records.revoke(each.id, who="tests", reason="end of the test")


@pytest.mark.parametrize(("me", "told"), [("M1", True), ("R2", True), ("H1", True), ("N1", False)])
def test_clerks_are_not_told_what_an_account_is_worth(
    store: Store, monkeypatch: pytest.MonkeyPatch, me: str, *, told: bool
) -> None:
    monkeypatch.setenv("KAC_STORE", str(store.folder))
    app = AppTest.from_file(str(ROOT / "pages/churn/churn.py"), default_timeout=30)
    app.session_state["address"] = {"me": me, "quarter": "2026Q2", "rep": "R2"}
    app.run()
    assert not app.exception
    assert ("一户值多少分" in written(app)) is told


def test_an_unfinished_quarter_has_no_grade_to_change() -> None:
    card = card_of(V1, ZHANG_WEI | {"churn": (0, 20)})
    (turn,) = (flip for flip in flips(card) if flip.code == "one_more_lost")
    changed = replace(card, grade="A")
    assert "等级 A → " in worth.told(changed, turn)
    assert "等级" not in worth.told(changed, turn, graded=False)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("one_less_lost", "**若少流失 1 户：得分 80 → 100，综合 +5.00 分**", "item 80 → 100 points, total +5.00"),
        ("one_more_lost", "**若多流失 1 户：得分 80 → 60，综合 −5.00 分**", "item 80 → 60 points, total −5.00"),
    ],
)
def test_the_worth_of_one_account_of_zhang_wei(code: str, zh: str, en: str) -> None:
    """20 accounts, 2 lost: 80 points; each account 20 points, of which the total takes a quarter (domain.md §4.4)."""
    card = card_of(V1, ZHANG_WEI)
    (turn,) = (flip for flip in flips(card) if flip.code == code)
    assert worth.told(card, turn) == zh
    st.session_state["address"] = {"lang": "en"}
    try:
        assert en in worth.told(card, turn)
    finally:
        del st.session_state["address"]


def test_the_overview_says_what_the_last_update_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"orders": [{"order_no": "S4", "order_date": "2026-06-25", "account_id": "A2", "amount": 100}]}
    batches = [Batch(TABLES, exported_on=date(2026, 6, 20)), Batch(more, exported_on=date(2026, 6, 30))]
    monkeypatch.setenv("KAC_STORE", str(department(tmp_path, batches).folder))
    app = AppTest.from_file(str(ROOT / "pages/overview/overview.py"), default_timeout=30)
    app.session_state["address"] = {"me": "M1", "quarter": "2026Q2"}
    app.run()
    assert not app.exception
    told = [each for each in app.expander if "最近一次更新" in each.label]
    assert "改变了" in told[0].label
    assert "新到数据 +10.00 个百分点" in told[0].markdown[0].value.replace("\\", "")
    app.pills(key="moved-metric").set_value("plan_completion").run()
    assert not app.exception


def test_a_version_of_an_older_program_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = department(
        tmp_path, [Batch(TABLES, exported_on=date(2026, 6, 20)), Batch(TABLES, exported_on=date(2026, 6, 30))]
    )
    with duckdb.connect(str(store.facts(1))) as old:
        old.execute("drop table meta.error")
    monkeypatch.setenv("KAC_STORE", str(store.folder))
    app = AppTest.from_file(str(ROOT / "pages/overview/overview.py"), default_timeout=30)
    app.session_state["address"] = {"me": "M1", "quarter": "2026Q2"}
    app.run()
    assert not app.exception
    assert any("旧版程序" in each.value for each in app.caption)


def test_what_the_head_decided_is_computed_and_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = department(tmp_path, [Batch(TABLES, exported_on=date(2026, 6, 30))])
    monkeypatch.setenv("KAC_STORE", str(store.folder))
    records = Records(store.records_url)
    records.decide(churn_evidence.VERDICT, "A1|2025-12-20", churn_evidence.REJECT, who="赵敏", reason="停产检修")
    app = AppTest.from_file(str(ROOT / "pages/churn/churn.py"), default_timeout=30)
    app.session_state["address"] = {"me": "M1", "quarter": "2026Q2"}
    app.run().button(key="churn-refresh").click().run()
    assert not app.exception
    job = jobs.latest(store.folder, jobs.Asker("M1", "赵敏", scores=True))
    assert job is not None
    jobs._children[job.folder.name].wait(timeout=120)  # noqa: SLF001 - the process itself is what must be waited for
    assert store.version == 2
    made = store.open(SYSTEM).execute("select kind, subject, value, decided_by from decision").fetchall()
    assert made == [("churn", "A1|2025-12-20", "reject", "赵敏")]
    before, after = (
        {
            row["account_id"]: (int(row["numerator"]), row["reason"])
            for row in rows(store.open(SYSTEM, number), "churn", quarter="2026Q2")
        }
        for number in (1, 2)
    )
    assert (before["A1"], after["A1"]) == ((1, "lost_inferred"), (0, "churn_rejected"))


def test_a_division_is_read_as_it_was_written() -> None:
    shares = {"R1": ledger.CENT * 5, "R2": ledger.CENT * 7}
    assert ledger.read(ledger.stated(shares)) == shares
