"""Loads, undos and rebuilds: whatever the way, the facts say exactly what the loads in force say."""

from __future__ import annotations

import json
import multiprocessing
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

import serve
from data.records import Records
from data.store import Store, Viewer
from loaders import build, manifest
from loaders.build import Request, UnknownLoadError, check, history, load, rebuild, refresh, undo
from loaders.messages import Refused
from tests.builder import Batch, department, request
from tests.kpi import random_department
from tests.loaders.whole import differing, facts

SYSTEM = Viewer("tests", "system")
SEEDS = (3, 11)
ORDERS = "订单编号,下单日期,客户编号,业务员,订单金额\n"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def column(store: Store, sql: str) -> list[Any]:
    return [row[0] for row in store.open(SYSTEM).execute(sql).fetchall()]


def batches(seed: int) -> list[Batch]:
    """Give a random department's two exports and a partial third, each of a day of its own."""
    first, second = random_department.build(seed).batches
    rows = list(second.tables["account"])
    third = Batch(
        {"account": [{**row, "account_class": "A"} for row in rows[::2]], "orders": second.tables["orders"][:5]},
        date(2025, 9, 1),
        complete=False,
    )
    return [Batch(first.tables, date(2024, 9, 1)), Batch(second.tables, date(2025, 8, 1)), third]


def test_loading_reports_and_numbers_its_loads(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    path = written(tmp_path, "订单.csv", ORDERS + "S1,2025-03-01,A1,张伟,100\nS2,2025-03-02,A1,张伟,200\n")
    report = load(store, Request([path], who="王芳", note="三月"))
    file = report["files"][0]
    assert (report["load_id"], report["version"]) == (1, 1)
    assert [file[key] for key in ("entity", "rows", "inserted", "changed", "unchanged", "rejected")] == [
        "orders", 2, 2, 0, 0, 0,
    ]  # fmt: skip
    entry = history(store)[0]
    assert [entry[key] for key in ("load_id", "who", "note", "rows", "in_force")] == [1, "王芳", "三月", 2, True]
    assert [event.subject for event in Records(store.records_url).audit()] == ["订单.csv"]


def test_a_changed_row_says_what_became_what(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, Request([written(tmp_path / "1", "订单.csv", ORDERS + "S1,2025-03-01,A1,张伟,100\n")]))
    later = written(tmp_path / "2", "订单.csv", ORDERS + "S1,2025-03-01,A1,张伟,150\nS2,2025-03-02,A1,张伟,200\n")
    file = load(store, Request([later]))["files"][0]
    assert [file[key] for key in ("inserted", "changed", "unchanged")] == [1, 1, 0]
    assert file["changes"] == [{"key": "S1", "fields": {"amount": ["100.0000", "150.0000"]}}]


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    first = random_department.build(5).batches[1]
    store = department(tmp_path, [Batch(first.tables, date(2025, 8, 1))])
    before = facts(store)
    report = load(store, request(tmp_path / "batch1", Batch(first.tables, date(2025, 8, 1))))
    for file in report["files"]:
        assert (file["inserted"], file["changed"]) == (0, 0), file
        assert file["unchanged"] > 0
    assert facts(store) == before


def test_a_check_publishes_nothing_and_foretells_the_load(tmp_path: Path) -> None:
    first, second, _ = batches(7)
    store = department(tmp_path, [first])
    before = facts(store)
    asked = request(tmp_path / "next", second)
    told = check(store, asked)
    assert store.version == 1
    assert facts(store) == before
    loaded = load(store, asked)
    counts = ("file", "inserted", "changed", "unchanged", "rejected")
    assert [[file[key] for key in counts] for file in told["files"]] == [
        [file[key] for key in counts] for file in loaded["files"]
    ]
    assert told["moves"]
    for move in told["moves"]:
        assert move["before"] != move["after"]


def test_a_check_after_the_load_foretells_no_move(tmp_path: Path) -> None:
    first = batches(7)[0]
    store = department(tmp_path, [first])
    assert check(store, request(tmp_path / "again", first))["moves"] == []


def test_a_refused_load_changes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, Request([written(tmp_path, "订单.csv", ORDERS + "S1,2025-03-01,A1,张伟,100\n")]))
    before = facts(store)
    with pytest.raises(Refused):
        load(store, Request([written(tmp_path, "诗.csv", "春眠,不觉\n晓处,处闻\n")]))
    with pytest.raises(Refused):
        load(store, Request([tmp_path / "不在.csv"]))
    assert (store.version, facts(store), len(history(store))) == (1, before, 1)
    assert not list(store.folder.glob("building*"))


