"""Every real file through the command line: each ends in a result or a worded refusal, in bounded time and memory."""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.__main__ import main
from loaders.messages import Refused, text
from loaders.read import tables
from tests.shared import SHARED, needs_shared

DATA = SHARED / "data"
FILES = sorted(path for path in DATA.rglob("*") if path.is_file() and path.name != "README.md") if DATA.is_dir() else []
SECONDS = 20
TEXTS = {".csv", ".txt", ".tsv", ".xml", ".html"}
# Of address space, without the file; the process that parses a workbook has a limit of its own.
MEMORY = 4 << 30
HEADINGS = ("file", "seconds", "MB", "exit", "refused", "sheet", "entity", "shape", "header row", "rows", "rejected")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Check every file in a process of its own, several at once; leave a table of what became of them."""
    folder = tmp_path_factory.mktemp("outcomes")
    fresh = multiprocessing.get_context("forkserver")
    fresh.set_forkserver_preload([__name__])

    def one(numbered: tuple[int, Path]) -> dict[str, Any]:
        scratch = folder / str(numbered[0])
        scratch.mkdir()
        process = fresh.Process(target=_checked, args=(numbered[1], scratch))
        process.start()
        process.join(SECONDS)
        if process.is_alive():
            process.kill()
        said = scratch / "said.json"
        fault = {"fault": f"ended with {process.exitcode}, or had no answer after {SECONDS} s"}
        found = json.loads(said.read_text(encoding="utf-8")) if said.is_file() else fault
        return {"file": str(numbered[1].relative_to(DATA)), **found}

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = list(pool.map(one, enumerate(FILES)))
    lines = ["\t".join(map(str, line)) for outcome in found for line in _lines(outcome)]
    (folder / "outcomes.tsv").write_text("\n".join(["\t".join(HEADINGS), *lines]) + "\n", encoding="utf-8")
    print(f"outcomes of {len(found)} files: {folder / 'outcomes.tsv'}")
    return found


def _checked(path: Path, scratch: Path) -> None:
    """Run the check, then hold what was read against the tables it came from; write down both."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY + (2 << 30), MEMORY + (2 << 30)))
    begun = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main(["check", str(path), "--store", str(scratch / "store"), "--json"])
    took = time.perf_counter() - begun
    kilobytes = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    said = {"exit": code, "seconds": round(took, 1), "MB": kilobytes >> 10, "document": json.loads(out.getvalue())}
    # Reading a workbook once more takes as long as the check: only those that were taken, and texts, are held.
    held = code == 0 or path.suffix.lower() in TEXTS
    said |= {"heard": err.getvalue()[-2000:], "torn": torn(path, scratch / "read") if held else []}
    (scratch / "said.json").write_text(json.dumps(said, default=str), encoding="utf-8")


def torn(path: Path, scratch: Path) -> list[str]:
    """Name the tables that do not give the rows, columns and row numbers they promise."""
    try:
        found = tables(path, scratch)
    except Refused as refused:
        return [] if path.name in text(refused, "zh") and path.name in text(refused, "en") else ["a nameless refusal"]
    return [f"{table.sheet}#{table.number}" for table in found if not _whole(table)]


def _whole(table: Any) -> bool:  # noqa: ANN401
    rows = duckdb.connect().execute(table.sql).fetchall()
    return (
        len(rows) == table.rows == len({row[0] for row in rows})
        and all(len(row) == len(table.columns) + 1 for row in rows)
        and all(table.columns)
        and not any("{" in text(note, lang) for note in table.notes for lang in ("zh", "en"))
    )


def _lines(outcome: dict[str, Any]) -> list[tuple[Any, ...]]:
    document = outcome.get("document", {})
    refused = document.get("refused") or document.get("failed") or {}
    refused = refused.get("code", outcome.get("fault", ""))
    head = (outcome["file"], outcome.get("seconds"), outcome.get("MB"), outcome.get("exit"), refused)
    sheets = [
        (f["sheet"], f["entity"] or "", f["mapping"]["shape"], f["header_row"], f["rows"], f["rejected"])
        for f in document.get("files", [])
    ]
    return [(*head, *sheet) for sheet in sheets] or [(*head, *[""] * 6)]


