"""The five parts: what a card, a table, a chart, the evidence and an empty state show."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from kpi.catalogue import metrics
from pages.parts import card, chart, evidence
from pages.parts.palette import DARK, LIGHT, direction
from pages.parts.sparkline import sparkline
from pages.parts.table import Column, frame, safe, workbook


def history(*values: tuple[str, int | None, int], status: str = "ok") -> list[dict[str, Any]]:
    """Return rows as `kpi.rollup.value` gives them by quarter."""
    return [
        {
            "quarter": quarter,
            "numerator": top,
            "denominator": below,
            "value": None if top is None or not below else top / below,
            "n": below,
            "status": status,
        }
        for quarter, top, below in values
    ]


def draw(script: Callable[[], None], **session: object) -> AppTest:
    """Run a script that draws one part."""
    app = AppTest.from_function(script)
    for key, value in session.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def test_a_reading_finds_the_quarter_before_and_the_same_quarter_last_year() -> None:
    rows = history(("2025Q1", 3, 10), ("2025Q4", 2, 10), ("2026Q1", 1, 10), ("2026Q2", 9, 10))
    now = card.reading(rows, "2026Q1")
    assert [now.row["value"], now.previous, now.year_ago] == [0.1, 0.2, 0.3]
    assert [quarter for quarter, _value in now.trend] == ["2025Q1", "2025Q4", "2026Q1"]


def test_a_reading_of_an_unknown_quarter_says_so() -> None:
    now = card.reading([], "2026Q1")
    assert (now.row["value"], now.row["status"], now.trend) == (None, "数据不足", ())


@pytest.mark.parametrize(
    ("difference", "better", "expected"),
    [
        (Decimal(1), "higher", "better"),
        (Decimal(1), "lower", "worse"),
        (Decimal(-1), "lower", "better"),
        (Decimal(0), "lower", "same"),
        (None, "higher", "same"),
        (Decimal(1), "", "same"),
    ],
)
def test_better_follows_the_direction_of_the_kpi(difference: Decimal | None, better: str, expected: str) -> None:
    assert direction(difference, better) == expected


def test_the_basis_names_its_parts_and_units() -> None:
    rows = history(("2026Q3", 9, 214))
    assert card.basis(metrics()["churn"], rows[0]) == "流失 / 期初：9 / 214 户"
    money = history(("2026Q3", 31_860_000, 36_000_000))
    assert card.basis(metrics()["plan_completion"], money[0]) == "实际 / 计划：3,186 / 3,600 万元"


def churn_card() -> None:
    from kpi.catalogue import metrics  # noqa: PLC0415 - the script runs by itself
    from pages.parts.card import kpi_card  # noqa: PLC0415
    from tests.pages.test_parts import history  # noqa: PLC0415

    rows = history(("2025Q3", 8, 214), ("2026Q2", 7, 214), ("2026Q3", 9, 214))
    kpi_card(metrics()["churn"], rows, "2026Q3", key="churn", notes=["2 户待确认"])


def test_a_card_shows_value_changes_basis_and_notes() -> None:
    app = draw(churn_card)
    assert app.metric[0].value == "4.21%"
    assert app.caption[0].value == "目标 5.00% · 越低越好"
    assert ":orange[▲ +0.94 个百分点]" in app.markdown[0].value
    assert ":orange[▲ +0.47 个百分点]" in app.markdown[0].value
    assert "流失 / 期初：9 / 214 户" in [caption.value for caption in app.caption]
    assert any("2 户待确认" in each.value for each in app.markdown)


def test_a_card_speaks_english() -> None:
    app = draw(churn_card, address={"lang": "en"})
    assert "Key" in app.metric[0].label
    assert "pp" in app.markdown[0].value
    assert app.button[0].label == "Show evidence"


def card_without_plan() -> None:
    from kpi.catalogue import metrics  # noqa: PLC0415 - the script runs by itself
    from pages.parts.card import kpi_card  # noqa: PLC0415
    from tests.pages.test_parts import history  # noqa: PLC0415

    kpi_card(metrics()["plan_completion"], history(("2026Q3", 5, 0), status="无计划"), "2026Q3", key="plan")


def test_a_card_without_a_base_shows_its_status_and_never_zero() -> None:
    app = draw(card_without_plan)
    assert app.metric[0].value == "无计划"


def test_a_sparkline_leaves_gaps_and_marks_the_quarter() -> None:
    picture = sparkline([0.1, 0.2, None, 0.3, 0.25], 4, 0.2, LIGHT)
    assert picture.count("<polyline") == 2
    assert picture.count("<circle") == 1
    assert "stroke-dasharray" in picture
    assert sparkline([None], 0, None, LIGHT) == ""


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "\tx", "\r=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    rows: list[dict[str, Any]] = [{"name": text}]
    columns = [Column("name", "客户")]
    assert frame(rows, columns)["name"][0] == f"'{text}"
    cell = openpyxl.load_workbook(BytesIO(workbook(rows, columns)))["Sheet1"]["A2"]
    assert cell.data_type == "s"


@pytest.mark.parametrize("text", ["华晟机械", "+86 138-0000-0000", "-12.5", "A=B", ""])
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert safe(text) == text


@given(st.text())
def test_a_safe_text_never_starts_like_a_formula(text: str) -> None:
    assert not safe(text).startswith(("=", "@", "\t", "\r"))


def test_a_table_rounds_half_up_and_leaves_blanks_blank() -> None:
    rows: list[dict[str, Decimal | None]] = [
        {"rate": Decimal("0.87505"), "money": Decimal("2.675")},
        {"rate": None, "money": None},
    ]
    shown = frame(rows, [Column("rate", "完成率", "rate"), Column("money", "金额(元)", "money")])
    assert shown["rate"][0] == 87.51
    assert shown["money"][0] == 2.68
    assert shown.isna().iloc[1].all()


def test_a_workbook_holds_numbers_as_numbers() -> None:
    rows = [{"rate": Decimal("0.875"), "name": "华晟\x00机械"}]
    sheet = openpyxl.load_workbook(
        BytesIO(workbook(rows, [Column("name", "客户"), Column("rate", "完成率", "rate")], "名单/一"))
    ).worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["华晟机械", 0.875]
    assert sheet["B2"].number_format == "0.00%"


def test_charts_are_plain_dicts_in_the_colours_of_the_theme() -> None:
    series = chart.Series("实际", [3, 2], "better", ["3", "2"])
    for ink in (LIGHT, DARK):
        expected = chart.Expected(3.5, 3.1, 4.5, "预计 3.5（3.1 – 4.5）")
        figure = chart.bullet(["a", "b"], series, [4, 2], [expected, None], colours=ink)
        dots = figure["data"][2]
        assert (dots["x"], dots["y"], dots["text"]) == ([3.5], ["a"], ["预计 3.5（3.1 – 4.5）"])
        assert [round(dots["error_x"][side][0], 9) for side in ("arrayminus", "array")] == [0.4, 1.0]
        assert len(chart.bullet(["a", "b"], series, [4, 2], [None, None], colours=ink)["data"]) == 2
        assert figure["data"][0]["marker"]["color"] == [ink.neutral, ink.better]
        assert figure["layout"]["yaxis2"]["ticktext"] == ["3", "2"]
        assert figure["layout"]["yaxis"]["range"] == figure["layout"]["yaxis2"]["range"]


def test_a_funnel_hatches_what_is_still_open() -> None:
    figure = chart.funnel_bars(["1"], [chart.Series("在途", [3], "open", ["3"])], colours=LIGHT)
    assert figure["data"][0]["marker"]["pattern"]["shape"] == "/"
    assert figure["layout"]["barmode"] == "stack"


def test_a_waterfall_tells_better_from_worse() -> None:
    figure = chart.waterfall(["期初", "流失", "期末"], [214, -9, 205], (0, 2), colours=LIGHT)
    trace = figure["data"][0]
    assert trace["measure"] == ["absolute", "relative", "total"]
    assert trace["text"] == ["214", "−9", "205"]
    assert trace["decreasing"]["marker"]["color"] == LIGHT.worse
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 205
    assert high > 214


def test_a_line_shows_its_target() -> None:
    figure = chart.line(["2026Q1", "2026Q2"], [chart.Series("a", [0.1, None])], target=0.2, colours=LIGHT)
    assert figure["layout"]["shapes"][0]["y0"] == 0.2
    assert figure["data"][0]["connectgaps"] is False


def contribution(top: int, below: int, code: str) -> dict[str, Any]:
    """Return a row as `kpi.rollup.rows` gives it."""
    return {
        "numerator": top,
        "denominator": below,
        "reason": code,
        "reason_date": None,
        "account_id": "A1",
        "account_name": "华晟机械",
        "file": "订单.xlsx",
        "sheet": "明细",
        "source_row": 7,
    }


def test_evidence_splits_numerator_denominator_and_left_out() -> None:
    rows = [contribution(1, 1, "lost_inferred"), contribution(0, 1, "active"), contribution(0, 0, "not_key")]
    top, below, left = evidence.split(rows)
    assert ([r["reason"] for r in top], len(below), [r["reason"] for r in left]) == (["lost_inferred"], 2, ["not_key"])
    assert evidence.totals(rows) == (Decimal(1), Decimal(2))
    assert evidence.source(rows[0]) == "订单.xlsx · 明细 · 第 7 行"


def drawer() -> None:
    import streamlit as st  # noqa: PLC0415 - the script runs by itself

    from kpi.catalogue import metrics  # noqa: PLC0415
    from pages.parts.evidence import contents  # noqa: PLC0415
    from tests.pages.test_parts import contribution  # noqa: PLC0415

    shown = {"numerator": st.session_state["told"], "denominator": 2, "value": 0.5, "status": "ok"}
    contents(metrics()["churn"], [contribution(1, 1, "lost_inferred"), contribution(0, 1, "active")], shown)


def test_the_drawer_shows_a_total_that_equals_the_number() -> None:
    app = draw(drawer, told=1)
    assert app.markdown[0].value == r"1 / 2 = **50\.00%**"
    assert not app.error
    assert [tab.label for tab in app.tabs] == ["分子 1", "分母 2", "未计入 0"]


def test_the_drawer_says_when_rows_and_number_disagree() -> None:
    assert "不一致" in draw(drawer, told=2).error[0].value


def nothing() -> None:
    from pages.parts.empty import empty  # noqa: PLC0415 - the script runs by itself

    empty("还没有数据", "先导入文件。", page="pages/imports/imports.py")


def test_an_empty_state_links_only_to_pages_that_may_be_opened() -> None:
    app = draw(nothing)
    assert app.subheader[0].value == "还没有数据"
    assert not app.get("page_link")
