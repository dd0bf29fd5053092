"""The appraisal on paper: LibreOffice computes what the screen shows; pages print; nothing in a file is a formula."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from data.store import Store, Viewer
from kpi.__main__ import main
from kpi.card import rescored
from kpi.paper import html, pack
from kpi.paper.book import workbook
from kpi.paper.payroll import payroll
from kpi.paper.person import Person, Sheaf, person
from kpi.quarter import reread, written
from kpi.scoring import scorecards
from tests.kpi.paper import office

FACTS = {"version": "1", "as_of": "2026-09-30", "made": "2026-10-09 09:00", "filters": "大客户部", "hash": "0a1b2c3d"}
SCHEMES = (None, "ka_rep_v1")


def people(store: Store, scheme: str | None = None) -> tuple[Person, ...]:
    cur = store.open(Viewer("", "system"))
    found = []
    for card in scorecards(cur, "2026Q3", scheme):
        if card.lines:
            marks = {
                (line.metric, role): {"score": str(round(line.score or Decimal(80), 2)), "reason": "=1+1 核对过"}
                for line in card.lines
                if line.score is not None or line.item.rating
                for role in ("head", "hr")
            }
            found.append(person(cur, written(cur, card), marks))
    return tuple(found)


@pytest.fixture(scope="module", params=SCHEMES, ids=str)
def sheaf(sample_store: Store, request: pytest.FixtureRequest) -> Sheaf:
    return Sheaf(people(sample_store, request.param), "2026Q3", FACTS)


@pytest.fixture(scope="module")
def recalculated(sheaf: Sheaf, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return office.recalculated(workbook(sheaf), tmp_path_factory.mktemp("office"))


def cells(sheet: Worksheet) -> Iterator[Any]:
    for row in sheet.iter_rows(values_only=True):
        yield from row


def test_libreoffice_computes_every_score_of_the_screen(sheaf: Sheaf, recalculated: Workbook) -> None:
    rows = list(recalculated.worksheets[0].iter_rows(min_row=3, max_row=2 + len(sheaf.people), values_only=True))
    assert len(rows) == len(sheaf.people) >= 11
    for each, row in zip(sheaf.people, rows, strict=True):
        total, printed = each.card["total"], html.closing(each)
        assert row[3] == (None if total is None else pytest.approx(float(total), abs=1e-9))
        assert f"{row[6]:.2f}" == printed["final"]
        assert (row[7] or "") == printed["grade"]
        assert (row[10] == "一致") == (total is not None)


def test_every_check_cell_agrees_and_none_fails(recalculated: Workbook) -> None:
    found = [cell for sheet in recalculated.worksheets for cell in cells(sheet)]
    assert found.count("一致") > 50
    assert "不一致" not in found
    assert not [cell for cell in found if isinstance(cell, str) and cell.startswith(("#", "Err:"))]


def test_the_command_line_tells_the_same_scores(sample_store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "--quarter", "2026Q3", "--store", str(sample_store.folder), "--json"]) == 0
    told = {row["rep_id"]: row["total"] for row in json.loads(capsys.readouterr().out)["rows"]}
    for each in people(sample_store):
        assert each.card["total"] == (None if told[each.card["rep_id"]] is None else f"{told[each.card['rep_id']]:.2f}")


def test_a_card_written_down_reads_as_it_was(sample_store: Store) -> None:
    cur = sample_store.open(Viewer("", "system"))
    for card in scorecards(cur, "2026Q3"):
        if card.total is not None:
            again = reread(written(cur, card))
            assert (again.lines, again.total, again.grade, again.flags) == (
                card.lines,
                card.total,
                card.grade,
                card.flags,
            )
            assert rescored(again, {}).total == card.total


def test_texts_of_people_are_never_formulas(sample_store: Store) -> None:
    sheaf = Sheaf(people(sample_store), "2026Q3", FACTS)
    evil = replace(
        sheaf.people[0], card={**sheaf.people[0].card, "rep_name": '=HYPERLINK("http://x")', "dept": "@SUM(A1)"}
    )
    book = openpyxl.load_workbook(BytesIO(workbook(replace(sheaf, people=(evil, *sheaf.people[1:])))))
    formulas = [
        str(cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert len(formulas) > 200
    assert not [text for text in formulas if "HYPERLINK" in text or "@" in text or "核对过" in text]


def test_sheets_are_set_up_for_paper(sample_store: Store) -> None:
    book = openpyxl.load_workbook(BytesIO(workbook(Sheaf(people(sample_store)[:2], "2026Q3", FACTS, "en"))))
    for sheet in book.worksheets:
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.page_setup.fitToWidth == 1
        assert FACTS["hash"] in sheet.oddFooter.left.text
        assert "&P" in sheet.oddFooter.right.text


def test_the_payroll_list_holds_numbers_and_coefficients_only() -> None:
    sealed: list[dict[str, Any]] = [
        {"card": {"rep_id": "R03"}, "score": {"coefficient": "1.0"}},
        {"card": {"rep_id": "=cmd"}, "score": {"coefficient": "1.2"}},
        {"card": {"rep_id": "R12"}, "score": {"coefficient": None}},
        {"card": {"rep_id": "M01"}, "score": None},
    ]
    assert payroll(sealed).decode("utf-8-sig") == "employee_id,coefficient\r\nR03,1.0\r\n'=cmd,1.2\r\n"


def printed(page: str, folder: Path) -> bytes:
    if not shutil.which("chromium"):
        pytest.skip("no chromium: python -m tools.ensure_browser")
    (folder / "page.html").write_text(page, encoding="utf-8")
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run", "--no-pdf-header-footer",
         f"--user-data-dir={folder}/profile", f"--print-to-pdf={folder}/page.pdf", str(folder / "page.html")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return (folder / "page.pdf").read_bytes()


def pages(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type /Page/")


@pytest.mark.browser
def test_forms_print_one_page_a_person(sample_store: Store, tmp_path: Path) -> None:
    found = people(sample_store)[:3]
    page = html.forms(Sheaf(found, "2026Q3", FACTS))
    assert page.count("<section>") == 3
    pdf = printed(page, tmp_path)
    assert pages(pdf) == 3
    assert b"NotoSansCJK" in pdf or b"Noto" in pdf


def test_a_print_page_shows_what_people_wrote_as_text(sample_store: Store) -> None:
    first = people(sample_store)[0]
    evil = replace(first, card={**first.card, "rep_name": "<script>alert(1)</script>"})
    page = html.forms(Sheaf((evil,), "2026Q3", FACTS | {"hash": '"</style><script>'}))
    assert "<script>" not in page


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_review_pack_holds_the_quarter(sample_store: Store, tmp_path: Path, language: str) -> None:
    cur = sample_store.open(Viewer("陈国栋", "head", dept="大客户部"))
    sections = pack.gather(cur, "2026Q3", "大客户部", language)
    assert [name for name, _, _ in sections] == ["kpi", "plan", "funnel", "lost", "won", "risks"]
    assert all(rows for name, _, rows in sections if name in {"kpi", "plan", "funnel"})
    book = openpyxl.load_workbook(BytesIO(pack.workbook(sections, FACTS, language)))
    assert len(book.worksheets) == 6
    assert sum(len(sheet._charts) for sheet in book.worksheets) == 3  # noqa: SLF001 - openpyxl has no other way
    page = pack.page(sections, FACTS, language, "2026Q3")
    assert page.count("<svg") == 6
    assert pages(printed(page, tmp_path)) >= 2