@needs_shared
def test_each_ends_in_a_result_or_a_refusal_in_both_languages(outcomes: list[dict[str, Any]]) -> None:
    wrong = [
        outcome
        for outcome in outcomes
        if outcome.get("exit") not in {0, 2} or "Traceback" in outcome["heard"] or outcome["torn"]
    ]
    assert wrong == []
    refusals = [outcome["document"]["refused"] for outcome in outcomes if outcome["exit"] == 2]
    assert all(said["zh"] and said["en"] and said["zh"] != said["en"] for said in refusals)
    # Whether a file that asks for endless memory is called broken or too heavy depends on how its reader gives up.
    assert {said["code"] for said in refusals} - {"too_heavy"} == {
        "broken", "empty", "encoding", "encrypted", "far_cell", "no_table", "not_a_spreadsheet", "nothing_taken",
    }  # fmt: skip


@needs_shared
def test_what_is_no_sales_data_is_never_taken_for_any(outcomes: list[dict[str, Any]]) -> None:
    taken = [
        outcome["file"]
        for outcome in outcomes
        if outcome["file"].startswith("bad_inputs/") and any(file["loaded"] for file in outcome["document"]["files"])
    ]
    assert taken == []


KINDS = {
    "cn_excel/lead-system_客户导入模板.xlsx": [("account", 1, 3, 0), ("kdm", 1, 3, 0)],
    "cn_excel/vue3Proj_商机导入模板.xlsx": [("stage_history", 1, 1, 0)],
    "cn_excel/wukong_changeTemplate.xlsx": [("rep", 6, 0, 0)],
    "cn_excel/wukong_fixTemplate.xlsx": [("rep", 6, 0, 0)],
    "cn_gbk/fade_data_wuliu.csv": [("orders", 1, 1161, 2)],
    "cn_gbk/客户信息.csv": [("kdm", 1, 10, 0)],
    "crm_exports/hubspot_seeds/company_data.csv": [("account", 1, 24, 0)],
    "crm_exports/hubspot_seeds/engagement_meeting_data.csv": [("visit", 1, 100, 0)],
    "crm_exports/salesforce/Account.csv": [("account", 1, 18, 0)],
    "crm_exports/salesforce/Contact.csv": [("kdm", 1, 25, 0)],
    "crm_exports/salesforce/Lead.csv": [("account", 1, 22, 0)],
    "crm_exports/salesforce/Opportunity.csv": [("stage_history", 1, 36, 0)],
    "crm_exports/salesforce/OpportunityHistory.csv": [("stage_history", 1, 48, 0)],
    "crm_exports/salesforce_seeds/sf_account_data.csv": [("account", 1, 10, 0)],
    "crm_exports/salesforce_seeds/sf_event_data.csv": [("visit", 1, 10, 0)],
    "crm_exports/salesforce_seeds/sf_opportunity_data.csv": [("stage_history", 1, 10, 0)],
    "adventureworks/SalesOrderHeader.xlsx": [("orders", 1, 31465, 0)],
    "adventureworks/exports/reps.csv": [("rep", 1, 17, 0)],
    "adventureworks/exports/accounts.csv": [("account", 1, 1336, 0)],
    "adventureworks/exports/orders.xlsx": [("orders", 1, 3806, 0)],
    "adventureworks/exports/quotas.csv": [("sales_plan", 1, 163, 0)],
    "superstore_cn/示例 - 超市.xls": [("orders", 1, 10000, 0), ("order_return", 1, 296, 0), ("rep", 1, 6, 0)],
}


@needs_shared
def test_what_the_known_ones_are_taken_for(outcomes: list[dict[str, Any]]) -> None:
    found = {outcome["file"]: outcome["document"].get("files", []) for outcome in outcomes if "document" in outcome}
    keys = ("entity", "header_row", "rows", "rejected")
    taken = {name: [tuple(f[key] for key in keys) for f in found[name] if f["loaded"]] for name in KINDS}
    assert taken == KINDS
