"""Who and which account is meant: numbers, then codes, then names; never merged silently."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.store import Store, Viewer
from loaders.build import load, mean, rebuild
from loaders.identity import account_norm, own_number, person_norm
from loaders.messages import Refused
from tests.builder import Batch, Rows, department, request

DAY = date(2025, 3, 1)


def told(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.open(Viewer("tests", "system")).execute(sql).fetchall()


def accounts_of_orders(folder: Path, accounts: Rows, *meant: dict[str, Any]) -> list[str]:
    """Load accounts and one order for each way of naming one; give the accounts that the orders were led to."""
    orders = [{"order_no": f"S{n}", "order_date": DAY, "amount": 1, **words} for n, words in enumerate(meant)]
    store = department(folder, [Batch({"account": accounts, "orders": orders}, DAY)])
    return [row[0] for row in told(store, "select account_id from orders order by order_no")]


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("海城精密有限公司", "海城精密"),
        ("海城精密（集团）有限公司", "海城精密(集团)有限公司"),
        ("ＡＢＣ 机械股份有限公司", "abc机械有限责任公司"),
        ("海城·精密", "海城精密"),
    ],
)
def test_spellings_of_one_company(name: str, same: str) -> None:
    assert account_norm(name) == account_norm(same)


def test_companies_that_are_not_one() -> None:
    assert account_norm("海城精密") != account_norm("海城精工")
    assert account_norm("有限公司")
    assert own_number("海城精密有限公司") == own_number("海城精密")
    assert "海城" not in own_number("海城精密")


def test_people_by_number_and_name() -> None:
    assert person_norm(" 张 伟 ") == person_norm("张伟")
    assert person_norm("Ｒ03") == person_norm("r03")


def test_a_number_beats_a_name(tmp_path: Path) -> None:
    accounts = [{"account_id": "K1", "account_name": "一厂"}, {"account_id": "K2", "account_name": "二厂"}]
    meant = accounts_of_orders(
        tmp_path,
        accounts,
        {"account_id": "K1", "account_name": "二厂"},
        {"account_id": None, "account_name": "二厂有限公司"},
        {"account_id": "一厂", "account_name": None},
    )
    assert meant == ["K1", "K2", "K1"]


def test_accounts_of_one_name_are_never_merged(tmp_path: Path) -> None:
    accounts = [{"account_id": "K1", "account_name": "海城精密"}, {"account_id": "K2", "account_name": "海城精密"}]
    meant = accounts_of_orders(tmp_path, accounts, {"account_id": None, "account_name": "海城精密"})
    assert meant == [own_number("海城精密")]
    store = Store(tmp_path / "store")
    assert told(store, "select account_id, account_name from account order by account_id") == [
        ("K1", "海城精密"),
        ("K2", "海城精密"),
        (own_number("海城精密"), "海城精密"),
    ]


def test_an_unknown_number_becomes_an_account_of_its_own(tmp_path: Path) -> None:
    meant = accounts_of_orders(
        tmp_path, [{"account_id": "K1", "account_name": "一厂"}], {"account_id": "K9", "account_name": "九厂"}
    )
    assert meant == ["K9"]
    found = told(Store(tmp_path / "store"), "select account_id, account_name from account order by 1")
    assert found == [("K1", "一厂"), ("K9", "九厂")]


def test_a_code_leads_to_the_number_that_bears_it(tmp_path: Path) -> None:
    code = "91350211M000100Y43"
    numbered = Batch({"account": [{"account_id": "K1", "uscc": code, "account_name": "一厂"}]}, DAY)
    coded_rows: Rows = [
        {"uscc": code, "account_name": "壹厂", "industry": "机械"},
        {"uscc": "91X", "account_name": "二", "industry": None},
    ]
    coded = Batch({"account": coded_rows}, date(2025, 4, 1))
    store = department(tmp_path, [numbered, coded])
    assert told(store, "select account_id, account_name, industry from account order by 1") == [
        ("91X", "二", None),
        ("K1", "壹厂", "机械"),
    ]


def test_a_name_alone_leads_to_the_number_once_that_is_known(tmp_path: Path) -> None:
    named = Batch({"account": [{"account_name": "海城精密有限公司", "industry": "机械"}]}, DAY)
    numbered = Batch({"account": [{"account_id": "K1", "account_name": "海城精密"}]}, date(2025, 4, 1))
    orders = [{"order_no": "S1", "order_date": DAY, "account_name": "海城精密", "amount": 5}]
    store = department(tmp_path, [named, Batch({"orders": orders}, DAY)])
    assert told(store, "select account_id from orders") == [(own_number("海城精密"),)]
    load(store, request(tmp_path / "late", numbered))
    assert told(store, "select account_id from orders") == [("K1",)]
    assert told(store, "select account_id, industry from account") == [("K1", "机械")]


def test_an_owner_by_name_is_the_person_with_that_number(tmp_path: Path) -> None:
    reps = [{"rep_id": "R1", "rep_name": "张 伟"}, {"rep_id": "R2", "rep_name": "李娜"}]
    accounts = [
        {"account_id": "K1", "account_name": "一", "rep_name": "张伟"},
        {"account_id": "K2", "account_name": "二", "rep_name": "公海"},
        {"account_id": "K3", "account_name": "三", "rep_name": "王五"},
    ]
    store = department(tmp_path, [Batch({"rep": reps, "account": accounts}, DAY)])
    assert told(store, "select account_id, rep_id from account order by 1") == [
        ("K1", "R1"),
        ("K2", None),
        ("K3", "王五"),
    ]
    assert told(store, "select rep_id from rep order by 1") == [("R1",), ("R2",), ("王五",)]
    assert told(store, "select account_id, rep_id from tenure where rep_id is not null order by 1") == [
        ("K1", "R1"),
        ("K3", "王五"),
    ]


def test_people_of_one_name_are_never_merged(tmp_path: Path) -> None:
    reps = [{"rep_id": "R1", "rep_name": "张伟"}, {"rep_id": "R2", "rep_name": "张伟"}]
    accounts = [{"account_id": "K1", "account_name": "一", "rep_name": "张伟"}]
    store = department(tmp_path, [Batch({"rep": reps, "account": accounts}, DAY)])
    [(owner,)] = told(store, "select rep_id from account")
    assert owner not in {"R1", "R2"}


def test_a_doubtful_name_is_asked_about_once_and_the_answer_remembered(tmp_path: Path) -> None:
    accounts = [{"account_id": "K1", "account_name": "海城精密"}, {"account_id": "K2", "account_name": "海城精密"}]
    order = {"order_no": "S1", "order_date": DAY, "amount": 1, "account_name": "海城精密有限公司"}
    store = department(tmp_path, [Batch({"account": accounts}, DAY)])
    asked = load(store, request(tmp_path / "orders", Batch({"orders": [order]}, DAY)))["doubtful"]
    assert asked == [{"kind": "account", "name": "海城精密有限公司", "numbers": ["K1", "K2"]}]
    with pytest.raises(Refused) as caught:
        mean(store, "account", "海城精密", "K9", "王芳", "看过档案")
    assert caught.value.code == "not_meant"
    mean(store, "account", "海城精密", "K2", "王芳", "看过档案")
    assert told(store, "select account_id from orders") == [("K2",)]
    assert told(store, "select account_id from account order by 1") == [("K1",), ("K2",)]
    later = load(store, request(tmp_path / "later", Batch({"orders": [{**order, "order_no": "S2"}]}, DAY)))
    assert later["doubtful"] == []
    rebuild(store)
    assert told(store, "select order_no, account_id from orders order by 1") == [("S1", "K2"), ("S2", "K2")]
