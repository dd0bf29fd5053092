"""What a viewer's cursor gives away: every view of the sample walked, and checked against what is true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from data.entity import entities
from data.scope import COMMON, Viewer
from data.store import Store
from kpi.rollup import rows, value
from tests.builder import Batch, Rows, department

SYSTEM = Viewer("tests", "system")
HR, CLERK, REP, HEAD = Viewer("h", "hr"), Viewer("c", "clerk"), Viewer("r", "rep", "R03"), Viewer("m", "head")
VIEWS = "select view_name from duckdb_views() where temporary and not internal order by 1"


@dataclass(frozen=True)
class Opened:
    """A cursor and the columns of each of its views."""

    cursor: duckdb.DuckDBPyConnection
    views: dict[str, list[str]]


def opened(store: Store, viewer: Viewer) -> Opened:
    cursor = store.open(viewer)
    names = [row[0] for row in cursor.execute(VIEWS).fetchall()]
    return Opened(cursor, {name: [row[0] for row in cursor.execute(f'describe "{name}"').fetchall()] for name in names})


def texts(cursor: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    return {row[0] for row in cursor.execute(sql).fetchall() if row[0] is not None}


def test_every_table_is_behind_a_view_of_each_role(sample_store: Store) -> None:
    with duckdb.connect(str(sample_store.facts(sample_store.version)), read_only=True) as con:
        tables = texts(
            con,
            "select table_name from duckdb_tables() where schema_name in ('core', 'mart') "
            "and not starts_with(table_name, '_')",
        )
    for viewer in (SYSTEM, HR, CLERK, REP, HEAD):
        found = {name for name in opened(sample_store, viewer).views if not name.startswith("source_")}
        assert found == tables
        assert set(entities()) <= found


def test_a_rep_sees_rows_of_no_account_but_their_own(sample_store: Store) -> None:
    system = sample_store.open(SYSTEM)
    own = texts(
        system,
        "select account_id from tenure, clock where rep_id = 'R03' and from_date <= data_date and to_date > data_date "
        "union select account_id from credited where rep_id = 'R03' "
        "union select account_id from visit where rep_id = 'R03' "
        "union select account_id from orders where rep_id = 'R03'",
    )
    seen = opened(sample_store, REP)
    accounts = {name for name, columns in seen.views.items() if "account_id" in columns}
    assert len(accounts) > 25
    for name in accounts:
        assert texts(seen.cursor, f'select distinct account_id from "{name}"') <= own, name
    assert texts(seen.cursor, "select account_id from account") == own


def test_a_rep_sees_what_no_account_hangs_on_only_if_it_is_theirs_or_everyones(sample_store: Store) -> None:
    seen = opened(sample_store, REP)
    for name, columns in seen.views.items():
        if "account_id" in columns or name in COMMON or name.startswith("source_"):
            continue
        if "rep_id" in columns:
            assert texts(seen.cursor, f'select distinct rep_id from "{name}"') <= {"R03"}, name
        elif name != "feedback_form":
            assert seen.cursor.execute(f'select count(*) from "{name}"').fetchone() == (0,), name


def test_a_rep_sees_the_feedback_of_their_visits_alone(sample_store: Store) -> None:
    cursor = sample_store.open(REP)
    forms = texts(cursor, "select visit_id from feedback_form")
    assert forms
    assert forms <= texts(cursor, "select visit_id from visit")


@pytest.mark.parametrize("metric", ["plan_completion", "churn", "file_completeness", "new_development"])
def test_a_rep_sees_their_own_value_and_nobody_elses(sample_store: Store, metric: str) -> None:
    whole = [row for row in value(sample_store.open(SYSTEM), metric, by=("rep", "quarter")) if row["rep"] == "R03"]
    assert whole
    assert value(sample_store.open(REP), metric, by=("rep", "quarter")) == whole


def test_hr_sees_no_name_contact_or_text_of_an_account(sample_store: Store) -> None:
    system = sample_store.open(SYSTEM)
    secret = texts(system, "select account_name from account") | texts(system, "select uscc from account")
    for name, entity in entities().items():
        for field in entity.fields.values():
            if field.visibility in {"R", "S"} and field.type == "text" and not field.refers:
                secret |= {found for found in texts(system, f'select "{field.name}" from "{name}"') if len(found) > 3}
    seen = opened(sample_store, HR)
    assert len(secret) > 500
    for name, columns in seen.views.items():
        for column in columns:
            shown = texts(seen.cursor, f'select distinct cast("{column}" as varchar) from "{name}"')
            assert not shown & secret, f"{name}.{column}"


def test_hr_meets_no_name_in_the_keys_of_a_department_without_numbers(tmp_path: Path) -> None:
    visits = [{"account_name": "海城精密", "rep_name": "张伟", "visit_at": date(2025, 3, 1)}]
    plans = [{"account_name": "海城精密", "rep_name": "张伟", "period_start": date(2025, 1, 1)}]
    plans[0] |= {"period_end": date(2025, 3, 31), "plan_value": 100}
    store = department(
        tmp_path, [Batch({"account": [{"account_name": "海城精密"}], "visit": visits, "sales_plan": plans})]
    )
    assert texts(store.open(SYSTEM), "select _key from visit")
    seen = opened(store, HR)
    for name, columns in seen.views.items():
        for column in columns:
            shown = texts(seen.cursor, f'select distinct cast("{column}" as varchar) from "{name}"')
            assert not [found for found in shown if "海城精密" in found], f"{name}.{column}"


def test_hr_sees_the_numbers_and_the_rows_behind_them(sample_store: Store) -> None:
    system, hr = sample_store.open(SYSTEM), sample_store.open(HR)
    for metric in ("plan_completion", "churn", "file_completeness", "new_development"):
        assert value(hr, metric, by=("rep", "quarter")) == value(system, metric, by=("rep", "quarter"))
    kept = ("account_id", "rep_id", "numerator", "denominator", "reason", "file", "sheet", "source_row")
    theirs = sorted(tuple(str(row[key]) for key in kept) for row in rows(hr, "churn", "latest"))
    assert theirs == sorted(tuple(str(row[key]) for key in kept) for row in rows(system, "churn", "latest"))
    assert {row["account_name"] for row in rows(hr, "churn", "latest")} == {None}


def test_a_clerk_sees_whether_a_contact_is_known_but_not_which(sample_store: Store) -> None:
    clerk, system = sample_store.open(CLERK), sample_store.open(SYSTEM)
    masked = [
        (name, field.name)
        for name, entity in entities().items()
        for field in entity.fields.values()
        if field.visibility == "R" and field.sql_type == "VARCHAR"
    ]
    filled = 0
    for name, column in masked:
        known = system.execute(f'select count("{column}") from "{name}"').fetchone()
        assert texts(clerk, f'select distinct "{column}" from "{name}"') <= {"有"}
        assert clerk.execute(f'select count("{column}") from "{name}"').fetchone() == known
        filled += known[0] if known else 0
    assert filled > 100


def test_nobody_but_the_system_sees_sensitive_fields(sample_store: Store) -> None:
    for viewer in (HR, CLERK, REP, HEAD):
        cursor = sample_store.open(viewer)
        for name, entity in entities().items():
            for field in entity.fields.values():
                if field.visibility == "S":
                    assert cursor.execute(f'select count("{field.name}") from "{name}"').fetchone() == (0,)


def test_rejected_cells_and_quoting_notes_are_for_those_who_load(sample_store: Store) -> None:
    for viewer, trusted in ((HEAD, True), (CLERK, True), (REP, False), (HR, False)):
        cursor = sample_store.open(viewer)
        assert bool(texts(cursor, "select value from source_error")) is trusted
        assert bool(texts(cursor, "select notes from source_sheet")) is trusted


def two_departments(folder: Path) -> Store:
    reps = [
        {"rep_id": "A1", "rep_name": "甲", "dept": "东"},
        {"rep_id": "B1", "rep_name": "乙", "dept": "西"},
    ]
    accounts: Rows = [
        {"account_id": "K1", "account_name": "一厂", "rep_id": "A1"},
        {"account_id": "K2", "account_name": "二厂", "rep_id": "B1"},
        {"account_id": "K3", "account_name": "三厂", "rep_id": None},
    ]
    orders = [
        {"order_no": f"S{n}", "order_date": date(2025, 2, n), "account_id": f"K{n}", "rep_id": rep, "amount": 100 * n}
        for n, rep in ((1, "A1"), (2, "B1"))
    ]
    ratings = [{"period": "2025Q1", "rep_id": rep, "item": "报表", "score": 80} for rep in ("A1", "B1")]
    return department(
        folder, [Batch({"rep": reps, "account": accounts, "orders": orders, "rating": ratings}, date(2025, 4, 2))]
    )


def test_a_department_sees_its_own_and_what_belongs_to_nobody(tmp_path: Path) -> None:
    store = two_departments(tmp_path)
    for role in ("head", "hr"):
        cursor = store.open(Viewer("m", role, dept="东"))
        assert texts(cursor, "select account_id from account") == {"K1", "K3"}
        assert texts(cursor, "select rep_id from rep") == {"A1"}
        assert texts(cursor, "select order_no from orders") == {"S1"}
        assert texts(cursor, "select rep_id from rating") == {"A1"}
        assert texts(cursor, "select rep_id from contribution_plan_completion") == {"A1"}


def test_a_clerk_sees_no_ratings(tmp_path: Path) -> None:
    store = two_departments(tmp_path)
    assert texts(store.open(HEAD), "select rep_id from rating") == {"A1", "B1"}
    assert texts(store.open(CLERK), "select _key from rating") == set()


@pytest.mark.parametrize("viewer", [Viewer("x", ""), Viewer("x", "guest"), Viewer("x", "rep")])
def test_without_a_role_nothing_opens(sample_store: Store, viewer: Viewer) -> None:
    with pytest.raises(PermissionError):
        sample_store.open(viewer)
