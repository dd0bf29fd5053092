"""What a check says before anything is committed, and that a commit publishes what was checked."""

import os
import threading
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.records import Records
from data.store import Store, Viewer
from kpi.rollup import value
from loaders import build, delivery
from loaders.build import Request, check, load, rebuild, refresh

PEOPLE = "工号,姓名,岗位,部门,入职日期\nR01,张伟,专员,大客户部,2020-01-01\nR02,李强,专员,大客户部,2020-01-01\n"
ACCOUNTS = "客户编号,客户名称,客户级别,负责人,行业\n" + "".join(f"A{n},厂{n},A,张伟,机械\n" for n in range(1, 6))
PLAN = "工号,开始日期,结束日期,计划值\nR01,2026-07-01,2026-09-30,90000\nR02,2026-07-01,2026-09-30,6000\n"
HEAD = "订单编号,下单日期,客户编号,业务员,订单金额\n"
ORDERS = HEAD + "".join(f"SO{n},2026-07-0{n},A{n},张伟,{n}000\n" for n in range(1, 6))
EARLIER = "".join(f"SP{n},2026-04-0{n},A{n},张伟,{n}000\n" for n in range(1, 6))
DAY = date(2026, 9, 30)


class Files:
    """A folder of files and the store they are loaded into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "store")

    def ask(self, _name: str, content: str, **told: Any) -> Request:  # noqa: ANN401 - fields of a request
        """Write a file and ask for it."""
        path = self.folder / f"{_name}.csv"
        path.write_text(content, encoding="utf-8")
        return Request([path], **{"exported_on": DAY, "who": "王芳", **told})


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Give a department with people, accounts, a plan and five orders; tests of this fixture only check."""
    files = Files(tmp_path_factory.mktemp("department"))
    _fill(files)
    return files


def _fill(files: Files) -> None:
    contents = {"人员": PEOPLE, "客户": ACCOUNTS, "销售计划": PLAN, "订单": ORDERS + EARLIER}
    paths = [files.ask(name, content).files[0] for name, content in contents.items()]
    load(files.store, Request(paths, exported_on=DAY))


def codes(found: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in found["warnings"]]


def test_a_move_names_the_rows_behind_it(loaded: Files) -> None:
    new = HEAD + "SO9,2026-09-01,A2,李强,3000\nSO1,2026-07-01,A1,张伟,1000\n"
    found = check(loaded.store, loaded.ask("新订单", new))
    plan = [move for move in found["moves"] if move["metric"] == "plan_completion" and move["quarter"] == "2026Q3"]
    assert [(move["rep"], move["dept"], float(move["after"]["value"])) for move in plan] == [("R02", "大客户部", 0.5)]
    assert plan[0]["changed"] == 1
    cause = plan[0]["because"][0]
    assert (cause["account_id"], cause["account_name"], cause["before"]) == ("A2", "厂2", None)
    assert (float(cause["after"]["numerator"]), cause["after"]["reason"]) == (3000, "order")
    assert cause["rows"] == [{"entity": "orders", "file": "新订单.csv", "sheet": "", "row": 2}]
    assert found["scores"] == []


def test_a_changed_file_is_named_behind_completeness(loaded: Files) -> None:
    found = check(loaded.store, loaded.ask("改客户", "客户编号,行业\nA3,食品\nA4,测试\n", entity="account"))
    moves = [move for move in found["moves"] if move["metric"] == "file_completeness"]
    assert [move["rep"] for move in moves] == ["R01"]
    assert {cause["account_id"] for cause in moves[0]["because"]} == {"A4"}
    assert moves[0]["because"][0]["rows"] == [{"entity": "account", "file": "改客户.csv", "sheet": "", "row": 3}]


def test_scores_are_told_only_where_asked_for(loaded: Files) -> None:
    request = loaded.ask("大单", HEAD + "SO8,2026-09-02,A2,张伟,80000\n", scores=True)
    scores = check(loaded.store, request)["scores"]
    assert [(score["rep"], score["quarter"]) for score in scores] == [("R01", "2026Q3")]
    assert scores[0]["before"] != scores[0]["after"]


