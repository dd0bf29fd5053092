"""Records: versions, decisions, memory, the log; fresh, reopened, upgraded, and written by many at once."""

import multiprocessing
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from data import connect
from data.connect import NewerRecordsError, head
from data.records import ChangedError, ReasonError, Records, UnknownDecisionError, User
from data.tables import METADATA

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "records.db")


def test_parameters_in_force_lie_over_the_defaults(records: Records) -> None:
    defaults = {"churn_min_days": "120", "return_days": "30"}
    records.set_parameter("churn_min_days", "90", who="王经理", why="行业周期短")
    records.set_parameter("churn_min_days", "100", who="王经理", why="试行后放宽")
    assert records.parameters(defaults) == {"churn_min_days": "100", "return_days": "30"}
    records.set_parameter("churn_min_days", None, who="王经理", why="恢复默认")
    assert records.parameters(defaults) == defaults
    kept = [(item.version, item.value, item.who, item.why) for item in records.history("churn_min_days")]
    assert kept == [
        (3, None, "王经理", "恢复默认"),
        (2, "100", "王经理", "试行后放宽"),
        (1, "90", "王经理", "行业周期短"),
    ]


def test_targets_are_decimals_and_no_parameters(records: Records) -> None:
    records.set_target("churn", Decimal("0.05"), who="HR", why="2026 方案")
    assert records.targets() == {"churn": Decimal("0.05")}
    assert records.parameters() == {}


def test_a_change_without_a_reason_is_refused(records: Records) -> None:
    with pytest.raises(ReasonError):
        records.set_parameter("ramp", "0,50,100", who="王经理", why="  ")
    with pytest.raises(ReasonError):
        records.decide("churn", "A1", "rejected", who="王经理", reason="")
    assert records.parameters() == {}
    assert records.decisions() == []


def test_the_second_of_two_people_is_told(records: Records) -> None:
    records.set_parameter("ramp", "0,50,100", who="王经理", why="先", seen=0)
    with pytest.raises(ChangedError, match=r"王经理.*0,50,100"):
        records.set_parameter("ramp", "100", who="李人事", why="后", seen=0)
    first = records.decide("churn", "A1", "confirmed", who="王经理", reason="已走访", seen=0)
    with pytest.raises(ChangedError, match=r"王经理.*confirmed"):
        records.decide("churn", "A1", "rejected", who="李人事", reason="仍在谈", seen=0)
    second = records.decide("churn", "A1", "rejected", who="李人事", reason="仍在谈", seen=first.id)
    assert records.decisions() == [second]


def test_a_decision_replaces_and_a_revoked_one_leaves_none(records: Records) -> None:
    first = records.decide("churn", "A1", "confirmed", who="王经理", reason="已走访")
    second = records.decide("churn", "A1", "rejected", who="王经理", reason="又下单了")
    other = records.decide("identity", "A1", "A2", who="内勤", reason="同一家")
    assert records.decisions("churn") == [second]
    with pytest.raises(UnknownDecisionError):
        records.revoke(first.id, who="王经理", reason="误操作")
    records.revoke(second.id, who="王经理", reason="误操作")
    assert records.decisions() == [other]


def test_the_newest_mapping_of_a_shape_is_remembered(records: Records) -> None:
    assert records.remembered("abc") is None
    records.remember("abc", "orders", {"fields": {"amount": 3}}, who="内勤")
    records.remember("abc", "orders", {"fields": {"amount": 4}, "unit": "万元"}, who="内勤")
    found = records.remembered("abc")
    assert found is not None
    assert (found.entity, found.mapping) == ("orders", {"fields": {"amount": 4}, "unit": "万元"})


def test_users_are_replaced_as_a_whole(records: Records) -> None:
    zhang = User("张伟", "rep", "R03", "大客户部")
    records.set_users([zhang, User("王芳", "hr")], who="系统")
    records.set_users([zhang], who="系统")
    assert records.users() == [zhang]


