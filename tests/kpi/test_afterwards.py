"""A sealed quarter and the facts that come later: records stay, the difference is named row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.appraisals import broken
from data.records import Records
from data.store import Store, Viewer
from kpi import quarter, standing
from kpi.afterwards import after_seal
from kpi.appraisal import Actor, RefusedError
from kpi.points import rounded
from kpi.quarter import Ask
from kpi.scoring import scorecard
from loaders.build import load, rebuild, undo
from tests.builder import Batch, department, request

PLACE = ("大客户部", "2026Q3")
HEAD, HR = Actor("陈国栋", "head", "M01"), Actor("赵敏", "hr", "H01")
ACCOUNTS = [f"A{number}" for number in range(10)]


def tables() -> dict[str, list[dict[str, Any]]]:
    plan = {"rep_id": "R1", "metric": "销售额", "period_start": "2026-07-01", "period_end": "2026-09-30"}
    orders = [
        {
            "order_no": f"{a}-{month}",
            "account_id": a,
            "rep_id": "R1",
            "order_date": f"2026-{month:02}-10",
            "amount": 100,
        }
        for a in ACCOUNTS
        for month in (4, 6, 8)
    ]
    return {
        "rep": [
            {"rep_id": "R1", "rep_name": "张伟", "role": "专员", "dept": "大客户部"},
            {"rep_id": "N1", "rep_name": "李娜", "role": "内勤", "dept": "大客户部"},
        ],
        "account": [
            {"account_id": a, "account_name": f"客户{a}", "rep_id": "R1", "account_class": "A"} for a in ACCOUNTS
        ],
        "orders": orders,
        "sales_plan": [plan | {"plan_value": 1200}],
    }


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("sealed")
    store = department(folder, [Batch(tables(), exported_on=date(2026, 9, 30))])
    records = Records(store.records_url)
    now = datetime(2026, 10, 9, tzinfo=UTC)
    quarter.lock(store, records, PLACE, HR, at=now)
    for actor, kind in ((HEAD, "submit"), (HR, "publish")):
        for rep_id, name, _ in standing.missing(quarter.steps(records, *PLACE), (actor.role,)):
            found = standing.item(quarter.steps(records, *PLACE), rep_id, name)
            score = str(standing.system_score(found) if found and not found["rated"] else 80)
            quarter.act(records, PLACE, actor, Ask("rate", rep_id, {"item": name, "score": score}), at=now)
        quarter.act(records, PLACE, actor, Ask(kind), at=now)
    for actor in (HEAD, HR):
        quarter.act(records, PLACE, actor, Ask("sign"), at=now)
    quarter.act(records, PLACE, HR, Ask("seal"), at=now + timedelta(days=20))
    return store


def late(folder: Path, store: Store) -> int:
    rows = [
        {"order_no": "A0-8", "account_id": "A0", "rep_id": "R1", "order_date": "2026-08-10", "amount": 300},
        {
            "order_no": "T1",
            "account_id": "A1",
            "rep_id": "R1",
            "order_date": "2026-09-20",
            "amount": -100,
            "order_type": "退货",
        },
    ]
    report = load(store, request(folder, Batch({"orders": rows}, exported_on=date(2026, 10, 20))))
    return int(report["load_id"])


def test_what_is_sealed_is_the_card_of_the_pinned_version(sealed: Store) -> None:
    records = Records(sealed.records_url)
    kept = standing.sealed(quarter.steps(records, *PLACE), "R1")
    assert kept is not None
    version = kept["facts"]["version"]
    card = scorecard(sealed.open(Viewer("", "system"), version), "R1", "2026Q3")
    assert version in sealed.pinned()
    assert kept["card"]["total"] == str(card.total)
    assert [item["score"] for item in kept["card"]["items"]] == [
        None if line.score is None else str(line.score) for line in card.lines
    ]
    assert len(kept["facts"]["files"]) == 4
    assert all(len(digest) == 64 for _, digest in kept["facts"]["files"])


def test_late_rows_are_named_with_what_each_moves_and_undo_takes_them_back(sealed: Store, tmp_path: Path) -> None:
    records = Records(sealed.records_url)
    steps = quarter.steps(records, *PLACE)
    assert [found.differs for found in after_seal(sealed, records, steps, ["R1", "N1"])] == [False, False]
    load_id = late(tmp_path, sealed)
    found = after_seal(sealed, records, steps, ["R1"])[0]
    assert found.differs
    moved = {row.key[1]: row for row in found.rows if row.metric == "plan_completion"}
    assert {row.account_id: rounded(row.points or Decimal(0)) for row in moved.values()} == {
        "A0": Decimal("16.67"),
        "A1": Decimal("-8.33"),
    }
    by_item = {name: (rounded(then or Decimal(0)), rounded(now or Decimal(0))) for name, then, now in found.items}
    assert by_item["plan_completion"] == (Decimal("83.33"), Decimal("91.67"))
    assert found.sealed is not None
    assert found.now is not None
    assert found.now > found.sealed
    undo(sealed, load_id)
    rebuild(sealed)
    assert not after_seal(sealed, records, steps, ["R1"])[0].differs
    assert quarter.steps(records, *PLACE) == steps
    assert broken(steps) is None


def test_a_changed_setting_is_named(sealed: Store) -> None:
    records = Records(sealed.records_url)
    steps = quarter.steps(records, *PLACE)
    pinned = [
        replace(step, value={**step.value, "people": _older(step.value["people"])}) if step.kind == "seal" else step
        for step in steps
    ]
    found = after_seal(sealed, records, pinned, ["R1"])[0]
    assert ("return_days", "15", "30") in found.rule_changes


def _older(people: dict[str, Any]) -> dict[str, Any]:
    kept = people["R1"]
    facts = kept["facts"] | {"parameters": kept["facts"]["parameters"] | {"return_days": "15"}}
    return people | {"R1": kept | {"facts": facts}}


def test_a_quarter_whose_data_end_early_is_not_locked(tmp_path: Path) -> None:
    store = department(tmp_path, [Batch(tables(), exported_on=date(2026, 9, 15))])
    records = Records(store.records_url)
    with pytest.raises(RefusedError) as caught:
        quarter.lock(store, records, PLACE, HR)
    assert caught.value.code == "data_ends_early"
    assert "2026-09-15" in quarter.worded(caught.value, "zh")
    assert quarter.steps(records, *PLACE) == []