def test_orders_of_the_future_and_amounts_out_of_scale_are_warned_of(loaded: Files) -> None:
    odd = HEAD + "SO7,2027-09-02,A2,张伟,100\nSO8,2026-09-02,A2,张伟,40000000\n"
    found = check(loaded.store, loaded.ask("怪", odd))
    assert codes(found) == ["future_orders", "huge_amounts"]
    assert "怪.csv #2" in found["warnings"][0]["zh"]
    assert "怪.csv #3" in found["warnings"][1]["en"]
    assert codes(check(loaded.store, loaded.ask("常", HEAD + "SO7,2026-09-02,A2,张伟,90000\n"))) == []


def test_amounts_that_shrank_ten_thousandfold_are_warned_of(loaded: Files) -> None:
    small = HEAD + "".join(f"SO1{n},2026-08-0{n},A2,张伟,0.{n}\n" for n in range(1, 7))
    assert codes(check(loaded.store, loaded.ask("万元", small))) == ["tiny_amounts"]


@pytest.mark.parametrize(("kept", "code"), [(4, "accounts_gone"), (3, "accounts_gone_many")])
def test_accounts_missing_from_a_file_of_all_of_them_are_warned_of(loaded: Files, kept: int, code: str) -> None:
    some = "\n".join(ACCOUNTS.splitlines()[: kept + 1]) + "\n"
    assert codes(check(loaded.store, loaded.ask("客户全", some, all_accounts=True))) == [code]
    assert codes(check(loaded.store, loaded.ask("客户全", some))) == []


def test_a_question_is_answered_and_the_answer_kept(tmp_path: Path) -> None:
    files = Files(tmp_path)
    _fill(files)
    said = HEAD + "SO6,03-04-2026,A1,张伟,1\nSO7,05-06-2026,A1,张伟,2\n"
    asked = check(files.store, files.ask("日期", said))["files"][0]
    question = next(note for note in asked["notes"] if note["code"] == "date_order_question")
    assert (question["field"], asked["rejected"]) == ("order_date", 2)
    answers = {("日期.csv", "", 1): {"date_order:order_date": "dmy", "unit": "万元"}}
    load(files.store, files.ask("日期", said, answered=answers))
    after = files.ask("日期2", said.replace("SO6", "SO8").replace("SO7", "SO9"))
    assert check(files.store, after)["files"][0]["mapping"]["remembered"]
    load(files.store, after)
    sql = (
        "select order_no, order_date, cast(amount as int) from orders where order_no between 'SO6' and 'SO9' order by 1"
    )
    days = [date(2026, 4, 3), date(2026, 6, 5)]
    expected = [(f"SO{6 + n}", days[n % 2], 10000 * (1 + n % 2)) for n in range(4)]
    assert _day(files.store.open(Viewer("", "system")).execute(sql).fetchall()) == expected
    titled = files.ask("日期3", "单位：元,,,,\n" + said)
    assert check(files.store, titled)["files"][0]["mapping"]["options"]["unit"] == "元"
    wrong = check(files.store, files.ask("日期", said, given={"date_order:order_date": "xyz"}))
    assert wrong["refused"]["code"] == "unknown_answer"