def test_the_log_names_who_did_what_newest_first(records: Records) -> None:
    records.log("内勤", "load", "7", {"files": ["订单.csv"]})
    records.set_parameter("ramp", "100", who="王经理", why="无新人")
    decision = records.decide("churn", "A1", "confirmed", who="王经理", reason="已走访")
    records.revoke(decision.id, who="王经理", reason="误操作")
    lines = records.audit()
    assert [line.what for line in lines] == ["revoke", "decide", "set parameter", "load"]
    assert lines[2].detail == {"from": None, "to": "100", "why": "无新人"}
    assert [line.what for line in records.audit("churn:A1")] == ["revoke", "decide"]
    assert lines[0].at.utcoffset() is not None


def test_a_reopened_database_holds_what_was_written(tmp_path: Path) -> None:
    place = tmp_path / "百分 100%" / "records.db"
    written = Records(place).set_parameter("ramp", "100", who="王经理", why="无新人")
    assert Records(f"sqlite:///{place}").history("ramp") == [written]


def test_the_migrations_lead_to_the_declared_tables(records: Records) -> None:
    with records.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_an_older_database_is_upgraded_and_keeps_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "records.db"
    Records(place).decide("churn", "A1", "confirmed", who="王经理", reason="已走访")
    steps = tmp_path / "migrations"
    steps.mkdir()
    for source in connect.MIGRATIONS.rglob("*.py"):
        copy = steps / source.relative_to(connect.MIGRATIONS)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    newest = head()
    (steps / "versions" / "r9001_later.py").write_text(
        '"""A later step."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f'revision = "r9001"\ndown_revision = "{newest}"\n\n\n'
        'def upgrade() -> None:\n    op.add_column("decision", sa.Column("later", sa.Text))\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(connect, "MIGRATIONS", steps)
    upgraded = Records(place)
    assert "later" in {column["name"] for column in inspect(upgraded.engine).get_columns("decision")}
    assert [item.subject for item in upgraded.decisions()] == ["A1"]
    monkeypatch.undo()
    with pytest.raises(NewerRecordsError, match=f"r9001.*{newest}"):
        Records(place)


def test_a_failed_upgrade_leaves_the_database_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = tmp_path / "migrations"
    (steps / "versions").mkdir(parents=True)
    (steps / "env.py").write_text((connect.MIGRATIONS / "env.py").read_text(encoding="utf-8"), encoding="utf-8")
    (steps / "versions" / "r0001_broken.py").write_text(
        'from alembic import op\n\nrevision = "r0001"\ndown_revision = None\n\n\n'
        'def upgrade() -> None:\n    op.execute("CREATE TABLE half (x INT)")\n    op.execute("no such statement")\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(connect, "MIGRATIONS", steps)
    with pytest.raises(Exception, match="syntax error"):
        Records(tmp_path / "records.db")
    monkeypatch.undo()
    assert not inspect(Records(tmp_path / "records.db").engine).has_table("half")


def _write(place: str, who: int, rounds: int) -> None:
    records = Records(place)
    for _ in range(rounds):
        records.set_parameter("ramp", str(who), who=str(who), why="并发")
        records.decide("churn", "A1", str(who), who=str(who), reason="并发")


def test_writers_in_several_processes_lose_nothing(tmp_path: Path) -> None:
    place, people, rounds = tmp_path / "records.db", 4, 5
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(str(place), who, rounds)) for who in range(people)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * people
    records = Records(place)
    assert [item.version for item in records.history("ramp")] == list(range(people * rounds, 0, -1))
    assert len(records.decisions()) == 1
    assert len(records.audit()) == 2 * people * rounds


def test_a_reader_does_not_wait_for_a_writer(records: Records) -> None:
    records.set_parameter("ramp", "100", who="王经理", why="无新人")
    with records.engine.begin() as writer:
        writer.exec_driver_sql("UPDATE setting SET value = '0'")
        assert records.parameters() == {"ramp": "100"}


def test_sqlite_keeps_a_write_ahead_log(records: Records, tmp_path: Path) -> None:
    records.log("内勤", "load")
    with sqlite3.connect(tmp_path / "records.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_opening_works_from_any_folder_and_says_nothing(tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from data.records import Records; Records('here.db')"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "here.db").exists()
