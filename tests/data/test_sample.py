"""The sample department: exports that are read without help, a story that is in them, errors that are counted."""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from data.entity import entities
from data.sample import FAULTS, STORY, Batch, loads
from data.sample.dossier import JUNK, account_row
from data.sample.export import layouts, table, tables
from data.sample.life import window
from data.sample.money import sales
from data.sample.people import REPS, STAFF
from data.sample.planbook import MONTHS, plan_table
from data.sample.quarters import QUARTERS, months, quarter
from data.sample.story import LAST_DAY
from data.sample.world import rows, world
from data.sample.write import batch
from loaders.match import propose
from loaders.read import Table
from loaders.read import tables as tables_in

READ = ("2024Q2", "2025Q3", "2025Q4", "2026Q2")
EXTRA_HEADERS = {"导出批次", "系统批次号"}
ACCOUNTS = {account.id: account for account in world().accounts}


@pytest.fixture(scope="module")
def batches(tmp_path_factory: pytest.TempPathFactory) -> list[Batch]:
    return list(loads(tmp_path_factory.mktemp("exports")))


@pytest.fixture(scope="module")
def read(batches: list[Batch], tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], Table]:
    scratch = tmp_path_factory.mktemp("scratch")
    found = {}
    for one in (one for one in batches if one.quarter in READ):
        for path in one.files:
            for sheet in tables_in(path, scratch):
                found[one.quarter, path.name, sheet.sheet] = sheet
    return found


def test_ten_quarters_are_exported_on_their_last_days(batches: list[Batch]) -> None:
    assert [one.quarter for one in batches] == [
        *(f"2024Q{number}" for number in (2, 3, 4)),
        *(f"2025Q{number}" for number in (1, 2, 3, 4)),
        *(f"2026Q{number}" for number in (1, 2, 3)),
    ]
    assert [one.exported_on for one in batches][:2] == [date(2024, 6, 30), date(2024, 9, 30)]
    assert batches[-1].exported_on == LAST_DAY == date(2026, 9, 30)
    assert all(path.is_file() for one in batches for path in one.files)


def test_writing_again_gives_the_same_bytes(batches: list[Batch], tmp_path: Path) -> None:
    again = batch(tmp_path, QUARTERS[6])
    first = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in batches[6].files}
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in again} == first


def test_every_header_is_a_synonym_of_its_field() -> None:
    unknown = set()
    for layout in layouts():
        entity = entities()[layout.entity]
        for name, header in layout.columns:
            known = entity.fields.get(name)
            if known is None or header not in (known.zh, known.en, *known.synonyms):
                unknown.add(header)
    assert unknown == EXTRA_HEADERS


def test_every_entity_has_one_layout_in_every_quarter() -> None:
    for item in QUARTERS:
        there = [layout.entity for layout in layouts() if layout.since <= item.label <= layout.until]
        assert len(there) == len(set(there))
        assert {"account", "orders", "visit", "call", "stage_history", "payment", "kdm"} <= set(there)


def test_every_field_of_the_files_is_exported_somewhere() -> None:
    exported = {(layout.entity, name) for layout in layouts() for name, _ in layout.columns}
    weighed = {(one.name, name) for one in entities().values() for name, known in one.fields.items() if known.weight}
    assert weighed - exported == set()


def test_the_loaders_read_every_sheet_as_it_was_meant(read: dict[tuple[str, str, str], Table]) -> None:
    wrong = {}
    for item in map(quarter, READ):
        for meant in tables(item):
            sheet = read[item.label, meant.file, meant.layout.sheet]
            mapping = propose(sheet)
            fields = {name: place for place, (name, _) in enumerate(meant.layout.columns) if name != "batch"}
            if (mapping.entity, mapping.fields, sheet.rows) != (meant.layout.entity, fields, len(meant.cells)):
                wrong[item.label, meant.file, meant.layout.sheet] = mapping
    assert wrong == {}


