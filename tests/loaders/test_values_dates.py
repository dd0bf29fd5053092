"""Dates in every form people write them, and orders decided over whole columns."""

# ruff: noqa: DTZ001 - wall clock, as the files have it

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.values import Values
from loaders.values import read as read_values
from tests.loaders.cleaning import column, read

FIFTH = date(2024, 3, 5)


@pytest.mark.parametrize(
    "text",
    """2024-03-05|2024/3/5|2024.3.5|20240305|2024年3月5日|2024年03月05号
    24年3月5日|45356|45356.75|5-Mar-24|05 March 2024
    Mar 5, 2024|2024-03-05 00:00:00|2024-03-05 16:30|2024/3/5 下午3:04
    2024-03-05T00:00:00Z|2024-03-05T00:00:00.000+08:00
    ２０２４－０３－０５|　2024-03-05　|2024年3月5日 星期二|2024-03-05（周二）
    2024年3月5日14时30分|'2024-03-05""".replace("\n    ", "|").split("|"),
)
def test_forms_of_one_day(text: str) -> None:
    found = read("date", [text])
    assert found.values == [FIFTH]
    assert found.reasons == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05 下午3:04", datetime(2024, 3, 5, 15, 4)),
        ("2024-03-05 上午12:04", datetime(2024, 3, 5, 0, 4)),
        ("2024-03-05 3:04 PM", datetime(2024, 3, 5, 15, 4)),
        ("2024/3/5 3:04:05", datetime(2024, 3, 5, 3, 4, 5)),
        ("2024-03-05 14:30:15.250", datetime(2024, 3, 5, 14, 30, 15, 250000)),
        ("2024-03-05T20:00:00.000Z", datetime(2024, 3, 6, 4, 0)),
        ("2024-03-05T20:00:00+08:00", datetime(2024, 3, 5, 20, 0)),
        ("201809231225", datetime(2018, 9, 23, 12, 25)),
        ("20180923122559", datetime(2018, 9, 23, 12, 25, 59)),
        ("45356.5", datetime(2024, 3, 5, 12, 0)),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    assert read("datetime", [text]).values == [expected]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3月5日", "year_missing"),
        ("2024-02-30", "date_unreadable"),
        ("2024/13/05", "date_unreadable"),
        ("2024-03-05 25:00", "date_unreadable"),
        ("长期", "date_unreadable"),
        ("2024", "date_unreadable"),
        ("1899-12-31", "date_range"),
        ("2100-01-01", "date_range"),
        ("99999", "date_range"),
        ("01/02/2024", "date_order_unclear"),
        ("20-10-16", "date_order_unclear"),
    ],
)
def test_what_is_no_date_says_why(text: str, reason: str) -> None:
    found = read("date", [text])
    assert found.values == [None]
    assert found.reasons == {text: reason}


def test_the_range_is_half_open() -> None:
    assert read("date", ["1900-01-01", "2099-12-31"]).values == [date(1900, 1, 1), date(2099, 12, 31)]


@pytest.mark.parametrize(
    ("texts", "order", "first"),
    [
        (["01/02/2022", "10/20/2022"], "mdy", date(2022, 1, 2)),
        (["01/02/2022", "20/10/2022"], "dmy", date(2022, 2, 1)),
        (["01.02.2022", "20.10.2022"], "dmy", date(2022, 2, 1)),
        ([f"{day:02}-{month:02}-16" for day in range(1, 29) for month in (1, 2)], "dmy", date(2016, 1, 1)),
        ([f"16-{month:02}-{day:02}" for day in range(1, 29) for month in (1, 2)], "ymd", date(2016, 1, 1)),
    ],
)
def test_one_value_decides_for_the_column(texts: list[str], order: str, first: date) -> None:
    found = read("date", texts)
    assert found.values[0] == first
    assert found.reasons == {}
    (note,) = found.notes
    assert (note.code, note.values["order"]) == ("date_order_found", order)


@pytest.mark.parametrize(("order", "expected"), [("dmy", date(2022, 11, 10)), ("mdy", date(2022, 10, 11)), ("", None)])
def test_an_unclear_order_is_asked_and_the_answer_used(order: str, expected: date | None) -> None:
    found = read("date", ["10/11/2022", "01/02/2022"], date_order=order)
    assert found.values[0] == expected
    assert ("date_order_question" in found.codes) == (not order)


def test_in_a_column_of_two_orders_only_clear_values_are_read() -> None:
    found = read("date", ["13/11/2022", "01/13/2022", "05/05/2022", "01/02/2022"])
    assert found.values == [date(2022, 11, 13), date(2022, 1, 13), date(2022, 5, 5), None]
    assert found.codes == {"date_order_question"}


def test_month_labels_are_first_days_only_when_the_whole_column_is_so() -> None:
    found = read("date", ["2026年3月", "2026-04", "2026Q1", "2026年第二季度", "202612"])
    assert found.values == [date(2026, month, 1) for month in (3, 4, 1, 4, 12)]
    assert found.codes == {"month_labels"}
    mixed = read("date", ["2026年3月", "2026-04-01"])
    assert mixed.values == [None, date(2026, 4, 1)]
    assert mixed.reasons == {"2026年3月": "day_missing"}


def test_the_epoch_of_1904() -> None:
    assert read("date", ["43894"], epoch="1904").values == [FIFTH]


def test_days_swapped_by_a_spreadsheet_are_told() -> None:
    swapped = [f"2022-{month:02}-0{day}" for month in range(1, 4) for day in range(1, 4)]
    left = [f"{month}/2{day}/2022" for month in range(1, 4) for day in range(1, 4)]
    assert "dates_swapped" in read("date", [*swapped, *left]).codes
    assert "dates_swapped" not in read("date", [*swapped, *left, "2022-01-28"]).codes


DAYS = st.dates(date(1970, 1, 1), date(2069, 12, 31))
SHAPES = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%Y年%m月%d日",
    "%d %b %Y",
    "%Y-%m-%d 00:00:00",
    "%Y/%m/%d 13:05",
]


@given(st.lists(st.tuples(DAYS, st.sampled_from(SHAPES)), min_size=1, max_size=20))
def test_any_date_in_any_full_form_is_read_back(given_days: list[tuple[date, str]]) -> None:
    texts = [day.strftime(shape) for day, shape in given_days]
    cells, _ = read_values(column("date"), Values(dict.fromkeys(texts, 1)))
    assert [cells[text] for text in texts] == [(day, "") for day, _ in given_days]


@given(
    st.lists(DAYS, min_size=1, max_size=30),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d"]),
)
def test_a_column_of_one_order_is_never_read_wrongly(days: list[date], shape: str) -> None:
    pinned = [*days, date(2031, 12, 31)]
    texts = [day.strftime(shape) for day in pinned]
    cells, _ = read_values(column("date"), Values(dict.fromkeys(texts, 1)))
    for text, day in zip(texts, pinned, strict=True):
        assert cells[text] in {(day, ""), (None, "date_order_unclear")}


@given(st.datetimes(datetime(1970, 1, 1), datetime(2069, 12, 31)))
def test_any_serial_number_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    cells, _ = read_values(column("datetime"), Values({f"{serial:.10f}": 1}))
    assert next(iter(cells.values())) == (moment, "")