@pytest.mark.parametrize("seed", SEEDS)
def test_building_up_equals_rebuilding(tmp_path: Path, seed: int) -> None:
    store = department(tmp_path, batches(seed))
    undo(store, 2)
    undo(store, 2, redo=True)
    before = facts(store)
    for path in store.folder.glob("facts-*"):
        path.unlink()
    assert rebuild(store)["loads"] == 3
    after = facts(store)
    assert [name for name in before if before[name] != after[name]] == []
    assert [entry["files"] for entry in manifest.stored(store)] == [entry["files"] for entry in manifest.read(store)]


@pytest.mark.parametrize("seed", SEEDS)
def test_any_order_of_loading_says_the_same(tmp_path: Path, seed: int) -> None:
    said = batches(seed)
    store = department(tmp_path / "straight", said)
    shuffled = [said[place] for place in ((2, 0, 1), (1, 2, 0), (2, 1, 0))[seed % 3]]
    assert differing(store, department(tmp_path / "shuffled", shuffled)) == []


@pytest.mark.parametrize("undone", [1, 2, 3])
def test_an_undo_leaves_what_the_other_loads_say(tmp_path: Path, undone: int) -> None:
    said = batches(13 + undone)
    store = department(tmp_path / "all", said)
    before = facts(store)
    undo(store, undone)
    rest = [batch for number, batch in enumerate(said, 1) if number != undone]
    assert differing(store, department(tmp_path / "rest", rest)) == []
    assert [entry["in_force"] for entry in history(store)] == [number != undone for number in (3, 2, 1)]
    undo(store, undone, redo=True)
    assert facts(store) == before


def test_undoing_one_of_two_identical_loads_keeps_the_other(tmp_path: Path) -> None:
    first, second, _ = batches(21)
    again = Batch(first.tables, date(2025, 8, 20))
    store = department(tmp_path / "all", [first, second, again])
    undo(store, 1)
    assert differing(store, department(tmp_path / "later", [second, again])) == []
    undo(store, 1, redo=True)
    undo(store, 3)
    assert differing(store, department(tmp_path / "earlier", [first, second])) == []


def test_an_unknown_load_cannot_be_undone(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, Request([written(tmp_path, "订单.csv", ORDERS + "S1,2025-03-01,A1,张伟,100\n")]))
    with pytest.raises(UnknownLoadError) as caught:
        undo(store, 7)
    assert (caught.value.load_id, caught.value.known, store.version) == (7, [1], 1)


def test_settings_come_in_with_a_refresh(tmp_path: Path) -> None:
    store = department(tmp_path, batches(3)[:1])
    Records(store.records_url).set_parameter("churn_min_days", "77", who="王芳", why="试")
    refresh(store)
    assert column(store, "select value from parameter where name = 'churn_min_days'") == ["77"]


def test_lost_facts_must_be_rebuilt_before_anything_is_added(tmp_path: Path) -> None:
    store = department(tmp_path, batches(3)[:1])
    path = written(tmp_path, "订单.csv", ORDERS + "S1,2025-03-01,A1,张伟,100\n")
    for lost in ("facts-*", "current"):
        for each in store.folder.glob(lost):
            each.unlink()
        with pytest.raises(Refused) as caught:
            load(store, Request([path]))
        assert caught.value.code == "rebuild_first"
        assert len(manifest.stored(store)) == 1
    rebuild(store)
    load(store, Request([path]))
    assert len(history(store)) == 2


def test_a_rebuild_without_a_raw_file_changes_nothing(tmp_path: Path) -> None:
    store = department(tmp_path, batches(3)[:1])
    next(iter((store.folder / "raw").iterdir())).unlink()
    before = facts(store)
    with pytest.raises(Refused) as caught:
        rebuild(store)
    assert caught.value.code == "raw_missing"
    assert (store.version, facts(store)) == (1, before)


