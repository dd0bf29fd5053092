"""The funnel on the command line: five models, every way of looking, names that do not exist, a model of one's own."""

import json
from pathlib import Path

import pytest

from data.store import Store
from kpi.__main__ import main
from kpi.funnel_command import ANSWERS
from kpi.process import FOLDER, processes
from loaders.__main__ import main as load_main
from tests.kpi import morning
from tests.kpi.test_process import GOOD


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return morning.store(tmp_path_factory.mktemp("commands"))


def asked(store: Store, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run one command; give its exit code and what it said on stdout and on stderr."""
    code = main([*words, "--store", str(store.folder)])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("letter", processes())
def test_every_model_answers_with_one_document(store: Store, capsys: pytest.CaptureFixture[str], letter: str) -> None:
    code, out, _ = asked(store, capsys, "funnel", letter, "--json")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert [row["stage"] for row in rows] == [stage.no for stage in processes()[letter].active]
    assert all(row["entered"] == row["advanced"] + row["terminated"] + row["back"] + row["open"] for row in rows)


@pytest.mark.parametrize("show", ANSWERS)
def test_every_way_of_looking_answers(store: Store, capsys: pytest.CaptureFixture[str], show: str) -> None:
    code, out, err = asked(store, capsys, "funnel", "a", "--show", show, "--json")
    assert code == 0, err
    assert isinstance(json.loads(out)["rows"], list)
    assert asked(store, capsys, "funnel", "a", "--show", show)[0] == 0


def test_groups_days_and_two_sides(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = asked(store, capsys, "funnel", "a", "--by", "rep", "--within", "90", "--json")
    assert {row["rep"] for row in json.loads(out)["rows"]} == {"R1", "R2"}
    _, out, _ = asked(store, capsys, "funnel", "a", "--compare", "R1,R2", "--json")
    first = json.loads(out)["rows"][0]
    assert (first["left"]["entered"], first["right"]["entered"]) == (9, 1)
    assert asked(store, capsys, "funnel", "a", "--compare", "2026Q1,2026Q3")[0] == 0


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        (("funnel", "q"), "five_stage"),
        (("funnel", "a", "--by", "colour"), "industry"),
        (("funnel", "a", "--view", "period", "--within", "9"), "cohort"),
        (("funnel", "a", "--show", "members", "--stage", "9"), "1, 2, 3, 4, 5"),
        (("funnel", "a", "--compare", "R1,R9"), "R1, R2"),
    ],
)
def test_what_is_not_there_is_refused_in_both_languages(
    store: Store, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], listed: str
) -> None:
    code, out, err = asked(store, capsys, *words)
    assert (code, out) == (2, "")
    assert err.count(listed) == 2


def test_the_list_of_the_day(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = asked(store, capsys, "today", "--rep", "张伟", "--json")
    assert {row["account_id"]: row["reason"] for row in json.loads(out)["rows"]} == morning.LEADS


def test_a_model_of_ones_own_is_taken_and_counts_after_a_rebuild(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = morning.store(tmp_path)
    own = tmp_path / "own.toml"
    own.write_text(GOOD, encoding="utf-8")
    code, out, _ = asked(store, capsys, "process", str(own))
    assert (code, "loaders rebuild" in out) == (0, True)
    assert load_main(["refresh", "--store", str(store.folder), "--json"]) == 0
    capsys.readouterr()
    _, out, _ = asked(store, capsys, "funnel", "own", "--json")
    assert [(row["name_en"], row["entered"], row["advanced"]) for row in json.loads(out)["rows"]] == [
        ("See", 10, 5), ("Meet", 5, 1),
    ]  # fmt: skip
    _, out, _ = asked(store, capsys, "funnel", "a", "--show", "models", "--json")
    assert {row["model"]: row["accounts"] for row in json.loads(out)["rows"]} == dict.fromkeys("abcdef", 10)


def test_a_wrong_model_is_refused_and_never_reaches_the_store(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(GOOD.replace("M04", "M99"), encoding="utf-8")
    code, out, err = asked(store, capsys, "process", str(own))
    assert (code, out, err.count("M99")) == (2, "", 2)
    assert not store.processes.exists() or list(store.processes.glob("*.toml")) == []


def test_a_wrong_file_in_the_folder_stops_a_build_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = morning.store(tmp_path)
    store.processes.mkdir()
    (store.processes / "own.toml").write_text(GOOD.replace('letter = "f"', 'letter = "a"'), encoding="utf-8")
    assert load_main(["refresh", "--store", str(store.folder)]) == 2
    said = capsys.readouterr().err
    assert said.count("five_stage.toml") == 2
    assert store.version == 1


def test_the_missing_third_step_may_be_enabled_by_a_newer_version(tmp_path: Path) -> None:
    changed = (FOLDER / "six_step.toml").read_text(encoding="utf-8").replace("version = 1", "version = 2")
    changed = changed.replace("entry = []\nenabled = false", 'entry = ["M04"]')
    (tmp_path / "six_step.toml").write_text(changed, encoding="utf-8")
    model = processes(tmp_path)["d"]
    assert (model.version, [stage.no for stage in model.active]) == (2, [1, 2, 3, 4, 5, 6])
