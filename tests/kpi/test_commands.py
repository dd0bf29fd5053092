"""The command line of the numbers: what it refuses, and what it must not make up."""

from datetime import date
from decimal import Decimal

import pytest

from data.store import Store, Viewer
from kpi.__main__ import main
from kpi.rollup import value
from tests.builder import Batch, Rows, department

TABLES: dict[str, Rows] = {
    "rep": [
        {"rep_id": "R1", "rep_name": "张伟", "dept": "甲"},
        {"rep_id": "R2", "rep_name": "王芳", "dept": "甲"},
        {"rep_id": "R3", "rep_name": "王芳", "dept": "甲"},
    ],
    "account": [{"account_id": "A1", "account_name": "华晟", "region": "华东", "account_class": "A", "rep_id": "R1"}],
    "orders": [
        {"order_no": "S1", "account_id": "A1", "order_date": "2026-01-10", "amount": 300},
        {"order_no": "S2", "account_id": "A1", "order_date": "2026-03-31", "amount": 200},
    ],
    "sales_plan": [{"rep_id": "R1", "period_start": "2026-01-01", "period_end": "2026-04-01", "plan_value": 1000}],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return department(tmp_path_factory.mktemp("commands"), [Batch(TABLES, exported_on=date(2026, 3, 31))])


def asked(store: Store, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run one command; give its exit code and what it said on stdout and on stderr."""
    code = main([*words, "--store", str(store.folder)])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        (("rows", "churn", "--quarter", "2031Q1"), "2026Q1"),
        (("score", "--quarter", "2031Q1"), "2026Q1"),
        (("value", "churn", "--rep", "赵敏"), "R1 张伟"),
        (("value", "churn", "--rep", "王芳"), "R2 王芳, R3 王芳"),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(
    store: Store, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], listed: str
) -> None:
    code, out, err = asked(store, capsys, *words)
    assert (code, out) == (2, "")
    assert err.count(listed) == 2
    assert words[-1] in err


def test_a_rep_is_found_by_an_unambiguous_name(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    by_name = asked(store, capsys, "value", "plan_completion", "--rep", "张伟", "--json")
    assert by_name == asked(store, capsys, "value", "plan_completion", "--rep", "R1", "--json")
    assert '"value": 0.5' in by_name[1]


@pytest.mark.parametrize("by", ["region", "tier", "account"])
def test_the_plan_of_a_person_gives_no_region_a_rate(store: Store, by: str) -> None:
    (row,) = value(store.open(Viewer("", "system")), "plan_completion", by=(by,))
    assert (row["numerator"], row["value"], row["status"]) == (Decimal(500), None, "无计划")


def test_churn_has_no_plan_period(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _err = asked(store, capsys, "value", "churn", "--by", "plan_period")
    assert code == 0
    assert out.splitlines()[1].endswith("数据不足")


def test_scores_are_lines_for_people(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    _code, out, _err = asked(store, capsys, "score", "--quarter", "latest")
    assert "plan_completion=" in out
    assert "Decimal(" not in out
