"""Stage exports that others wrote: deals become funnels without a mapping made by hand."""

import csv
from pathlib import Path

import duckdb
import pytest

from data.store import Store, Viewer
from kpi.funnel import funnel, members, wins
from loaders.build import Request, load
from tests.shared import SHARED, needs_shared

DATA = SHARED / "data"


def opened(folder: Path, *files: Path) -> duckdb.DuckDBPyConnection:
    store = Store(folder)
    load(store, Request(list(files)))
    return store.open(Viewer("", "system"))


@pytest.fixture(scope="module")
def maven(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    names = ("sales_pipeline.csv", "accounts.csv", "sales_teams.csv")
    return opened(tmp_path_factory.mktemp("maven"), *(DATA / "maven_crm" / name for name in names))


@needs_shared
def test_maven_deals_won_and_lost(maven: duckdb.DuckDBPyConnection) -> None:
    [row] = wins(maven, "a")
    assert (row["won"], row["lost"], row["open"]) == (4238, 2473, 1589)
    assert (row["median_days_won"], round(row["mean_days_closed"], 2), row["amount_won"]) == (57, 47.99, 10_005_534)
    [closed] = wins(maven, "a", view="period")
    assert round(closed["win_rate"], 4) == 0.6315


@needs_shared
def test_maven_by_agent(maven: duckdb.DuckDBPyConnection) -> None:
    darcel = next(row for row in wins(maven, "a", by=("rep",)) if row["won"] == 349)
    assert (darcel["lost"], darcel["median_days_won"], darcel["amount_won"]) == (204, 48, 1_153_214)


@needs_shared
@pytest.mark.parametrize("model", ["a", "c", "d", "e"])
def test_maven_funnel_of_every_model_that_can_be_won(maven: duckdb.DuckDBPyConnection, model: str) -> None:
    first = funnel(maven, model)[0]
    assert (first["entered"], first["advanced"], first["terminated"], first["open"]) == (8300, 4238, 2473, 1589)


@needs_shared
def test_maven_deals_that_never_began_are_listed(maven: duckdb.DuckDBPyConnection) -> None:
    problems = maven.execute("select reason, said, count(*) from stage_problem group by all").fetchall()
    assert problems == [("undated", "Prospecting", 500)]


@needs_shared
def test_maven_deals_without_an_account_are_units_too(maven: duckdb.DuckDBPyConnection) -> None:
    still = members(maven, "a", 1, "open")
    assert (len(still), sum(row["account_id"] is None for row in still)) == (1589, 1088)


@needs_shared
def test_salesforce_stage_log_and_deals(tmp_path: Path) -> None:
    folder = DATA / "crm_exports" / "salesforce"
    con = opened(tmp_path, *(folder / f"{name}.csv" for name in ("OpportunityHistory", "Opportunity", "Account")))
    lost = con.execute("select count(distinct deal_id) from stage_history where stage = 'Closed Lost'").fetchone()
    [row] = wins(con, "a")
    assert (row["entered"], row["won"], row["lost"], row["open"]) == (36, 12, 8, 16)
    assert lost == (8,)


HUBSPOT_STAGES = ("Appointment Scheduled", "Qualified To Buy", "Contract Sent", "Closed Won", "Closed Lost")
HUBSPOT_DEALS = (
    ("101", "Alpha", "Closed Won", ("2026-01-05", "2026-01-20", "2026-02-10", "2026-03-01", "")),
    ("102", "Beta", "Closed Lost", ("2026-01-08", "2026-02-01", "", "", "2026-02-20")),
    ("103", "Gamma", "Qualified To Buy", ("2026-02-01", "2026-02-15", "", "", "")),
)


def test_hubspot_stage_dates_become_a_stage_history(tmp_path: Path) -> None:
    path = tmp_path / "hubspot-crm-exports-deals.csv"
    entered = [f'Date entered "{stage} (Sales Pipeline)"' for stage in HUBSPOT_STAGES]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["Record ID", "Deal Name", "Amount", "Deal Owner", "Pipeline", "Deal Stage", *entered])
        for number, name, stage, days in HUBSPOT_DEALS:
            writer.writerow(
                [number, name, 5000, "Ann Lee", "Sales Pipeline", stage, *(d and f"{d} 10:00" for d in days)]
            )
    con = opened(tmp_path / "store", path)
    [row] = wins(con, "a")
    assert (row["entered"], row["won"], row["lost"], row["open"]) == (3, 1, 1, 1)
    assert row["median_days_won"] == 55
    bars = [(r["stage"], r["entered"], r["advanced"], r["terminated"], r["open"]) for r in funnel(con, "a")]
    assert bars[:2] == [(1, 3, 3, 0, 0), (2, 3, 1, 1, 1)]
