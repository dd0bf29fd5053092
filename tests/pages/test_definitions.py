"""The page of definitions: everyone reads, only the head changes, other rules stand beside those in force."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from data.records import Records
from data.store import Viewer
from kpi.catalogue import every
from kpi.rollup import value
from pages.definitions.sides import compared
from pages.imports import jobs
from tests.builder import department
from tests.kpi import worked

if TYPE_CHECKING:
    from data.store import Store

ASKER = jobs.Asker("head", "", scores=True)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    case = worked.case("churn_variants")
    return department(tmp_path_factory.mktemp("definitions"), worked.batches(case), case["parameters"])


def opened(store: Store, monkeypatch: pytest.MonkeyPatch, me: str, metric: str = "churn") -> AppTest:
    monkeypatch.setenv("KAC_STORE", str(store.folder))
    app = AppTest.from_file(str(ROOT / "pages/definitions/definitions.py"), default_timeout=60)
    app.session_state["address"] = {"me": me, "lang": "zh", "quarter": "2026Q1", "metric": metric}
    app.session_state["pages"] = frozenset()
    return app.run()


@pytest.mark.parametrize("metric", list(every()))
def test_every_metric_explains_itself(store: Store, monkeypatch: pytest.MonkeyPatch, metric: str) -> None:
    app = opened(store, monkeypatch, "K3-1", metric)
    assert not app.exception
    assert app.code[0].value == every()[metric].sql.strip()
    assert not [button for button in app.button if button.label == "保存并重新计算"]


def test_only_the_head_changes_a_rule_and_only_with_a_reason(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    version = store.version
    app = opened(store, monkeypatch, "head")
    app.selectbox(key="rule-name").select("churn_base").run()
    app.selectbox(key="rule-value-churn_base").select("average").run()
    save = next(button for button in app.button if button.label == "保存并重新计算")
    save.click().run()
    assert "原因" in app.error[0].value
    assert jobs.latest(store.folder, ASKER) is None
    app.text_input(key="rule-why").input("董事会决定").run()
    next(button for button in app.button if button.label == "保存并重新计算").click().run()
    assert not app.exception
    made = Records(store.records_url).history("churn_base")[0]
    assert (made.value, made.why) == ("average", "董事会决定")
    job = jobs.latest(store.folder, ASKER)
    assert job
    while job.running:
        time.sleep(0.1)
    assert store.version == version + 1, job.fault
    job.forget()
    cursor = store.open(Viewer("tests", "system"))
    assert value(cursor, "churn", rep="K3-1", where={"quarter": "2026Q1"})[0]["denominator"] == Decimal("21.5")


def test_other_rules_are_computed_beside_those_in_force(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    compared.clear()
    app = opened(store, monkeypatch, "head")
    app.selectbox(key="side-name").select("churn_window").run()
    app.selectbox(key="side-value-churn_window").select("own_cycle").run()
    next(button for button in app.button if button.label == "并排比较").click().run()
    assert not app.exception
    shown = [table.value for table in app.dataframe if "side_after" in table.value]
    assert {"K3-1-19", "K3-1-20", "K3-3"} <= set(shown[0]["key"])
