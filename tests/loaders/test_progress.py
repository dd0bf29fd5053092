"""How far a command is: words for people on stderr, JSON lines beside a JSON document."""

import json
import re
from pathlib import Path

import pytest

from data.store import Store
from loaders.__main__ import main
from loaders.build import Request, check
from loaders.spoken import STAGES, spoken, stage_spoken

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


def test_a_faulty_cell_says_in_both_languages_what_was_found_and_what_becomes_of_it(tmp_path: Path) -> None:
    path = tmp_path / "订单.csv"
    rows = "".join(f"SO{n},2025-07-0{1 + n % 9},A1,{'面议' if n < 25 else n}\n" for n in range(100))
    path.write_text("订单编号,下单日期,客户编号,订单金额\n" + rows, encoding="utf-8")
    lines = spoken("check", check(Store(tmp_path / "store"), Request([path]))).splitlines()
    assert "第2行 row 2 「订单金额」=面议: " in "\n".join(lines)
    assert sum("[整行退回 row rejected]" in line for line in lines) == 20
    assert any("至少还有 5 处错误" in line and "at least 5 more" in line for line in lines)
    assert not any("number_unreadable" in line for line in lines)
