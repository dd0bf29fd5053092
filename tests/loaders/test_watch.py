"""A watched folder: files that lie still are loaded once, reported and put away, whenever the process dies."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from data.store import Store
from loaders import watch as watching
from loaders.__main__ import main
from loaders.build import history, load, undo
from loaders.messages import Refused
from loaders.watch import Watcher, watch

ROOT = Path(__file__).parents[2]
ROUNDS = 60
PEOPLE = "工号,姓名,岗位,部门\nR01,张伟,专员,大客户部\n"
ORDERS = "订单编号,下单日期,客户编号,客户名称,业务员,订单金额\nSO1,2026-09-01,A1,华晟,张伟,100\n"


def silent(_stage: str, _detail: dict[str, Any]) -> None:
    """Take progress and keep nothing of it."""


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Give an empty folder to watch."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def watcher(tmp_path: Path, inbox: Path) -> Watcher:
    """Give a watcher of the folder that has not looked yet."""
    return Watcher(Store(tmp_path / "store"), inbox, silent)


def names(folder: Path) -> list[str]:
    """List what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def facts(store: Store) -> list[tuple[Any, ...]]:
    """Give the orders in force."""
    with duckdb.connect(str(store.facts(store.version)), read_only=True) as con:
        return con.execute("select order_no, amount from core.orders order by 1").fetchall()


def test_a_file_is_taken_at_the_second_look_and_reported(watcher: Watcher, inbox: Path) -> None:
    (inbox / "订单.csv").write_text(ORDERS, encoding="utf-8")
    assert watcher.look() == []
    report = watcher.look()[0]
    assert (report["outcome"], report["load_id"], report["files"][0]["inserted"]) == ("done", 1, 1)
    assert names(inbox) == ["done"]
    assert names(inbox / "done") == ["订单.csv", "订单.csv.json", "订单.csv.txt"]
    assert json.loads((inbox / "done/订单.csv.json").read_text(encoding="utf-8")) == json.loads(json.dumps(report))
    told = (inbox / "done/订单.csv.txt").read_text(encoding="utf-8")
    assert "已载入 · loaded" in told
    assert "+1" in told
    assert watcher.look() == []


def test_a_growing_file_waits_until_it_lies_still(watcher: Watcher, inbox: Path) -> None:
    path = inbox / "订单.csv"
    path.write_text(ORDERS, encoding="utf-8")
    watcher.look()
    path.write_text(ORDERS + "SO2,2026-09-02,A1,华晟,张伟,200\n", encoding="utf-8")
    assert watcher.look() == []
    assert watcher.look()[0]["files"][0]["inserted"] == 2


def test_a_file_rewritten_in_the_same_size_waits_too(watcher: Watcher, inbox: Path) -> None:
    path = inbox / "订单.csv"
    path.write_text(ORDERS, encoding="utf-8")
    watcher.look()
    os.utime(path, ns=(0, 1))
    assert watcher.look() == []
    assert len(watcher.look()) == 1


@pytest.mark.parametrize("name", [".hidden.csv", "~$订单.xlsx", "订单.csv.part", "订单.CSV.TMP", "订单.csv.crdownload"])
def test_what_is_unfinished_or_hidden_is_left_alone(watcher: Watcher, inbox: Path, name: str) -> None:
    (inbox / name).write_text(ORDERS, encoding="utf-8")
    (inbox / "done").mkdir()
    (inbox / "done/old.csv").write_text(ORDERS, encoding="utf-8")
    (inbox / "link.csv").symlink_to(inbox / "done/old.csv")
    assert watcher.look() + watcher.look() == []
    assert name in names(inbox)


def test_a_refused_file_changes_nothing_and_says_why(watcher: Watcher, inbox: Path) -> None:
    (inbox / "signed.pdf").write_bytes(b"%PDF-1.7 no table")
    (inbox / "人员.csv").write_text(PEOPLE, encoding="utf-8")
    watcher.look()
    outcomes = {report["file"]: report["outcome"] for report in watcher.look()}
    assert outcomes == {"signed.pdf": "refused", "人员.csv": "done"}
    assert names(inbox / "refused") == ["signed.pdf", "signed.pdf.json", "signed.pdf.txt"]
    report = json.loads((inbox / "refused/signed.pdf.json").read_text(encoding="utf-8"))
    told = (inbox / "refused/signed.pdf.txt").read_text(encoding="utf-8")
    assert report["refused"]["zh"] in told
    assert report["refused"]["en"] in told
    assert len(history(watcher.store)) == 1