def test_every_sheet_written_is_one_that_was_meant(read: dict[tuple[str, str, str], Table]) -> None:
    meant = {(item.label, one.file, one.layout.sheet) for item in map(quarter, READ) for one in tables(item)}
    meant |= {(item.label, plan.file, plan.layout.sheet) for item in map(quarter, READ) if (plan := plan_table(item))}
    assert set(read) == meant


def test_plans_are_one_wide_sheet_in_ten_thousands(read: dict[tuple[str, str, str], Table]) -> None:
    sheet = read["2024Q2", "2024年度销售计划.xlsx", "计划"]
    assert set(MONTHS) <= set(sheet.columns)
    assert "单位：万元" in sheet.title
    assert sheet.rows == len(REPS) - 1
    assert [note.code for note in sheet.notes] == ["total_rows"]


def test_files_come_in_the_encodings_and_spellings_of_real_life(batches: list[Batch]) -> None:
    files = {(one.quarter, path.name): path.read_bytes() for one in batches for path in one.files}
    gb = files["2025Q1", "销售订单_20250331.csv"].decode("gb18030")
    assert re.search(r"\"¥\d{2},\d{3}\.\d\d\"", gb)
    assert re.search(r",2025/3/\d,", gb)
    assert files["2024Q2", "通话记录_20240630.csv"].startswith(b"\xff\xfe")
    assert "年5月" in files["2024Q2", "通话记录_20240630.csv"].decode("utf-16")
    assert files["2025Q4", "Orders_20251231.csv"].startswith(b"\xef\xbb\xbfOrder Number,")
    assert re.search(r",\d+万,", files["2025Q1", "合同台账_20250331.csv"].decode("gb18030"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.quarter}-{fault.entity}-{fault.field}")
def test_a_fault_stands_in_its_export_and_comes_mended_with_the_next(fault: object) -> None:
    known = next(one for one in FAULTS if one is fault)
    item = quarter(known.quarter)
    layout = next(one for one in layouts() if one.entity == known.entity and one.since <= item.label <= one.until)
    column = [name for name, _ in layout.columns].index(known.field)
    entity = entities()[known.entity]
    spoiled = table(layout, item).cells[known.row]
    assert spoiled[column] == (known.text or None)
    assert known.rejected == (known.field in entity.required)
    following = QUARTERS[QUARTERS.index(item) + 1]
    later = next(one for one in layouts() if one.entity == known.entity and one.since <= following.label <= one.until)
    places = [name for name, _ in later.columns]
    if known.rejected and known.field != entity.keys[0][0]:
        key = [name for name, _ in layout.columns].index(entity.keys[0][0])
        numbers = [row[places.index(entity.keys[0][0])] for row in table(later, following).cells]
        assert spoiled[key] in numbers


def test_the_department_has_the_people_of_its_story() -> None:
    assert [person.role for person in STAFF] == ["大客户部经理", "内勤", "内勤", "人力资源"]
    assert len(REPS) == 12
    assert {person.id for person in REPS if person.left} == {STORY["left"]["rep"]}
    names = {person.id: person.name for person in REPS}
    assert (names[STORY["junk_files"]], names[STORY["normal"]]) == ("刘强", "张伟")
    assert len(ACCOUNTS) == 260


def test_names_are_unique_but_for_one_pair_told_apart_by_number() -> None:
    names = [account.name for account in ACCOUNTS.values()]
    assert sorted({key for key in ACCOUNTS if names.count(ACCOUNTS[key].name) > 1}) == sorted(STORY["same_name"])
    shared = ACCOUNTS[STORY["same_name"][0]].name
    for item in QUARTERS:
        for one in tables(item):
            fields = [name for name, _ in one.layout.columns]
            if "account_name" in fields and "account_id" not in fields:
                assert shared not in {row[fields.index("account_name")] for row in one.cells}


def test_the_leaver_keeps_nothing_and_the_joiner_takes_over() -> None:
    leaver, day = STORY["left"]["rep"], STORY["left"]["day"]
    before = [one for one in ACCOUNTS.values() if one.created < day and one.owner(day - timedelta(days=1)) == leaver]
    assert len(before) > 10
    assert {one.owner(day) for one in before} <= set(STORY["left"]["receivers"])
    assert not [one for one in ACCOUNTS.values() if one.owner(LAST_DAY) == leaver]
    joiner = STORY["joined"]
    starts = [span.start for one in ACCOUNTS.values() for span in one.tenures if span.rep == joiner["rep"]]
    assert min(starts) > joiner["day"]


def test_losses_are_handed_over_shortly_before_they_count() -> None:
    story = STORY["disguised_churn"]
    for key in story["accounts"]:
        account = ACCOUNTS[key]
        churned = account.days[-1] + timedelta(days=window(account.days))
        move = account.tenures[-1]
        assert churned in quarter(story["quarter"])
        assert (move.previous, move.rep) == (story["rep"], story["receiver"])
        assert timedelta(days=7) <= churned - move.start <= timedelta(days=20)


def test_the_seasonal_account_orders_every_september() -> None:
    account = ACCOUNTS[STORY["seasonal"]]
    assert [(day.year, day.month) for day in account.days] == [(2024, 9), (2025, 9), (2026, 9)]
    exported = next(row for row in rows("account", QUARTERS[-1]) if row["account_id"] == account.id)
    assert exported["expected_cycle_days"] == 364


@pytest.mark.parametrize("key", ["win_back", "second_win_back"])
def test_a_lost_account_comes_back(key: str) -> None:
    account, story = ACCOUNTS[STORY[key]["account"]], STORY[key]
    place = account.days.index(story["back"])
    kept = account.days[:place]
    assert kept[-1] + timedelta(days=window(kept)) in quarter(story["lost"])
    assert account.days[-1] > story["back"]


def test_the_leaking_funnel_leaks_in_stages_two_and_three() -> None:
    ended: dict[str, int] = {}
    entered: dict[str, int] = {}
    for account in ACCOUNTS.values():
        for stage in account.stages:
            owner = account.owner(stage.entered)
            if stage.number in (2, 3):
                entered[owner] = entered.get(owner, 0) + 1
                ended[owner] = ended.get(owner, 0) + (stage.outcome == "终止")
    shares = {owner: ended[owner] / count for owner, count in entered.items() if count >= 10}
    assert max(shares, key=lambda owner: shares[owner]) == STORY["leaky_funnel"]
    outcomes = {stage.outcome for account in ACCOUNTS.values() for stage in account.stages}
    assert outcomes == {"推进", "回退", "终止", "成交", "进行中"}


def test_junk_files_are_one_reps_habit() -> None:
    junk: dict[str, int] = {}
    for dossier in world().dossiers:
        row = account_row(dossier, LAST_DAY)
        junk[row["rep_id"]] = junk.get(row["rep_id"], 0) + sum(value in JUNK for value in row.values())
    careless = junk.pop(STORY["junk_files"])
    assert careless > 3 * max(junk.values())


def test_sales_and_plans_look_like_real_life() -> None:
    sold = sales(world().orders)
    for item in QUARTERS:
        reached = sum(sold.get((rep.id, *month), 0) for rep in REPS for month in months(item))
        planned = sum(plan.value for plan in world().plans if (plan.year, plan.month) in months(item)) * 10_000
        assert 20_000_000 < reached < 60_000_000
        assert 0.7 < reached / planned < 1.1


def test_an_active_account_never_looks_lost() -> None:
    back = {STORY[key]["account"] for key in ("win_back", "second_win_back")}
    for account in ACCOUNTS.values():
        if account.id not in {*back, STORY["seasonal"]}:
            assert all((after - before).days < 120 for before, after in pairwise(account.days))
