"""Settings: what they may be, who set them, and what decisions of the head do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.records import ReasonError, Records
from data.store import Viewer
from kpi.catalogue import every, supporting
from kpi.derive import Settings
from kpi.parameters import ParameterError, change, checked, defaults, parameters
from kpi.rollup import rows
from kpi.sides import compare
from kpi.whatif import otherwise
from loaders.build import refresh
from tests.builder import department
from tests.kpi import worked

if TYPE_CHECKING:
    from pathlib import Path

    from data.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    case = worked.case("churn_variants")
    return department(tmp_path, worked.batches(case), case["parameters"])


@pytest.mark.parametrize("name", sorted(parameters()))
def test_every_default_is_allowed_and_every_setting_is_worded(name: str) -> None:
    parameter = parameters()[name]
    assert parameter.check(parameter.default) == parameter.default
    assert set(parameter.metrics) <= set(every())
    assert parameter.type in {"choice", "int", "number", "percents", "list"}
    assert parameter.source.startswith("§")
    assert (parameter.type == "choice") == bool(parameter.choices)
    assert parameter.worded(parameter.default, "en")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("churn_mode", "declared"),
        ("churn_flat_days", "0"),
        ("churn_flat_days", "ninety"),
        ("churn_flat_days", "90.5"),
        ("ramp", "0,30,130"),
        ("ramp", ""),
        ("key_classes", "A,,B"),
        ("key_sales", "-1"),
        ("key_sales", "nan"),
        ("fiscal_year_start_month", "13"),
        ("winback_as_new_after", "30"),
        ("nothing", "1"),
    ],
)
def test_what_a_setting_cannot_be_is_refused(tmp_path: Path, name: str, value: str) -> None:
    records = Records(tmp_path / "records.db")
    with pytest.raises(ParameterError) as refused:
        change(records, name, value, who="赵敏", why="try")
    assert name in refused.value.en
    assert refused.value.zh
    assert records.parameters() == {}


def test_a_change_is_a_record_with_who_and_why(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.db")
    change(records, "key_classes", " A , B,C", who="赵敏", why="董事会决定")
    made = records.history("key_classes")[0]
    assert (made.value, made.who, made.why, made.version) == ("A,B,C", "赵敏", "董事会决定", 1)
    change(records, "key_classes", None, who="赵敏", why="撤回")
    assert records.parameters(defaults())["key_classes"] == "A,B"
    with pytest.raises(ReasonError):
        change(records, "churn_window", "flat", who="赵敏", why=" ")


def test_settings_of_another_release_do_not_stop_a_build() -> None:
    assert checked({"of_tomorrow": "1", "churn_window": "flat"}) == {"churn_window": "flat"}
    assert Settings().parameters == {}


def _judged(store: Store, account: str) -> tuple[int, str]:
    found = rows(store.open(Viewer("tests", "system")), "churn", quarter="2026Q1")
    row = next(row for row in found if row["account_id"] == account)
    return int(row["numerator"]), row["reason"]


def test_the_head_confirms_rejects_and_sets_a_cycle(store: Store) -> None:
    records = Records(store.records_url)
    assert _judged(store, "K3-3") == (1, "lost_inferred")
    records.decide("churn", "K3-3|2025-12-31", "confirm", who="赵敏", reason="已转投同行")
    records.decide("churn", "K3-2b|2025-12-20", "reject", who="赵敏", reason="停产检修")
    records.decide("churn", "K3-1-19|2025-01-01", "reject", who="赵敏", reason="另一次静默")
    records.decide("account_cycle", "K3-1-20", "60", who="赵敏", reason="每两个月一单")
    refresh(store)
    assert _judged(store, "K3-3") == (1, "lost_confirmed")
    assert _judged(store, "K3-2b") == (0, "churn_rejected")
    assert _judged(store, "K3-1-19") == (1, "lost_inferred")
    assert _judged(store, "K3-1-20") == (0, "active")
    with otherwise(store, {"churn_unconfirmed": "waits"}) as cursor:
        waiting = {row["account_id"]: row for row in rows(cursor, "churn", quarter="2026Q1")}
    assert (waiting["K3-3"]["numerator"], waiting["K3-1-19"]["reason"]) == (1, "lost_waiting")


def test_other_rules_name_the_accounts_that_change_sides(store: Store) -> None:
    found = compare(store, "churn", "2026Q1", {"churn_flat_days": "120"})
    changed = {row["key"]: (row["side_before"], row["side_after"]) for row in found["accounts"]}
    assert changed["K3-1-19"] == ("both", "denominator")
    assert "K3-1-01" not in changed
    moved = found["before"]["numerator"] - found["after"]["numerator"]
    assert moved == sum(row["numerator_before"] - row["numerator_after"] for row in found["accounts"]) > 0
    own = compare(store, "churn", "2026Q1", {"churn_flat_days": "120"}, Viewer("t", "rep", rep_id="K3-3"))
    assert {row["key"] for row in own["accounts"]} == {"K3-3"}


def test_supporting_indicators_are_no_kpis() -> None:
    assert list(every())[:4] == ["plan_completion", "file_completeness", "churn", "new_development"]
    assert all(metric.supporting for metric in supporting().values())
