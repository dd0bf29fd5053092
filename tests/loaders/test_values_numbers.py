"""Numbers, money and percentages in every form people write them, and marks decided over whole columns."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.values import Values
from loaders.values import read as read_values
from tests.loaders.cleaning import column, read

D = Decimal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1200", "1200"),
        ("¥1,200", "1200"),
        ("￥1200.50", "1200.5"),
        ("RMB 500", "500"),
        ("CNY1,000.25", "1000.25"),
        ("500 元", "500"),
        ("人民币500元整", "500"),
        ("1,234,567.89", "1234567.89"),
        ("12,34,567", "1234567"),
        ("1 234 567", "1234567"),
        ("1.5万", "15000"),
        ("11万元", "110000"),
        ("2亿", "200000000"),
        ("3千", "3000"),
        ("3千万元", "30000000"),
        ("50w", "500000"),
        ("(500)", "-500"),
        ("（1,200.50）", "-1200.5"),
        ("500-", "-500"),
        ("-¥3", "-3"),
        ("¥-3", "-3"),
        ("−7", "-7"),
        ("+7", "7"),
        ("１２３．５", "123.5"),
        ("1e5", "100000"),
        ("1.5E+3", "1500"),
        (".5", "0.5"),
        ("1.00005", "1.0001"),
        ("-1.00005", "-1.0001"),
        ("16117548.237", "16117548.237"),
        ("'88", "88"),
    ],
)
def test_forms_of_money(text: str, expected: str) -> None:
    found = read("money", [text])
    assert found.values == [D(expected)]
    assert found.reasons == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12_345", "number_unreadable"),
        ("约50万", "number_unreadable"),
        ("100-200万", "number_unreadable"),
        ("1.2.3", "number_unreadable"),
        ("1,23,4", "number_unreadable"),
        ("--5", "number_unreadable"),
        ("(-5)", "number_unreadable"),
        ("0x10", "number_unreadable"),
        ("inf", "number_unreadable"),
        ("5%", "number_unreadable"),
        ("123456789012345", "number_too_large"),
        ("1e40", "number_too_large"),
    ],
)
def test_what_is_no_amount_says_why(text: str, reason: str) -> None:
    found = read("money", [text])
    assert found.values == [None]
    assert found.reasons == {text: reason}


def test_decimal_commas_are_read_when_the_column_shows_them() -> None:
    found = read("money", ["1052,75元", "11,50万元", "92,00元"])
    assert found.values == [D("1052.75"), D(115000), D(92)]
    assert found.codes == {"decimal_comma"}
    assert read("money", ["1.234,50", "1.200"]).values == [D("1234.5"), D(1200)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1,200"], [D(1200)]),
        (["1,200", "1234.5"], [D(1200), D("1234.5")]),
        (["1.234"], [D("1.234")]),
        (["1,200", "12,50"], [None, D("12.5")]),
        (["1,200", "12,50", "1.5"], [None, None, D("1.5")]),
    ],
)
def test_a_lone_comma_before_three_digits_is_never_guessed_beside_decimal_commas(
    texts: list[str], expected: list[Decimal | None]
) -> None:
    found = read("money", texts)
    assert found.values == expected
    assert ("decimal_mark_question" in found.codes) == (None in expected)


def test_the_answer_about_the_decimal_mark_is_used() -> None:
    assert read("money", ["1,200", "12,50"], decimal_mark=",").values == [D("1.2"), D("12.5")]


def test_the_unit_of_the_header_counts_where_the_cell_states_none() -> None:
    found = read("money", ["11.5", "12万元", "300元", "1,000", "¥2", ""], unit=10000)
    assert found.values == [D(115000), D(120000), D(300), D(10000000), D(20000), None]


def test_currencies_are_not_mixed() -> None:
    mixed = read("money", ["100", "200", "$5"])
    assert mixed.values == [D(100), D(200), None]
    assert mixed.reasons == {"$5": "unit_mixed"}
    foreign = read("money", ["$5", "$1,000.50"])
    assert foreign.values == [D(5), D("1000.5")]
    assert foreign.codes == {"currency_foreign"}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["87.5%", "0.875", "0"], ["0.875", "0.875", "0"]),
        (["87.5", "90", "100"], ["0.875", "0.9", "1"]),
        (["10", "5", "1", "0"], ["0.1", "0.05", "0.01", "0"]),
        (["0.5", "1"], ["0.5", "1"]),
        (["８７．５％"], ["0.875"]),
        (["120%", "-5%"], ["1.2", "-0.05"]),
        (["0.5", "87.5", "5%"], [None, None, "0.05"]),
        (["1.2", "0.875"], [None, None]),
    ],
)
def test_percentages_by_the_convention_of_the_column(texts: list[str], expected: list[str | None]) -> None:
    found = read("percent", texts)
    assert found.values == [None if text is None else D(text) for text in expected]
    assert ("percent_scale_question" in found.codes) == (None in expected)


def test_the_answer_about_the_percent_scale_is_used() -> None:
    assert read("percent", ["0.5", "87.5"], percent_scale="percent").values == [D("0.005"), D("0.875")]
    assert read("percent", ["1.2", "0.875"], percent_scale="fraction").values == [D("1.2"), D("0.875")]


def test_whole_numbers() -> None:
    found = read("int", ["5.0", "5.5", "1,234", "５", "100-500人", "120人", "1.7", "-3", "1e3", ""])
    assert found.values == [5, None, 1234, 5, None, 120, None, -3, 1000, None]
    assert found.reasons == {"5.5": "not_whole", "1.7": "not_whole", "100-500人": "number_unreadable"}


def test_counting_words_are_not_mixed() -> None:
    found = read("number", ["5箱", "6箱", "7", "2件"])
    assert found.values == [D(5), D(6), D(7), None]
    assert found.reasons == {"2件": "unit_mixed"}


AMOUNTS = st.decimals(D("-99999999"), D("99999999"), places=2, allow_nan=False, allow_infinity=False)
SHAPES = ["{:,.2f}", "{:.2f}", "¥{:,.2f}", "{:,.2f}元", " {:.2f} ", "{:.2f}00"]


@given(st.lists(st.tuples(AMOUNTS, st.sampled_from(SHAPES)), min_size=1, max_size=20))
def test_any_amount_in_any_shape_is_read_back(amounts: list[tuple[Decimal, str]]) -> None:
    texts = [shape.format(amount) for amount, shape in amounts]
    cells, _ = read_values(column("money"), Values(dict.fromkeys(texts, 1)))
    assert [cells[text] for text in texts] == [(amount, "") for amount, _ in amounts]


@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_a_column_of_decimal_commas_is_never_read_wrongly(amounts: list[Decimal]) -> None:
    texts = [f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) for amount in amounts]
    cells, _ = read_values(column("money"), Values(dict.fromkeys(texts, 1)))
    assert [cells[text] for text in texts] == [(amount, "") for amount in amounts]


def test_a_zero_before_a_comma_is_no_thousands() -> None:
    assert read("money", ["0,500", "0,250"]).values == [D("0.5"), D("0.25")]
    assert read("money", ["0,500", "12,500"]).values[0] == D("0.5")
