"""The detectors of domain.md §7: each asks exactly what its case says, and none changes a number."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from data.store import Store, Viewer
from kpi import flags
from kpi.catalogue import metrics
from kpi.flags import detectors
from tests.builder import Batch, Rows, department

if TYPE_CHECKING:
    import duckdb

FOLDER = Path(__file__).parent / "detector_cases"
CASES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
SYSTEM = Viewer("tests", "system")


def _rows(table: dict[str, Any]) -> list[dict[str, str]]:
    listed = []
    for row in table["rows"]:
        times, cells = (row["times"], row["row"]) if isinstance(row, dict) else (1, row)
        listed += [[cell.format(n=number) for cell in cells] for number in range(1, times + 1)]
    return [dict(zip(table["columns"], cells, strict=True)) for cells in listed]


def _batches() -> list[Batch]:
    """Put the loads of all cases into one department: one batch for each day of export."""
    tables: dict[Any, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for case in CASES.values():
        for load in case["load"]:
            for name, table in load.items():
                if isinstance(table, dict):
                    tables[load["exported_on"]][name] += _rows(table)
    last = tables[max(tables)]
    known = {row["rep_id"] for row in last["rep"]}
    reps = {row["rep_id"] for batch in tables.values() for rows in batch.values() for row in rows if row.get("rep_id")}
    reps |= {row["previous_rep"] for row in last["rep_assignment"]}
    last["rep"] += [{"rep_id": rep, "rep_name": f"专员{rep}"} for rep in sorted(reps - known)]
    return [Batch(dict(found), exported_on) for exported_on, found in sorted(tables.items())]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give one department in which every case happens."""
    return department(tmp_path_factory.mktemp("flags"), _batches())


@pytest.fixture(scope="module")
def cursor(store: Store) -> duckdb.DuckDBPyConnection:
    return store.open(SYSTEM)


