"""Real exports through the command line, and the figures that their own authors state for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.store import Store, Viewer
from kpi.__main__ import main as kpi
from kpi.funnel import wins
from loaders.__main__ import main as loaders
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared
DATA = SHARED / "data"
ADVENTURE, MAVEN = DATA / "adventureworks", DATA / "maven_crm"
Run = Callable[..., dict[str, Any]]

ATTAINMENT = [0.8218, 0.8658, 0.8567, 0.8196, 0.8428, 0.8136, 0.8906, 0.8377, 0.7964, 0.8365, 0.8837, 0.8633]
OF_REPS = {
    "274": 0.8369, "275": 0.8326, "276": 0.8796, "277": 0.8252, "280": 0.9364, "283": 0.9267, "288": 0.7989,
    "290": 0.8116,
}  # fmt: skip
NEW = [38, 139, 28, 1, 125, 81, 11, 3, 109, 93, 3, 1, 3]
NEW_OF_SUPERMARKET = [128, 161, 124, 106, 56, 69, 52, 30, 13, 18, 13, 9, 4, 5, 2, 0]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def ran(command: Callable[[list[str]], int], *words: object) -> dict[str, Any]:
        code = command([*map(str, words), "--json"])
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert code == 0, document
        return document

    return ran


def taken(document: dict[str, Any]) -> list[tuple[str, int, int]]:
    return sorted((file["entity"], file["inserted"], file["rejected"]) for file in document["files"] if file["loaded"])


def of(document: dict[str, Any], key: str) -> dict[str, float]:
    return {row[key]: round(row["value"], 4) for row in document["rows"] if row["value"] is not None}


EXPORTS = sorted((ADVENTURE / "exports").glob("*"))
RAW = [*(path for path in EXPORTS if path.suffix == ".csv"), ADVENTURE / "SalesOrderHeader.xlsx"]


@pytest.mark.parametrize(("files", "orders"), [(EXPORTS, 3806), (RAW, 31465)], ids=["exports", "ids shown as dates"])
def test_adventure_works_alone_and_without_a_mapping(files: list[Path], orders: int, tmp_path: Path, run: Run) -> None:
    store = ("--store", tmp_path / "store")
    loaded = run(loaders, "load", *files, *store)
    assert taken(loaded) == [("account", 1336, 0), ("orders", orders, 0), ("rep", 17, 0), ("sales_plan", 163, 0)]
    by_period = run(kpi, "value", "plan_completion", "--by", "plan_period", *store)
    assert list(of(by_period, "plan_period").values()) == ATTAINMENT
    by_rep = of(run(kpi, "value", "plan_completion", "--by", "rep", *store), "rep")
    assert (len(by_rep), {rep: by_rep[rep] for rep in OF_REPS}) == (17, OF_REPS)
    with Store(tmp_path / "store").open(Viewer("tests", "system")) as con:
        of_reps = con.execute("select count(*), count(distinct account_id) from sale where rep_id is not null")
        assert of_reps.fetchone() == (3806, 635)


def test_new_accounts_of_adventure_works(tmp_path: Path, run: Run) -> None:
    store = ("--store", tmp_path / "store")
    run(loaders, "load", ADVENTURE / "exports", *store)
    by_quarter = run(kpi, "value", "new_development", "--by", "quarter", *store)
    assert [int(float(row["numerator"])) for row in by_quarter["rows"]] == NEW


def test_the_supermarket_is_orders_returns_and_managers(tmp_path: Path, run: Run) -> None:
    store = ("--store", tmp_path / "store")
    loaded = run(loaders, "load", DATA / "superstore_cn", *store)
    assert taken(loaded) == [("order_return", 296, 0), ("orders", 10_000, 0), ("rep", 6, 0)]
    by_region = run(kpi, "value", "plan_completion", "--by", "region", *store)
    sold = {row["region"]: float(row["numerator"]) for row in by_region["rows"]}
    assert (round(sold["华东"], 2), round(sold["中南"], 2)) == (4_692_464.99, 4_147_884.01)
    assert round(sum(sold.values()), 3) == 16_117_548.237
    by_quarter = run(kpi, "value", "new_development", "--by", "quarter", *store)
    assert [int(float(row["numerator"])) for row in by_quarter["rows"]] == NEW_OF_SUPERMARKET
    with Store(tmp_path / "store").open(Viewer("tests", "system")) as con:
        counts = con.execute(
            "select count(*), count(distinct order_no), count(distinct account_id), min(order_date)::varchar, "
            "max(order_date)::varchar from orders"
        ).fetchone()
        managers = con.execute(
            "select region, rep_name from rep where region in ('华东', '中南') order by 1"
        ).fetchall()
        names = con.execute("select count(distinct account_name) from account").fetchone()
    assert counts == (10_000, 2_773, 790, "2014-01-01", "2017-12-30")
    assert managers == [("中南", "范彩"), ("华东", "洪光")]
    assert names == (771,)


def deals(store: Path) -> duckdb.DuckDBPyConnection:
    return Store(store).open(Viewer("tests", "system"))


@pytest.mark.parametrize("dialect", [".", "dialect_ddmmyy"])
def test_two_dialects_of_one_pipeline_tell_the_same_deals(dialect: str, tmp_path: Path, run: Run) -> None:
    folder = MAVEN / dialect
    files = [folder / name for name in ("sales_pipeline.csv", "accounts.csv", "sales_teams.csv")]
    loaded = run(loaders, "load", *files, "--store", tmp_path)
    assert taken(loaded) == [("account", 85, 0), ("rep", 35, 0), ("stage_history", 8800, 0)]
    con = deals(tmp_path)
    [all_deals] = wins(con, "a")
    assert [all_deals[key] for key in ("won", "lost", "median_days_won", "amount_won")] == [4238, 2473, 57, 10_005_534]
    assert round(all_deals["mean_days_closed"], 2) == 47.99
    assert round(wins(con, "a", view="period")[0]["win_rate"], 4) == 0.6315
    darcel = next(row for row in wins(con, "a", by=("rep",)) if row["won"] == 349)
    assert (darcel["lost"], darcel["median_days_won"], darcel["amount_won"]) == (204, 48, 1_153_214)
    first = con.execute("select opened_at::date::varchar from stage_history where deal_id = '1C1I7A6R'").fetchone()
    assert first == ("2016-10-20",)


def test_the_workbook_of_the_second_dialect_tells_the_same(tmp_path: Path, run: Run) -> None:
    loaded = run(loaders, "load", MAVEN / "dialect_ddmmyy" / "data_model.xlsx", "--store", tmp_path)
    assert taken(loaded) == [("account", 85, 0), ("rep", 35, 0), ("stage_history", 8800, 0)]
    [all_deals] = wins(deals(tmp_path), "a")
    assert [all_deals[key] for key in ("won", "lost", "median_days_won", "amount_won")] == [4238, 2473, 57, 10_005_534]


def test_the_garbled_dialect_is_flagged_and_asks_for_what_it_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = MAVEN / "dialect_moamen" / "sales_pipeline.csv"
    assert loaders(["check", str(path), "--store", str(tmp_path), "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    [file] = document["files"]
    assert {note["code"] for note in file["notes"]} >= {"garbled", "missing_fields"}
    assert file["mapping"]["fields"] == {
        "order_no": "order_id", "rep_name": "sales_agent", "product": "product", "account_name": "account",
        "order_date": "order_date",
    }  # fmt: skip