@pytest.mark.parametrize("place", ["_write", "_put_away"])
def test_killed_after_loading_the_same_file_is_not_loaded_again(
    watcher: Watcher, inbox: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (inbox / "订单.csv").write_text(ORDERS, encoding="utf-8")
    watcher.look()

    def killed(*_given: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(watching if place == "_write" else Watcher, place, killed)
        with pytest.raises(SystemExit):
            watcher.look()
    before = (watcher.store.version, facts(watcher.store))
    again = Watcher(watcher.store, inbox, silent)
    again.look()
    report = again.look()[0]
    assert (report["outcome"], report["load_id"], report["notice"]["code"]) == ("done", 1, "watch_taken")
    assert (watcher.store.version, facts(watcher.store)) == before
    assert "订单.csv" in names(inbox / "done")


def test_a_new_file_of_the_same_name_is_loaded_and_kept_beside_the_old(watcher: Watcher, inbox: Path) -> None:
    for amount in ("100", "250"):
        (inbox / "订单.csv").write_text(ORDERS.replace("100", amount), encoding="utf-8")
        watcher.look()
        watcher.look()
    assert [str(row[1]) for row in facts(watcher.store)] == ["250.0000"]
    assert [name for name in names(inbox / "done") if name.endswith(".csv")] == ["订单 (2).csv", "订单.csv"]


def test_a_file_written_over_while_loading_is_not_lost(
    watcher: Watcher, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = inbox / "订单.csv"
    path.write_text(ORDERS, encoding="utf-8")
    watcher.look()

    def overtaken(*given: Any) -> dict[str, Any]:  # noqa: ANN401 - passes on what the loader takes
        path.write_text(ORDERS.replace("SO1", "SO9"), encoding="utf-8")
        return load(*given)

    with monkeypatch.context() as patched:
        patched.setattr(watching, "load", overtaken)
        watcher.look()
    assert (inbox / "done/订单.csv").read_text(encoding="utf-8") == ORDERS
    watcher.look()
    watcher.look()
    assert [row[0] for row in facts(watcher.store)] == ["SO1", "SO9"]


def test_the_command_looks_twice_and_tells(tmp_path: Path, inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inbox / "订单.csv").write_text(ORDERS, encoding="utf-8")
    (inbox / "bad.pdf").write_bytes(b"%PDF-1.7 no table")
    words = ["watch", str(inbox), "--once", "--every", "0", "--store", str(tmp_path / "store")]
    assert main([*words, "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["done"], document["refused"], document["version"]) == (["订单.csv"], ["bad.pdf"], 1)
    assert main(words) == 0
    assert main(["watch", str(inbox / "nowhere"), "--once"]) == 2
    assert "watch_" not in capsys.readouterr().err


def test_a_load_undone_by_a_person_is_not_brought_back(watcher: Watcher, inbox: Path) -> None:
    path = inbox / "订单.csv"
    path.write_text(ORDERS, encoding="utf-8")
    watcher.look()
    watcher.look()
    undo(watcher.store, 1)
    (inbox / "done/订单.csv").rename(path)
    watcher.look()
    watcher.look()
    assert facts(watcher.store) == []


def test_one_folder_has_one_watcher(tmp_path: Path, inbox: Path) -> None:
    with watching._alone(inbox), pytest.raises(Refused) as refused:  # noqa: SLF001 - the hold itself
        watch(Store(tmp_path / "store"), inbox, silent, once=True, every=0)
    assert refused.value.code == "watch_twice"


def test_killed_at_any_moment_nothing_is_lost_and_nothing_loaded_twice(tmp_path: Path, inbox: Path) -> None:
    store = Store(tmp_path / "store")
    files = {f"订单{number}.csv": ORDERS.replace("SO1", f"SO{number}") for number in range(4)}
    for name, content in files.items():
        (inbox / name).write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "loaders", "watch", str(inbox), "--every", "0.05", "--store", str(store.folder)]
    random = Random(7)  # noqa: S311 - test data, no secret
    rounds = 0
    while set(names(inbox)) & set(files):
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            time.sleep(random.uniform(1, 5))
            os.killpg(process.pid, signal.SIGKILL)
        rounds += 1
        assert rounds < ROUNDS
    assert sorted(sheet["file"] for entry in history(store) for sheet in entry["sheets"]) == sorted(files)
    assert {name for name in names(inbox / "done") if name.endswith(".csv")} == set(files)
    assert all((inbox / "done" / f"{name}.txt").exists() for name in files)
    assert [order for order, _amount in facts(store)] == ["SO0", "SO1", "SO2", "SO3"]