def test_a_lagging_manifest_is_written_again(tmp_path: Path) -> None:
    store = department(tmp_path, batches(3)[:2])
    path = store.folder / "manifest.json"
    whole = path.read_text(encoding="utf-8")
    path.write_text(json.dumps({"loads": json.loads(whole)["loads"][:1]}), encoding="utf-8")
    check(store, Request([written(tmp_path, "订单.csv", ORDERS + "S1,2025-03-01,A1,张伟,100\n")]))
    assert path.read_text(encoding="utf-8") == whole


def _load(folder: str, path: str) -> None:
    build.load(Store(Path(folder)), Request([Path(path)]))


def test_two_loads_at_once_both_survive(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    texts = [ORDERS + f"S{n},2025-03-0{n},A1,张伟,{n}00\n" for n in (1, 2)]
    paths = [written(tmp_path, f"订单{n}.csv", text) for n, text in enumerate(texts)]
    fresh = multiprocessing.get_context("spawn")
    loading = [fresh.Process(target=_load, args=(str(store.folder), str(path))) for path in paths]
    for process in loading:
        process.start()
    for process in loading:
        process.join()
    assert [process.exitcode for process in loading] == [0, 0]
    assert column(store, "select order_no from orders order by 1") == ["S1", "S2"]
    assert [entry["load_id"] for entry in history(store)] == [2, 1]


def test_bad_cells_are_named_and_stop_nothing(tmp_path: Path) -> None:
    random = Random(4)  # noqa: S311 - test data, no secret
    good = [f"S{number},2025-03-{random.randint(1, 28):02},A1,张伟,{number}" for number in range(50)]
    bad = ["B1,2025-02-30,A1,张伟,100", "B2,2025-03-01,A1,张伟,面议", ",2025-03-01,A1,张伟,100", "B4,,A1,张伟,100"]
    lines = [*good[:20], bad[0], *good[20:30], bad[1], *good[30:], *bad[2:]]
    path = written(tmp_path, "订单.csv", ORDERS + "\n".join(lines) + "\n")
    store = Store(tmp_path / "store")
    file = load(store, Request([path]))["files"][0]
    assert (file["file"], file["sheet"]) == ("订单.csv", "")
    said = [(e["row"], e["column"], e["value"], e["rejected"]) for e in file["errors"]]
    assert said == [
        (22, "下单日期", "2025-02-30", True),
        (33, "订单金额", "面议", True),
        (54, "订单编号", None, True),
        (55, "下单日期", None, True),
    ]
    assert all(e["reason"] for e in file["errors"])
    assert file["rejected"] == 4
    assert column(store, "select order_no from orders order by length(order_no), 1") == [f"S{n}" for n in range(50)]


def test_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    path = written(tmp_path, "订单.csv", ORDERS + "S1,2025-03-01,A1,张伟,100\n")
    load(store, Request([path]))
    document = json.loads((store.folder / "manifest.json").read_text(encoding="utf-8"))
    sheet = document["loads"][0]["files"][0]["sheets"][0]
    sheet["mapping"]["options"]["unit"] = "吊"
    (store.folder / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    store.facts(1).unlink()
    with pytest.raises(Refused) as caught:
        rebuild(store)
    assert (caught.value.code, caught.value.values["unit"]) == ("unknown_unit", "吊")


def test_facts_that_other_code_derived_are_derived_anew_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(tmp_path / "store")
    load(store, Request([written(tmp_path, "订单.csv", ORDERS + "SO1,2025-07-03,A1,R1,100\n")]))
    serve.catch_up(store)
    assert (store.version, capsys.readouterr().out) == (1, "")
    with duckdb.connect(str(store.facts(1))) as con:
        con.execute("update core.derived_by set code = 'another'")
        con.execute("delete from core.sale")
    assert build.stale(store)
    serve.catch_up(store)
    assert (store.version, build.stale(store)) == (2, False)
    with duckdb.connect(str(store.facts(2))) as con:  # as versions before this one were
        con.execute("drop table core.derived_by")
    serve.catch_up(store)
    assert (store.version, build.stale(store)) == (3, False)
    assert column(store, "select count(*) from sale") == [1]
