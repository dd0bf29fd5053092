"""The Imports page: jobs that outlive the page, a mapping that can be changed, undo after a yes."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.requests import Request as Asked
from starlette.responses import FileResponse, Response
from streamlit.testing.v1 import AppTest

from data.store import Store
from loaders.build import Request, load
from pages.imports import jobs, preview, takeaway

ROOT = Path(__file__).parents[2]
CLERK = jobs.Asker("N01", "王芳")
PEOPLE = "工号,姓名,岗位,部门\nN01,王芳,内勤,大客户部\nR01,张伟,专员,大客户部\n".encode()
ORDERS = """订单编号,下单日期,客户编号,客户名称,业务员,订单金额
SO1,2026-09-01,A1,华晟,张伟,100
SO2,2026-09-02,A1,华晟,张伟,面议
""".encode()


def finished(job: jobs.Job) -> jobs.Job:
    """Wait for a job's process."""
    child = jobs._children[job.folder.name]  # noqa: SLF001 - the process itself is what must be waited for
    try:
        child.wait(timeout=120)
    except subprocess.TimeoutExpired:
        job.stop()
        raise
    return job


def test_a_job_checks_and_then_loads_the_same_files(tmp_path: Path) -> None:
    job = finished(jobs.start(tmp_path, "check", [("人员.csv", PEOPLE), ("订单.csv", ORDERS)], {}, CLERK))
    assert job.result is not None
    assert {file["file"]: (file["entity"], file["inserted"], file["rejected"]) for file in job.result["files"]} == {
        "人员.csv": ("rep", 2, 0),
        "订单.csv": ("orders", 1, 1),
    }
    assert Store(tmp_path).version == 0
    second = finished(job.again(tmp_path, "load", {}))
    assert not job.folder.exists()
    assert second.result is not None
    assert (second.result["load_id"], Store(tmp_path).version) == (1, 1)
    assert not second.running
    latest = jobs.latest(tmp_path, CLERK)
    assert latest == second
    second.forget()
    assert jobs.latest(tmp_path, CLERK) is None


def test_equal_names_are_told_apart(tmp_path: Path) -> None:
    job = finished(jobs.start(tmp_path, "check", [("a.csv", PEOPLE), ("a.csv", ORDERS)], {}, CLERK))
    assert job.result is not None
    assert [file["file"] for file in job.result["files"]] == ["a.csv", "a (2).csv"]


@pytest.mark.parametrize("name", ["../../x.csv", "-rf.csv", "a b;c.csv", "/etc/passwd.csv"])
def test_a_name_is_never_a_path_or_an_option(tmp_path: Path, name: str) -> None:
    job = finished(jobs.start(tmp_path, "check", [(name, PEOPLE)], {}, jobs.Asker("--entity", "--entity")))
    assert job.result is not None
    assert job.result["files"][0]["file"] == name
    assert [path.name for path in (job.folder / "files").iterdir()] == ["000.csv"]


def test_a_stopped_job_changes_nothing(tmp_path: Path) -> None:
    job = jobs.start(tmp_path, "load", [("人员.csv", PEOPLE)], {}, CLERK)
    job.stop()
    assert not job.running
    assert job.result is None
    job.forget()
    assert Store(tmp_path).version == 0


def sheet(entity: str = "rep", **fields: str) -> dict[str, Any]:
    """Return a report of one sheet with the columns 甲 and 乙."""
    numbers = {field: ["甲", "乙"].index(header) for field, header in fields.items()}
    return {"entity": entity, "fields": fields, "numbers": numbers, "columns": ["甲", "乙"]}


@pytest.mark.parametrize(
    ("picked", "entity", "expected"),
    [
        (["姓名", ""], "rep", None),
        (["姓名", "部门"], "rep", ("rep", {"rep_name": "甲", "dept": "乙"}, {})),
        (["", "姓名"], "rep", ("rep", {"rep_name": "乙"}, {})),
        (["", ""], "rep", ("rep", {"rep_name": ""}, {})),
        (["", ""], "orders", ("orders", {}, {})),
    ],
)
def test_only_what_a_person_changed_is_told(picked: list[str], entity: str, expected: object) -> None:
    labels = {"": "", "rep_name": "姓名", "dept": "部门"}
    assert preview._difference(sheet(rep_name="甲"), entity, labels, picked) == expected  # noqa: SLF001 - pure


