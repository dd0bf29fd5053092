"""The scorecard of an unfinished quarter: a projection in words, and nothing that could be taken for a score."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.store import Store
from tests.builder import Batch, department
from tests.kpi.test_expected import tables

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def half_way(tmp_path_factory: pytest.TempPathFactory) -> Store:
    people = [
        ("M01", "陈国栋", "大客户部经理"),
        ("N01", "李娜", "内勤"),
        ("R03", "张伟", "专员"),
        ("R04", "王芳", "专员"),
    ]
    own = tables() | {
        "rep": [{"rep_id": n, "rep_name": name, "role": role, "dept": "大客户部"} for n, name, role in people]
    }
    return department(tmp_path_factory.mktemp("ahead"), [Batch(own, exported_on=date(2026, 8, 14))])


def scorecard(store: Store, monkeypatch: pytest.MonkeyPatch, who: str, quarter: str) -> AppTest:
    monkeypatch.setenv("KAC_STORE", str(store.folder))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in {"me": who, "quarter": quarter, "rep": "R03"}.items():
        app.query_params[name] = value
    app.run()
    app.switch_page("pages/scorecard/scorecard.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(
        str(getattr(each, "value", "")) for kind in ("markdown", "subheader", "caption") for each in app.get(kind)
    )


def test_a_rep_reads_where_the_quarter_is_heading(half_way: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """New accounts under v2: 0, 0 and 2 of 11; whole points only, and the grade of the day is not shown."""
    text = said(scorecard(half_way, monkeypatch, "R03", "2026Q3"))
    assert "推算，不是得分" in text
    assert "第 45 天，共 92 天" in text
    assert "本季未结束，只算到 2026-08-14，不定等级" in text
    assert not re.search("等级 [A-D]", text)
    frame = next(
        each.value for each in scorecard(half_way, monkeypatch, "R03", "2026Q3").dataframe if "range" in each.value
    )
    assert frame["range"].tolist() == ["80.00% → 110.00%", "54.17% → 100.00%", "9.09% → 0.00%", "0.00% → 18.18%"]


def test_a_finished_quarter_has_none_and_a_clerk_reads_none(half_way: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "推算" not in said(scorecard(half_way, monkeypatch, "R03", "2026Q2"))
    assert "推算" not in said(scorecard(half_way, monkeypatch, "N01", "2026Q3"))