def test_every_detector_has_a_case() -> None:
    assert set(CASES) == set(detectors())


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_detector_asks_exactly_what_its_case_says(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    found = [row for row in flags.flags(cursor, detector=name) if row["rep_id"] in _reps(name)]
    expected = CASES[name]["expect"]
    kept = sorted({key for expect in expected for key in expect})
    shown = [{key: row[key] for key in kept} for row in found]
    wanted = [next((row for row in shown if _agrees(row, expect)), None) for expect in expected]
    assert None not in wanted, (expected, shown)
    assert len(found) == len(expected), shown


def _reps(name: str) -> set[str]:
    rows = [
        row
        for load in CASES[name]["load"]
        for table in load.values()
        if isinstance(table, dict)
        for row in _rows(table)
    ]
    return {row[key] for row in rows for key in ("rep_id", "previous_rep") if row.get(key)}


def _agrees(row: dict[str, Any], expect: dict[str, Any]) -> bool:
    return all(row[key] == value for key, value in expect.items())


@pytest.mark.parametrize("name", sorted(detectors()))
def test_a_detector_is_worded_and_uses_each_of_its_thresholds(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    detector = detectors()[name]
    for key in ("title", "question", "line", "unit"):
        assert " | " in detector.header[key], key
    for threshold in detector.thresholds:
        assert f"${threshold}" in detector.sql
    asked = flags.flags(cursor, detector=name)
    for language, ask in (("zh", ("请核实", "？")), ("en", ("please check", "?"))):
        for row in asked:
            words = flags.worded(row, language)
            assert row["reason"].startswith("junk_") or words.endswith(ask), words
            assert "违规" not in words
            assert "{" not in words + detector.line(language)


def _honest() -> list[Batch]:
    """Give half a year of one rep who sells, calls, visits, develops and keeps the ledger as one should."""
    months = [
        date(2025, 10, 1),
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
        date(2026, 3, 1),
    ]
    names = ("恒远轴承", "德邦电机", "新科仪表", "泰和阀门")
    accounts = [
        {"account_id": f"OK-{place}", "account_name": f"{name}有限公司", "rep_id": "OK", "is_key_account": "是"}
        for place, name in enumerate(names)
    ]
    days = [month + timedelta(6 + place) for month in months for place in range(len(names))]
    working = [day + timedelta({6: 2, 7: 1}.get(day.isoweekday(), 0)) for day in days]
    owners = [f"OK-{place % len(names)}" for place in range(len(days))]
    seen = list(zip(working, owners, strict=True))
    tables: dict[str, Rows] = {
        "rep": [{"rep_id": "OK", "rep_name": "郑和", "role": "专员", "dept": "甲", "hired_at": date(2024, 1, 1)}],
        "account": accounts,
        "orders": [
            {"order_no": f"OK{n}", "order_date": day, "account_id": who, "rep_id": "OK", "amount": 1000 + 7 * n}
            for n, (day, who) in enumerate(seen)
        ],
        "sales_plan": [
            {"rep_id": "OK", "period_start": start, "period_end": end, "plan_value": plan}
            for start, end, plan in (
                (date(2025, 10, 1), date(2026, 1, 1), 12_000),
                (date(2026, 1, 1), date(2026, 4, 1), 13_000),
            )
        ],
        "visit": [
            {"visit_id": f"OK{n}", "account_id": who, "rep_id": "OK", "contact_name": "王工"}
            | {"visit_at": f"{day} {9 + 2 * (n % 4):02d}:00", "recorded_at": f"{day} 18:{n:02d}"}
            for n, (day, who) in enumerate(seen)
        ],
        "call": [
            {"account_id": who, "rep_id": "OK", "call_at": f"{day} 15:{n:02d}", "connected": "是", "duration_s": 300}
            for n, (day, who) in enumerate(seen)
        ],
        "stage_history": [
            {"account_id": "OK-3", "rep_id": "OK", "model": "a", "stage_no": stage, "entered_at": day}
            for stage, day in ((1, date(2025, 10, 9)), (2, date(2025, 11, 10)), (3, date(2026, 1, 12)))
        ],
        "requisition": [
            {"ledger_no": "OK1", "rep_id": "OK", "person_account": "郑和", "item": "样册"}
            | {"clerk_drawn_at": date(2026, 2, 2), "issued_at": date(2026, 2, 3)}
        ],
    }
    return [Batch(tables, date(2026, 3, 31))]


def test_a_clean_department_is_asked_nothing(tmp_path: Path) -> None:
    cursor = department(tmp_path, _honest()).open(SYSTEM)
    read = {
        name: cursor.execute(f"select count(*) from {name}").fetchone() for name in ("visit", "call", "stage_entry")
    }
    assert all(count and count[0] for count in read.values()), read
    assert [(row["detector"], row["reason"], row["day"]) for row in flags.flags(cursor)] == []


def test_sales_just_over_the_threshold_of_a_key_account(tmp_path: Path) -> None:
    """Threshold 10,000: 10,050 is half a percent above, 10,100 a whole one, 9,990 below; older sales do not count."""
    sold = {"K1": [("2025-04-01", 10_050)], "K2": [("2025-06-01", 10_100)], "K3": [("2025-06-01", 9_990)]}
    sold["K4"] = [("2025-03-31", 60), ("2025-06-01", 9_995)]
    tables: dict[str, Rows] = {
        "account": [{"account_id": who, "account_name": f"{who}机械厂", "rep_id": "R1"} for who in sold],
        "orders": [
            {"order_no": f"{who}{day}", "order_date": day, "account_id": who, "rep_id": "R1", "amount": amount}
            for who, found in sold.items()
            for day, amount in found
        ],
    }
    rules = {"key_rule": "sales", "key_sales": "10000"}
    cursor = department(tmp_path, [Batch(tables, date(2026, 3, 31))], rules).open(SYSTEM)
    found = flags.flags(cursor, detector="just_over")
    assert [(row["account_id"], row["number"], row["base"]) for row in found] == [("K1", 10_050, 10_000)]


def test_no_metric_scheme_or_step_reads_a_flag() -> None:
    folder = Path(flags.__file__).parent
    texts = [metric.sql for metric in metrics().values()]
    texts += [path.read_text("utf-8") for path in (*folder.glob("steps/*.sql"), *folder.glob("schemes/*.toml"))]
    texts += [(folder / name).read_text("utf-8") for name in ("scoring.py", "rollup.py", "points.py")]
    assert not [text for text in texts if "mart.flag" in text or "core.flag" in text or "import flags" in text]


def test_counts_are_the_numbers_of_rows(cursor: duckdb.DuckDBPyConnection) -> None:
    rows = flags.flags(cursor, quarter="2026Q1")
    counted = flags.counts(cursor, quarter="2026Q1")
    assert sum(row["questions"] for row in counted) == len(rows) > 0
    assert {(row["rep_id"], row["detector"]) for row in counted} == {(row["rep_id"], row["detector"]) for row in rows}


def test_a_rep_sees_questions_about_themselves_and_no_colleagues_account(store: Store) -> None:
    view = store.open(Viewer("HC", "rep", "HC"))
    found = flags.flags(view)
    assert {row["rep_id"] for row in found} == {"HC"}
    assert {row["other_id"] for row in found} == {None}
    assert {row["other_id"] for row in flags.flags(store.open(Viewer("FN", "rep", "FN")))} == {None, "FN-old"}


def test_hr_sees_evidence_without_names(store: Store) -> None:
    found = flags.flags(store.open(Viewer("hr", "hr")))
    assert found
    assert {row["account_name"] for row in found} == {None}


def test_the_command_lists_them(store: Store) -> None:
    words = [sys.executable, "-m", "kpi", "flags", "--quarter", "2026Q1", "--rep", "BD", "--json", "--store"]
    done = subprocess.run([*words, str(store.folder)], capture_output=True, text=True, check=True)
    rows = json.loads(done.stdout)["rows"]
    assert [(row["detector"], row["number"], row["file"]) for row in rows] == [("back_dating", 55, "visit.csv")]
    assert rows[0]["reason_zh"] == "发生 55 天后才录入，请核实"


def test_the_sample_s_own_stories_are_asked_about(sample_store: Store) -> None:
    from data.sample.story import STORY  # noqa: PLC0415 - the story belongs to this test alone

    cur = sample_store.open(SYSTEM)
    disguised = STORY["disguised_churn"]
    hidden = {row["account_id"] for row in flags.flags(cur, rep=disguised["rep"], detector="hidden_churn")}
    assert hidden == set(disguised["accounts"])
    junk: dict[str, int] = defaultdict(int)
    for row in flags.counts(cur, quarter="2026Q3"):
        junk[row["rep_id"]] += row["questions"] * (row["detector"] == "junk_profile")
    assert max(junk, key=junk.__getitem__) == STORY["junk_files"]
