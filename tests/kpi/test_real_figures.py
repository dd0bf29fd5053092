"""Figures of a real company that the supporting indicators must reproduce."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kpi.__main__ import main
from tests.shared import SHARED, needs_shared

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

EXPORTS = SHARED / "data/adventureworks/exports"
FILES = ("reps.csv", "accounts.csv", "orders.xlsx", "quotas.csv")


@needs_shared
def test_who_bought_in_the_quarter_before_and_not_in_this_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from loaders.__main__ import main as load  # noqa: PLC0415 - the loaders are slow to import where this is skipped

    store = ["--store", str(tmp_path / "store")]
    assert load(["load", *(str(EXPORTS / name) for name in FILES), *store]) == 0
    capsys.readouterr()
    assert main(["value", "not_reordered", "--by", "quarter", "--json", *store]) == 0
    found = {row["quarter"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    lost = {name: (found[name]["denominator"], found[name]["numerator"]) for name in ("2013Q3", "2013Q4", "2014Q1")}
    assert lost == {"2013Q3": (378, 45), "2013Q4": (447, 30), "2014Q1": (441, 24)}
    assert main(["backtest", "plan_completion", "--json", *store]) == 0
    tried = json.loads(capsys.readouterr().out)["rows"]
    assert [row["quarters"] for row in tried] == [8, 8, 8]
    assert all(row["median_error"] < 0.5 for row in tried)