def _day(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [(row[0], date.fromisoformat(str(row[1])[:10]), row[2]) for row in rows]


def test_one_of_two_columns_of_one_name_can_be_chosen(tmp_path: Path) -> None:
    files = Files(tmp_path)
    said = "订单编号,下单日期,客户编号,金额,金额\nSO1,2026-07-01,A1,10,20\n"
    answers = {("两列.csv", "", 1): {"column:amount": "4"}}
    for name in ("两列", "再来"):
        load(files.store, files.ask(name, said, entity="orders", answered=answers if name == "两列" else {}))
        found = files.store.open(Viewer("", "system")).execute("select cast(amount as int), extra from orders")
        assert found.fetchall() == [(20, '{"金额 (4)":"10"}')]


def test_a_commit_publishes_what_was_checked_without_reading_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(tmp_path)
    request = files.ask("订单", ORDERS, aside=tmp_path / "aside")
    checked = check(files.store, request)
    monkeypatch.setattr(delivery, "tables", None)
    done = load(files.store, request)
    assert (done["load_id"], done["version"], files.store.version) == (1, 1, 1)
    assert done["files"] == checked["files"]
    assert (build.history(files.store)[0]["who"], build.history(files.store)[0]["rows"]) == ("王芳", 5)
    assert not list((tmp_path / "aside").iterdir())
    monkeypatch.undo()
    before = _rows(files.store)
    rebuild(files.store)
    assert _rows(files.store) == before
    assert [event.what for event in Records(files.store.records_url).audit()] == ["load"]


@pytest.mark.parametrize("change", ["another load", "a setting", "another request", "another file"])
def test_what_was_checked_is_read_again_where_something_changed(tmp_path: Path, change: str) -> None:
    files = Files(tmp_path)
    load(files.store, files.ask("人员", PEOPLE))
    request = files.ask("订单", ORDERS, aside=tmp_path / "aside")
    check(files.store, request)
    if change == "another load":
        load(files.store, files.ask("客户", ACCOUNTS))
    elif change == "a setting":
        Records(files.store.records_url).set_parameter("churn_min_days", "60", who="x", why="y")
    elif change == "another request":
        request = files.ask("订单", ORDERS, aside=tmp_path / "aside", exported_on=date(2026, 9, 1))
    else:
        request = files.ask("订单", ORDERS.replace("5000", "7000"), aside=tmp_path / "aside")
    load(files.store, request)
    cursor = files.store.open(Viewer("", "system"))
    total = {"another file": 17000}.get(change, 15000)
    assert cursor.execute("select cast(sum(amount) as int) from orders").fetchall() == [(total,)]
    assert cursor.execute("select value from parameter where name = 'churn_min_days'").fetchall()[0][0] == (
        "60" if change == "a setting" else "120"
    )
    assert cursor.execute("select count(*) from account where industry = '机械'").fetchall()[0][0] == (
        5 if change == "another load" else 0
    )
    assert str(build.history(files.store)[0]["exported_on"]) == (
        "2026-09-01" if change == "another request" else "2026-09-30"
    )


def _rows(store: Store) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store.facts(store.version)), read_only=True) as con:
        return con.execute("select * from core.orders order by all").fetchall()


def test_a_missing_account_goes_only_with_a_yes(tmp_path: Path) -> None:
    files = Files(tmp_path)
    _fill(files)
    some = "\n".join(ACCOUNTS.splitlines()[:5]) + "\n"
    load(files.store, files.ask("客户全", some, all_accounts=True))

    def judged() -> set[str]:
        cursor = files.store.open(Viewer("", "system"))
        sql = "select account_id from contribution_file_completeness where denominator > 0 or reason = 'nothing_due'"
        return {row[0] for row in cursor.execute(sql).fetchall()}

    cursor = files.store.open(Viewer("", "system"))
    assert cursor.execute("select account_id, decided from vanished_account").fetchall() == [("A5", None)]
    assert judged() == {"A1", "A2", "A3", "A4", "A5"}
    churn = value(cursor, "churn", by=("quarter", "rep"))
    Records(files.store.records_url).decide("account_vanished", "A5", "作废", who="王芳", reason="重复建档")
    refresh(files.store)
    assert judged() == {"A1", "A2", "A3", "A4"}
    assert value(files.store.open(Viewer("", "system")), "churn", by=("quarter", "rep")) == churn
    load(files.store, files.ask("客户", ACCOUNTS))
    assert judged() == {"A1", "A2", "A3", "A4", "A5"}


def test_a_second_build_names_who_builds_and_waits(tmp_path: Path) -> None:
    files, told = Files(tmp_path), []
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with files.store.locked(who="李娜"):
            held.set()
            free.wait(60)

    def progress(stage: str, detail: dict[str, Any]) -> None:
        told.append((stage, detail))
        free.set()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(60)
    assert load(files.store, files.ask("人员", PEOPLE), progress)["version"] == 1
    holder.join()
    assert told[0] == ("wait", {"holder": f"李娜 ({os.getpid()})"})


def test_people_who_are_not_on_the_list_are_warned_of(loaded: Files) -> None:
    rows = "SO7,2026-09-02,A2,钱多多,100\nSO8,2026-09-02,A2,钱多多,100\nSO9,2026-09-02,A2,张伟,100\n"
    found = check(loaded.store, loaded.ask("生人", HEAD + rows))
    assert codes(found) == ["unknown_people"]
    assert "钱多多" in found["warnings"][0]["zh"]
    assert "in 2 rows" in found["warnings"][0]["en"]
