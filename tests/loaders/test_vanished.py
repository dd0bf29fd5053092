"""Orders gone from an export called complete for its dates: asked about, kept until voided, back when redelivered."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.records import Records
from data.store import Store, Viewer
from kpi.rollup import value
from loaders.__main__ import main
from loaders.build import Request, history, load, rebuild, refresh, undo

PEOPLE = "工号,姓名,岗位,部门\nR01,张伟,专员,大客户部\nR02,李强,专员,华东部\n"
HEAD = "订单编号,下单日期,客户编号,客户名称,业务员,订单金额\n"
LINES = {
    "SO1": "SO1,2026-07-01,A1,华晟,张伟,100\n",
    "SO2": "SO2,2026-08-02,A1,华晟,张伟,200\n",
    "SO3": "SO3,2026-10-03,A1,华晟,张伟,400\n",
    "SO4": "SO4,2026-08-04,A2,东方,李强,800\n",
}
QUARTER = (date(2026, 7, 1), date(2026, 9, 30))


class Department:
    """A store with the four orders loaded, and short ways to load more and look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "store")
        people = folder / "人员.csv"
        people.write_text(PEOPLE, encoding="utf-8")
        load(self.store, Request([people], exported_on=date(2026, 10, 1)))
        self.load(LINES, date(2026, 10, 5))

    def load(self, orders: Any, day: date, complete_for: tuple[date, date] | None = None) -> None:  # noqa: ANN401 - any names
        """Load some of the orders as an export of a day."""
        path = self.folder / f"订单{len(history(self.store))}.csv"
        path.write_text(HEAD + "".join(LINES[order] for order in orders), encoding="utf-8")
        load(self.store, Request([path], exported_on=day, complete_for=complete_for))

    def decide(self, order: str, answer: str) -> None:
        """Answer the question about an order."""
        records = Records(self.store.records_url)
        records.decide("order_vanished", order, answer, who="王芳", reason="已与财务核对")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Query the version in force."""
        with duckdb.connect(str(self.store.facts(self.store.version)), read_only=True) as con:
            return con.execute(sql).fetchall()

    def vanished(self) -> list[tuple[Any, ...]]:
        """List what is asked about."""
        return self.ask("select order_no, decided from core.vanished_order order by 1")

    def sales(self) -> dict[str, tuple[bool, str]]:
        """Say of each order whether it counts and why."""
        return {row[0]: (row[1], row[2]) for row in self.ask("select order_no, counts, reason from core.sale")}


@pytest.fixture
def department(tmp_path: Path) -> Department:
    """Give a department whose second order is gone from a complete export of the quarter."""
    made = Department(tmp_path)
    made.load(["SO1"], date(2026, 10, 6), QUARTER)
    return made


def test_what_vanished_is_asked_and_still_counts(department: Department) -> None:
    assert department.vanished() == [("SO2", None)]
    assert department.sales()["SO2"] == (True, "order")


def test_a_void_takes_force_with_the_next_version_and_a_keep_changes_nothing(department: Department) -> None:
    department.decide("SO2", "作废")
    assert department.sales()["SO2"] == (True, "order")
    refresh(department.store)
    assert department.vanished() == [("SO2", "作废")]
    assert department.sales()["SO2"] == (False, "voided")
    cursor = department.store.open(Viewer("", "system"))
    third = [row for row in value(cursor, "plan_completion", by=("quarter", "rep")) if row["quarter"] == "2026Q3"]
    assert {row["rep"]: int(row["numerator"]) for row in third} == {"R01": 100, "R02": 800}
    department.decide("SO2", "保留")
    refresh(department.store)
    assert department.sales()["SO2"] == (True, "order")


def test_a_voided_order_that_comes_back_counts_again(department: Department) -> None:
    department.decide("SO2", "作废")
    department.load(["SO2"], date(2026, 10, 7))
    assert department.vanished() == []
    assert department.sales()["SO2"] == (True, "order")


def test_an_older_export_loaded_late_does_not_call_it_back(department: Department) -> None:
    department.load(["SO2"], date(2026, 10, 4))
    assert department.vanished() == [("SO2", None)]


def test_without_a_range_nothing_vanishes(tmp_path: Path) -> None:
    department = Department(tmp_path)
    department.load(["SO1"], date(2026, 10, 6))
    assert department.vanished() == []


def test_undone_loads_neither_ask_nor_are_asked_about(department: Department) -> None:
    undo(department.store, 3)
    assert department.vanished() == []
    undo(department.store, 3, redo=True)
    undo(department.store, 2)
    assert department.vanished() == []


def test_a_rebuild_asks_the_same(department: Department) -> None:
    before = department.vanished()
    rebuild(department.store)
    assert department.vanished() == before == [("SO2", None)]
    assert [(entry["complete_from"], entry["complete_to"]) for entry in history(department.store)][:2] == [
        QUARTER,
        (None, None),
    ]


def test_a_version_of_before_can_be_listed_and_built_upon(tmp_path: Path) -> None:
    department = Department(tmp_path)
    with duckdb.connect(str(department.store.facts(2))) as con:
        con.execute("alter table meta.load drop column complete_from; alter table meta.load drop column complete_to")
    assert history(department.store)[0]["complete_from"] is None
    department.load(["SO1"], date(2026, 10, 6), QUARTER)
    assert department.vanished() == [("SO2", None)]


def test_the_command_takes_a_range(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    department = Department(tmp_path)
    path = tmp_path / "new.csv"
    path.write_text(HEAD + LINES["SO1"], encoding="utf-8")
    words = ["load", str(path), "--store", str(department.store.folder), "--exported-on", "2026-10-06"]
    with pytest.raises(SystemExit):
        main([*words, "--complete-for", "2026-09-30..2026-07-01"])
    assert "START..END" in capsys.readouterr().err
    assert main([*words, "--complete-for", "2026-08-01..2026-08-31"]) == 0
    assert department.vanished() == [("SO2", None)]