def test_read_values_lose_their_empty_decimals() -> None:
    assert preview._three(["30268.0000", "18.8000", None, "1000", "=x"]) == "30268 ｜ 18.8 ｜ — ｜ 1000 ｜ =x"  # noqa: SLF001 - pure


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Return a function that opens the page as the clerk, on a store with two loads: the people, then all."""
    monkeypatch.setenv("KAC_STORE", str(tmp_path))
    files = [tmp_path / "人员.csv", tmp_path / "订单.csv"]
    for path, content in zip(files, (PEOPLE, ORDERS), strict=True):
        path.write_bytes(content)
    load(Store(tmp_path), Request(files[:1], who="王芳"))
    load(Store(tmp_path), Request(files, who="王芳"))

    def opened() -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages/imports/imports.py"), default_timeout=30)
        app.session_state["address"] = {"me": "N01"}
        return app.run()

    return opened


def test_the_page_lists_what_was_loaded(page: Callable[[], AppTest]) -> None:
    app = page()
    assert not app.exception
    shown = app.dataframe[0].value
    assert (shown["who"][0], shown["rejected"][0], shown["files"][0]) == ("王芳", 1, "人员.csv、订单.csv")


def test_the_page_shows_a_preview_left_open(page: Callable[[], AppTest], tmp_path: Path) -> None:
    finished(jobs.start(tmp_path, "check", [("订单.csv", ORDERS)], {}, CLERK))
    app = page()
    assert not app.exception
    assert app.expander[0].label.startswith("**订单\\.csv** → 订单")
    assert [button.label for button in app.button] == ["导入", "放弃"]
    app.button[1].click().run()
    assert jobs.latest(tmp_path, CLERK) is None


def test_a_file_that_is_refused_can_be_left_out_and_the_rest_checked(
    page: Callable[[], AppTest], tmp_path: Path
) -> None:
    files = [("订单.csv", ORDERS), ("坏.xlsx", b"PK\x03\x04 no workbook"), ("人员.csv", PEOPLE)]
    finished(jobs.start(tmp_path, "check", files, {}, CLERK))
    app = page()
    assert "坏" in app.error[0].value
    assert [button.label for button in app.button] == ["去掉这个文件，检查其余 2 个", "放弃"]
    app.button[0].click().run()
    job = jobs.latest(tmp_path, CLERK)
    assert job is not None
    result = finished(job).result
    assert result is not None
    assert "refused" not in result
    assert {file["file"] for file in result["files"]} == {"订单.csv", "人员.csv"}


def test_an_undo_asks_first_and_its_outcome_is_told(page: Callable[[], AppTest], tmp_path: Path) -> None:
    app = page()
    app.session_state["undo"] = 2
    app.run()
    assert [button.label for button in app.button][1:3] == ["撤销", "不撤销"]
    finished(jobs.turn(tmp_path, "undo", 2, CLERK))
    assert "已撤销第 2 次导入" in page().success[0].value


def test_a_preview_is_its_asker_s_own_and_others_are_told(
    page: Callable[[], AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = jobs.Asker("M01", "陈经理", scores=True)
    job = finished(jobs.check(tmp_path, [("订单.csv", ORDERS)], {}, other))
    assert "--scores" in job.asked["options"]
    app = page()
    assert not app.expander
    assert [box.label for box in app.file_uploader] == ["导出文件（Excel、CSV，可多选）"]
    monkeypatch.setattr(jobs.Job, "running", property(lambda _job: True))
    assert app.run().info[0].value.startswith("陈经理 正在导入")


def test_a_clerk_is_shown_values_that_would_move_and_no_scores(page: Callable[[], AppTest], tmp_path: Path) -> None:
    changed = ORDERS.decode().replace("SO1", "SO9").encode()
    job = finished(jobs.check(tmp_path, [("订单.csv", changed)], {}, CLERK))
    assert job.result is not None
    assert job.result["moves"]
    assert job.result["scores"] == []
    scores = [{"rep": "R01", "rep_name": "张伟", "dept": "大客户部", "quarter": "2026Q3", "before": {}, "after": {}}]
    told = {**job.result, "scores": scores}
    (job.folder / "out.json").write_text(json.dumps(told), encoding="utf-8")
    labels = [box.label for box in page().expander]
    assert any(label.startswith("会变动的指标") for label in labels)
    assert not any("得分" in label for label in labels)


def test_files_are_taken_home_only_by_those_who_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAC_STORE", str(tmp_path))
    store, people, orders, marks = Store(tmp_path), tmp_path / "人员.csv", tmp_path / "订单.csv", tmp_path / "评分.csv"
    people.write_bytes(PEOPLE + "M01,陈经理,大客户部经理,大客户部\nN02,李娜,内勤,大客户部\n".encode())
    orders.write_bytes(ORDERS)
    marks.write_text("工号,考核期,项目,评分人角色,分数\nR01,2026Q3,服从安排,经理,90\n", encoding="utf-8")
    load(store, Request([people, orders, marks], who="王芳", mappings={("评分.csv", "", 1): ("rating", {})}))

    def taken(what: str, number: int, me: str) -> Response:
        query = urlencode({"me": me, "number": str(number)}).encode()
        asked = {"type": "http", "path_params": {"what": what}, "query_string": query, "headers": []}
        return takeaway.answer(Asked(asked))

    def statuses(what: str, number: int, *people: str) -> list[int]:
        return [taken(what, number, me).status_code for me in people]

    assert statuses("original", 2, "N01", "M01", "N02", "R01", "", "x") == [200, 200, *[404] * 4]
    assert statuses("original", 3, "N01", "M01") == [404, 200]
    assert statuses("faulty", 2, "N01", "M01", "R01", "") == [200, 200, 404, 404]
    assert statuses("original", 99, "M01") + statuses("elsewhere", 1, "M01") == [404, 404]
    found = taken("original", 2, "N01")
    assert isinstance(found, FileResponse)
    assert Path(found.path).read_bytes() == ORDERS
