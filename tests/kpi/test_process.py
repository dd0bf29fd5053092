"""Process files: the shipped ones, and wrong ones refused with the reason."""

from pathlib import Path

import duckdb
import pytest

from kpi.process import FOLDER, ProcessFileError, processes, read, register

GOOD = """
letter = "f"
zh = "三步"
en = "Three steps"
won = "M13"
[[stages]]
no = 1
zh = "看见"
en = "See"
entry = ["M01"]
[[stages]]
no = 2
zh = "见面"
en = "Meet"
entry = ["M04"]
labels = ["第一次见面"]
"""


def faulty(folder: Path, old: str, new: str) -> ProcessFileError:
    (folder / "own.toml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProcessFileError) as refused:
        processes(folder)
    return refused.value


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_models_are_sound_and_bilingual(path: Path) -> None:
    model = read(path)
    assert model.label("zh") != model.label("en")
    assert all(stage.zh and stage.en for stage in model.stages)
    assert all(stage.text("entry_evidence", language) for stage in model.active for language in ("zh", "en"))


def test_five_models_with_the_stages_of_the_documents() -> None:
    counts = {letter: [stage.no for stage in model.active] for letter, model in processes().items()}
    assert counts == {
        "a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5, 6, 7], "c": [1, 2, 3, 4, 5], "d": [1, 2, 4, 5, 6], "e": [1, 2, 3, 4],
    }  # fmt: skip


def test_the_missing_third_step_keeps_its_number_and_never_counts() -> None:
    third = processes()["d"].stages[2]
    assert (third.no, third.enabled, third.entry) == (3, False, ())


def test_a_model_of_ones_own_joins_the_five(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(GOOD, encoding="utf-8")
    con = duckdb.connect()
    con.execute("create schema core")
    register(con, tmp_path)
    assert con.execute("select name_en, milestone from core.stage where model = 'f' order by stage_no").fetchall() == [
        ("See", "M01"), ("Meet", "M04"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ('letter = "f"', 'letter = "a"', "letter_taken", "five_stage.toml"),
        ('letter = "f"', 'letter = "F1"', "letter", "F1"),
        ('letter = "f"', 'letter = "f"\ncolour = "red"', "unknown_setting", "colour"),
        ('en = "Three steps"', "", "missing", "en"),
        ("no = 2", "no = 1", "order", "[1, 1]"),
        ("no = 2", 'no = "two"', "kind", "int"),
        ('entry = ["M04"]', 'entry = ["M99"]', "milestone", "M99"),
        ('entry = ["M04"]', 'entry = ["M01"]', "milestone_twice", "M01"),
        ('entry = ["M04"]', "", "no_entry", "见面"),
        ('entry = ["M04"]', "enabled = false", "few_stages", "1"),
        ('labels = ["第一次见面"]', 'labels = ["see"]', "label_twice", "see"),
        ('labels = ["第一次见面"]', 'labels = ["赢单"]', "label_outcome", "赢单"),
        ('labels = ["第一次见面"]', 'labels = []\n[declares]\n"谈判" = ["M09"]', "label_unknown", "谈判"),
        ('won = "M13"', 'won = "win"', "milestone", "win"),
        ('letter = "f"', "letter = ", "unreadable", "own.toml"),
        ('entry = ["M04"]', 'entry = ["M04"]\nepisode = true', "episode", "M14"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(tmp_path: Path, old: str, new: str, code: str, said: str) -> None:
    fault = faulty(tmp_path, old, new)
    assert fault.code == code
    assert all(said in fault.message(language) for language in ("zh", "en"))
    assert "own.toml" in str(fault)
