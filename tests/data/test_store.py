"""Versions of the facts: atomic publishing, readers that keep theirs, the lock, the kept raw files."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from data.store import KEEP, BusyError, EmptyStoreError, Store, Viewer

SYSTEM = Viewer("tests", "system")
HOLD = """
import sys
from pathlib import Path
from data.store import Store
with Store(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def publish(store: Store, content: int) -> int:
    """Publish a version whose one table holds a number."""
    with store.locked():
        path = store.draft()
        with duckdb.connect(str(path)) as con:
            con.execute("create schema if not exists core")
            con.execute("create schema if not exists meta")
            for name in ("load", "file", "sheet", "load_sheet", "error", "corrected"):
                con.execute(f"create table if not exists meta.{name}(notes varchar)")
            con.execute("create table if not exists core.member(dept varchar)")
            con.execute(f"create or replace table core.number as select {content} as n")
        return store.publish(path)


def number(cursor: duckdb.DuckDBPyConnection) -> int:
    row = cursor.execute("select n from number").fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "店 'quoted' store")


def test_nothing_published_opens_nothing(store: Store) -> None:
    assert store.version == 0
    assert not store.readable
    with pytest.raises(EmptyStoreError):
        store.open(SYSTEM)


def test_a_version_follows_a_version(store: Store) -> None:
    assert [publish(store, 10), publish(store, 20)] == [1, 2]
    assert store.version == 2
    assert number(store.open(SYSTEM)) == 20
    assert number(store.open(SYSTEM, version=1)) == 10


def test_an_open_cursor_keeps_its_version(store: Store) -> None:
    publish(store, 1)
    cursor = store.open(SYSTEM)
    for content in range(2, KEEP + 4):
        publish(store, content)
    assert not store.facts(1).exists()
    assert number(cursor) == 1
    assert number(store.open(SYSTEM)) == KEEP + 3


def test_readers_of_other_threads_are_not_disturbed(store: Store) -> None:
    publish(store, 0)
    seen: list[set[int]] = []

    def read() -> None:
        cursor = store.open(SYSTEM)
        seen.append({number(cursor) for _ in range(50)})

    readers = [threading.Thread(target=read) for _ in range(8)]
    for turn, reader in enumerate(readers):
        reader.start()
        if turn % 2:
            publish(store, turn)
    for reader in readers:
        reader.join()
    assert len(seen) == len(readers)
    assert all(len(numbers) == 1 for numbers in seen)


def test_old_versions_go_and_pinned_ones_stay(store: Store) -> None:
    publish(store, 1)
    (store.folder / "pinned").write_text("1\n", encoding="utf-8")
    for content in range(2, KEEP + 4):
        publish(store, content)
    kept = sorted(int(path.name[6:12]) for path in store.folder.glob("facts-*.duckdb"))
    assert kept == [1, *range(4, KEEP + 4)]


def test_a_draft_that_is_not_published_changes_nothing(store: Store) -> None:
    publish(store, 1)
    with store.locked():
        with duckdb.connect(str(store.draft())) as con:
            con.execute("update core.number set n = 2")
        store.facts(2).write_bytes(b"renamed, but the pointer was never moved")
        (store.folder / "raw").mkdir()
        (store.folder / "raw" / "abc.7.part").write_bytes(b"half")
    with store.locked():
        assert sorted(path.name for path in store.folder.glob("*duckdb")) == ["facts-000001.duckdb"]
        assert list((store.folder / "raw").iterdir()) == []
    assert number(store.open(SYSTEM)) == 1


def test_a_second_build_waits_and_can_say_for_whom(store: Store) -> None:
    publish(store, 1)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", HOLD, str(store.folder)]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=f"^{holder.pid}$"), store.locked(wait=False):
            pytest.fail("two builds held one lock")
        assert number(store.open(SYSTEM)) == 1
        holder.communicate("")
    with store.locked(wait=False):
        assert store.version == 1


def test_a_raw_file_is_kept_once_and_untouched(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_bytes(b"\xef\xbb\xbf\xe5\xae\xa2\r\n")
    digest = store.keep_raw(path)
    kept = store.raw(digest)
    assert kept.read_bytes() == path.read_bytes()
    before = kept.stat().st_ino
    assert store.keep_raw(path) == digest
    assert kept.stat().st_ino == before
    assert [each.name for each in kept.parent.iterdir()] == [digest]


def test_the_store_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KAC_STORE", str(tmp_path))
    assert Store.default().folder == tmp_path
    assert Store.default("elsewhere").folder == Path("elsewhere")
    monkeypatch.delenv("KAC_STORE")
    assert Store.default().folder.parts[-2:] == ("data", "var")
    monkeypatch.setenv("KAC_RECORDS", "postgresql://db/records")
    assert Store.default().records_url == "postgresql://db/records"
