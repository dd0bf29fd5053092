"""The house keeps its own rules, and the lints that say so catch what they are for."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools import lints, portable
from tools.lints import LINTS, ROOT

Lint = Callable[[Path], Iterator[str]]


@pytest.mark.parametrize("lint", LINTS, ids=lambda lint: lint.__name__)
def test_the_project_keeps(lint: Lint) -> None:
    assert list(lint(ROOT)) == []


def _write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


CASES: list[tuple[Lint, str, str, str]] = [
    (lints.floors, "data/a.py", "import kpi.rollup\n", "data may not import kpi"),
    (lints.floors, "kpi/a.py", "def f():\n    from loaders import read\n", "a.py:2: kpi may not import loaders"),
    (lints.floors, "loaders/a.py", "from pages.parts import card\n", "loaders may not import pages"),
    (lints.floors, "loaders/a.py", "import streamlit as st\n", "only app.py, serve.py and pages know Streamlit"),
    (lints.floors, "pages/a/b.py", "from tests.shared import SHARED\n", "pages may not import tests"),
    (lints.docstrings, "kpi/a.py", "X = 1\n", "a.py:1: open with one line"),
    (lints.docstrings, "kpi/a.py", '"""One\nand two.\n"""\n', "a.py:1: open with one line"),
    (lints.lengths, "kpi/a.py", "X = 1\n" * 351, "351 lines"),
    (lints.page_places, "pages/overview.py", "", "pages/<section>/overview.py"),
    (lints.machine_paths, "README.md", "a\nsee /home/someone/x\n", "README.md:2: path of one machine"),
    (lints.metric_sql, "kpi/metrics/a.sql", "select 1 / 2 as x", "division belongs to the roll-up"),
    (lints.covered, "kpi/processes/nine_stage.toml", "", "no test names nine_stage"),
    (lints.languages, "loaders/messages.toml", '[a]\nzh = "甲"\n', "a needs zh and en"),
    (lints.languages, "loaders/messages.toml", '[a]\ntext = "甲"\n', "a needs zh and en"),
    (lints.languages, "kpi/x.toml", '[[s]]\nzh = "{file} 空"\nen = "{path} empty"\n', "s has other placeholders"),
    (lints.requirements, "kpi/a.py", "import hypothesis\n", "kpi/a.py:1: hypothesis is not in requirements.in"),
    (lints.requirements, "kpi/a.py", "", "requirements.in: nothing imports duckdb"),
]


@pytest.mark.parametrize(("lint", "name", "text", "fault"), CASES)
def test_a_lint_catches(tmp_path: Path, lint: Lint, name: str, text: str, fault: str) -> None:
    _write(tmp_path, "requirements.in", "duckdb==2.0.0\nplotly  # drawn by Streamlit\n")
    _write(tmp_path, name, text)
    assert any(fault in found for found in lint(tmp_path)), list(lint(tmp_path))


def test_a_test_that_walks_its_folder_covers_a_new_file(tmp_path: Path) -> None:
    _write(tmp_path, "data/entities/visit.toml", "")
    assert list(lints.covered(tmp_path)) == ["data/entities/visit.toml: no test names visit or walks entities()"]
    _write(tmp_path, "tests/data/test_entity.py", "for name in entities():\n")
    assert list(lints.covered(tmp_path)) == []


def test_floors_below_and_the_pages_own_streamlit_are_fine(tmp_path: Path) -> None:
    _write(tmp_path, "pages/a/b.py", "import streamlit\nfrom loaders import build\nfrom kpi import rollup\n")
    _write(tmp_path, "app.py", "import streamlit\n")
    assert list(lints.floors(tmp_path)) == []


GOOD = f"""
with step as (
    select account_id, cast(date_trunc('month', day) as date) as month_start,
           sum(amount) filter (where counts) as amount, count(*) as n
    from core.sale
    where day < cast(current_day + interval 3 month as date)
    group by account_id, cast(date_trunc('month', day) as date)
)
select {", ".join(f"cast(null as varchar) as {column}" for column in portable.COLUMNS)}
from step
join core.account using (account_id)
qualify row_number() over (partition by account_id order by month_start, n) = 1
"""


def test_what_stays_in_the_subset_passes() -> None:
    assert list(portable.query_faults(GOOD)) == []


@pytest.mark.parametrize(
    "expression",
    [
        "a / b", "a // b", "a % b", "avg(a)", "round(a, 2)", "median(a)", "quantile_cont(a, 0.5)", "cast(a as double)",
        "a::float", "try_cast(a as date)", "cast(a as integer)", "1e5", "current_date", "today()", "now()", "[a]",
        "{'a': a}", "list_sum(a)", "a[1]", "day + interval 1 day", "date_trunc('month', day)",
        "date_diff('month', day, day)", "year(day)", "string_agg(a, ',')", "step.*", "random()",
        "row_number() over (partition by a)", "lag(a) over ()", "(select max(a) from account)",
        "(select max(a) from main.account)",
    ],
)  # fmt: skip
def test_what_leaves_the_subset_is_refused(expression: str) -> None:
    query = re.sub(r"count\(\*\)(?= as n)", expression.replace("\\", r"\\"), GOOD)
    assert list(portable.query_faults(query)), query


def test_columns_and_number_of_queries_are_fixed() -> None:
    assert "the query must give" in next(portable.query_faults("select 1 as account_id"))
    assert list(portable.query_faults(f"{GOOD};{GOOD}")) == ["a metric file holds exactly one query"]
    assert "sqlglot cannot read it" in next(portable.query_faults("select (1 from"))


def test_a_header_needs_its_lines_in_both_languages() -> None:
    header = "-- title: 流失率\n-- question: 问 | asked\n-- unit: percent\n-- better: lower\n-- rollup: average\n"
    assert list(portable.header_faults(header)) == [
        "header line title needs 中文 | English",
        f"header line rollup is 'average'; known are {sorted(portable.CLOSED['rollup'])}",
    ]
    assert "header has no line `-- unit: …`" in list(portable.header_faults("-- title: 一 | One\nwith x"))


def test_without_a_browser_and_the_right_to_install_one_the_command_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.ensure_browser"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "sudo apt-get install --yes --no-install-recommends chromium fontconfig fonts-noto-cjk" in done.stderr
