"""How far a command is: words for people on stderr, JSON lines beside a JSON document."""

import json
import re
from pathlib import Path

import pytest

from loaders.__main__ import main
from loaders.spoken import STAGES, stage_spoken

LOADERS = Path(__file__).parents[2] / "loaders"


@pytest.mark.parametrize("asked", ["words", "json"])
def test_progress_is_in_words_unless_json_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: str
) -> None:
    file = tmp_path / "人员.csv"
    file.write_text("工号,姓名,岗位,部门\nR01,张伟,专员,大客户部\n", encoding="utf-8")
    options = ["--json"] if asked == "json" else []
    assert main(["load", str(file), "--store", str(tmp_path / "store"), *options]) == 0
    lines = capsys.readouterr().err.splitlines()
    if asked == "json":
        assert [json.loads(line)["stage"] for line in lines] == ["read", "deliver", "fold", "derive", "publish"]
    else:
        assert lines[:2] == ["读取 人员.csv · reading 人员.csv", "解析 人员.csv：1 行 · typing 人员.csv: 1 rows"]
        assert not any("{" in line for line in lines)


def test_every_stage_that_is_told_has_words() -> None:
    told = {
        stage for path in LOADERS.glob("*.py") for stage in re.findall(r'(?:progress|told)\("(\w+)"', path.read_text())
    }
    assert len(told) > 7
    assert told <= set(STAGES)
    assert stage_spoken("wait", {"holder": ""}) == "排队，等另一次导入完 · waiting for another load to finish\n"
