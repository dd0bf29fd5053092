"""Both churn figures, the record, the quarter before, promotion, comments and agreement on paper."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.records import Records
from data.store import Store, Viewer
from kpi import standing
from kpi.eyes import Eyes
from kpi.history import Sealed, difference, promotion, sealed_quarters
from kpi.paper import html
from kpi.paper.beside import beside
from kpi.paper.book import workbook
from kpi.paper.person import Person, Sheaf, person
from kpi.scheme import document, schemes
from tests.kpi.lost_accounts import HEAD, HR, PLACE, ZHANG, Case, loaded
from tests.kpi.paper.office import recalculated

FACTS = {"version": "1", "as_of": "2026-09-30", "made": "2026-10-09 09:00", "filters": "大客户部", "hash": "0a1b2c3d"}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    made = Case(loaded(tmp_path_factory.mktemp("paper")))
    made.propose()
    made.approve()
    made.lock()
    made.publish()
    made.do(HEAD, "comment", "R1", reason="回款跟得紧，档案要补")
    made.do(ZHANG, "comment", "R1", reason="同意，档案下季补齐")
    made.do(ZHANG, "agree", "R1")
    made.seal()
    return made


def gathered(case: Case) -> Person:
    cur, eyes = case.store.open(Viewer("", "system")), Eyes(HR, case.steps)
    card = eyes.card("R1")
    assert card is not None
    past = sealed_quarters(Records(case.store.records_url), PLACE[1])["R1"]
    return person(cur, card, eyes.marks("R1"), beside(cur, eyes, card, past, PLACE[1]))


def test_the_workbook_recomputes_both_figures(case: Case, tmp_path: Path) -> None:
    book = recalculated(workbook(Sheaf((gathered(case),), PLACE[1], FACTS)), tmp_path)
    scores = [row for row in book["Scores"].iter_rows(min_row=2, values_only=True) if row[11] == "churn"]
    assert [scores[0][at] for at in (5, 6, 7, 10, 16, 17)] == pytest.approx([1, 20, 0.05, 100, 2, 0.1])
    assert scores[0][15] == "一致"
    said = [str(cell) for row in book["Data"].iter_rows(values_only=True) for cell in row if "剔除" in str(cell)]
    assert len(said) == 1
    assert said[0].endswith("；经批准剔除（破产），不计分")
    form = next(sheet for sheet in book.worksheets if sheet.title.startswith("R1"))
    cells = [cell for row in form.iter_rows(values_only=True) for cell in row if cell is not None]
    churn = next(row for row in form.iter_rows(min_row=5, values_only=True) if row[1] == "大客户流失率")
    assert [churn[at] for at in (4, 5, 6, 8, 10)] == pytest.approx([2, 20, 0.1, 0.05, 100])
    assert "不一致" not in cells
    assert any("直接上级：陈国栋" in str(cell) for cell in cells)
    assert any("回款跟得紧，档案要补（陈国栋，2026-10-09）" in str(cell) for cell in cells)


def test_the_print_page_shows_both_figures_and_the_record(case: Case) -> None:
    page = html.forms(Sheaf((gathered(case),), PLACE[1], FACTS))
    assert "10.00%" in page
    assert "5.00%" in page
    assert "A19（最近订单 2026-06-10）：破产——法院裁定书 2026-08-01；陈国栋 于 2026-10-09 提出" in page
    assert "赵敏 于 2026-10-09 批准" in page
    assert "☑ 同意 2026-10-09" in page
    assert "□ 申诉" in page
    assert "同意，档案下季补齐（张伟，2026-10-09）" in page
    assert "直接上级：陈国栋" in page


def test_a_corrected_result_is_printed_as_corrected_and_asks_again(case: Case, tmp_path: Path) -> None:
    shutil.copytree(case.store.folder, tmp_path / "store")
    later = Case(Store(tmp_path / "store"))
    later.now = case.now + timedelta(days=3)
    fixed = {"final": "61.00", "grade": "C", "coefficient": "0.8"}
    later.do(HR, "propose", "R1", reason="迟到的退货单", document={"score": fixed})
    later.do(HEAD, "approve", "R1")
    found = gathered(later)
    closing = html.closing(found)
    assert (closing["final"], closing["grade"], closing["coefficient"]) == ("61.00", "C", "0.8")
    page = html.forms(Sheaf((found,), PLACE[1], FACTS))
    assert "更正第 2 版：迟到的退货单" in page
    assert "□ 同意" in page
    later.do(ZHANG, "agree", "R1")
    assert "☑ 同意 2026-11-11" in html.forms(Sheaf((gathered(later),), PLACE[1], FACTS))


def sealed(quarter: str, grade: str, final: str, scheme: str = "ka_rep_v2", **scores: str) -> Sealed:
    items = [{"metric": name, "score": score} for name, score in scores.items()]
    card: dict[str, Any] = {
        "scheme_name": scheme,
        "scheme": document(schemes()[scheme]),
        "items": items,
        "total": final,
    }
    return Sealed(quarter, {"card": card, "ratings": [], "score": {"final": final, "grade": grade}})


def test_the_difference_is_to_the_last_sealed_quarter_and_names_another_scheme() -> None:
    past = [sealed("2026Q1", "A", "91.20"), sealed("2026Q2", "B", "84.57", "ka_rep_v1")]
    card = sealed("2026Q3", "A", "90.10").document["card"]
    found = difference(past, card, Decimal("88.07"), "2026Q3")
    assert found is not None
    assert (found.quarter, found.moved, found.other_scheme, found.final) == ("2026Q2", Decimal("3.50"), True, True)
    draft = difference(past[:1], card, None, "2026Q3")
    assert draft is not None
    assert (draft.moved, draft.other_scheme, draft.final) == (Decimal("-1.10"), False, False)
    assert difference(past, card, Decimal(88), "2026Q1") is None


def test_promotion_wants_three_of_four_no_zero_and_no_open_question() -> None:
    past = [sealed(f"2025Q{n}", grade, "90", churn="80") for n, grade in enumerate("BAAA", 1)]
    assert promotion(past, {}).met
    assert promotion([*past, sealed("2026Q1", "B", "80")], {}).excellent == 3
    assert not promotion([*past, *(sealed(f"2026Q{n}", "B", "80") for n in (1, 2))], {}).met
    assert not promotion([*past[:-1], sealed("2025Q4", "A", "90", churn="0")], {}).met
    assert promotion([*past[:-1], sealed("2025Q4", "A", "90", churn="0")], {}).at_zero == (("2025Q4", "churn"),)
    assert not promotion(past, {"2025Q3": 1}).met
    assert promotion(past, {"2024Q4": 5}).met
    assert not promotion(past[-2:], {}).met


def test_sealed_quarters_are_read_by_value(case: Case) -> None:
    kept = standing.sealed(case.steps, "R1")
    found = sealed_quarters(case.records, "2026Q4")["R1"]
    assert [(each.quarter, each.document) for each in found] == [("2026Q3", kept)]
    assert sealed_quarters(case.records, "2026Q2") == {}


def test_the_best_grade_is_the_scheme_s_own() -> None:
    past = [sealed(f"2025Q{n}", "A", "91") for n in (1, 2, 3)]
    assert promotion(past, {}).excellent == 3
    for each in past:
        bands = each.document["card"]["scheme"]["bands"]
        bands.insert(0, {**bands[0], "grade": "S", "least": "99"})
    assert promotion(past, {}).excellent == 0
