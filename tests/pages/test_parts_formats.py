"""Numbers, units and dates as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.parts import formats


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.875, "87.50%"),
        (Decimal("0.042056"), "4.21%"),
        (0.10005, "10.01%"),
        (Decimal("0.123450"), "12.35%"),
        (1, "100.00%"),
        (-0.5, "−50.00%"),
        (None, "—"),
    ],
)
def test_a_rate_has_two_decimals_rounded_half_up(value: float | Decimal | None, shown: str) -> None:
    assert formats.rate(value) == shown


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (Decimal(31_860_000), "3,186 万元", "¥31.86M"),
        (Decimal(186_000), "18.6 万元", "¥186K"),
        (Decimal("1200.5"), "1,200.5 元", "¥1.2K"),
        (Decimal(2_500_000_000), "25 亿元", "¥2.5B"),
        (Decimal(-4_140_000), "−414 万元", "−¥4.14M"),
        (Decimal(0), "0 元", "¥0"),
        (None, "—", "—"),
    ],
)
def test_money_is_written_in_the_unit_of_its_size(value: Decimal | None, zh: str, en: str) -> None:
    assert (formats.money(value, "zh"), formats.money(value, "en")) == (zh, en)


def test_a_pair_of_amounts_shares_one_unit() -> None:
    assert formats.money_pair(Decimal(31_860_000), Decimal(36_000_000), "zh") == "3,186 / 3,600 万元"
    assert formats.money_pair(Decimal(5_000), Decimal(36_000_000), "zh") == "0.5 / 3,600 万元"
    assert formats.money_pair(Decimal(31_860_000), Decimal(36_000_000), "en") == "¥31.86M / ¥36M"
    assert formats.money_pair(Decimal(31_860_000), None, "zh") == "3,186 万元 / —"


def test_a_change_of_rates_is_the_difference_of_what_is_shown() -> None:
    assert formats.points(Decimal("0.885"), Decimal("0.926")) == Decimal("-4.10")
    assert formats.points(0.100049, 0.100051) == Decimal("-0.01")
    assert formats.points(None, 0.5) is None


@pytest.mark.parametrize(
    ("difference", "unit", "zh", "en"),
    [
        (Decimal("-4.1"), "percent", "−4.10 个百分点", "−4.10 pp"),
        (Decimal("1.2"), "percent", "+1.20 个百分点", "+1.20 pp"),
        (Decimal(0), "percent", "±0.00 个百分点", "±0.00 pp"),
        (Decimal(120_000), "元", "+12 万元", "+¥120K"),
    ],
)
def test_a_change_carries_its_sign_and_unit(difference: Decimal, unit: str, zh: str, en: str) -> None:
    assert (formats.change(difference, unit, "zh"), formats.change(difference, unit, "en")) == (zh, en)


def test_quarters_and_days() -> None:
    assert formats.quarter("2026Q3", "zh") == "2026年第三季度"
    assert formats.quarter("2026Q3", "en") == "2026 Q3"
    assert formats.quarter("all", "zh") == "all"
    assert formats.day(datetime(2026, 9, 30, 17, 5, tzinfo=UTC)) == "2026-09-30"
    assert formats.short_day(date(2026, 9, 3)) == "09-03"
    assert formats.moment(datetime(2026, 9, 30, 17, 5, tzinfo=UTC)) == "2026-09-30 17:05"


def test_values_in_other_units_keep_their_word() -> None:
    assert formats.value_of(Decimal(214), "户", "zh") == "214 户"
    assert formats.value_of(Decimal("57.5"), "天", "zh") == "57.50 天"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_a_shown_rate_is_never_further_off_than_half_its_last_digit(value: Decimal) -> None:
    shown = Decimal(formats.rate(value).rstrip("%").replace(",", "").replace(formats.MINUS, "-"))
    assert abs(shown - value * 100) <= Decimal("0.005")
