"""Numbers, units and dates as people read them: 万/亿 in Chinese, K/M in English."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

Number: TypeAlias = int | float | Decimal

NONE = "—"
MINUS = "\N{MINUS SIGN}"
SCALES = {
    "zh": ((Decimal(10**8), "亿"), (Decimal(10**4), "万")),
    "en": ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K")),
}
QUARTERS = "一二三四"


def exact(value: Number) -> Decimal:
    """Return a number as the decimal that a person would write for it."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def rounded(value: Number, places: int = 2) -> Decimal:
    """Round half away from zero, as a calculator does."""
    return exact(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def number(value: Number | None, places: int = 0) -> str:
    """Write a plain number: `1,234.50`, `−3`."""
    if value is None:
        return NONE
    shown = rounded(value, places)
    return f"{abs(shown):,}" if shown >= 0 else f"{MINUS}{abs(shown):,}"


def short(value: Number | None, language: str, places: int = 2) -> str:
    """Write a number in the unit of its size: `3,186 万`, `31.86M`; at most `places` decimals, no trailing zeros."""
    if value is None:
        return NONE
    scale, word = _scale(exact(value), language)
    text = number(exact(value) / scale, places)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {word}".strip() if language == "zh" else text + word


def _scale(value: Decimal, language: str) -> tuple[Decimal, str]:
    return next(((scale, word) for scale, word in SCALES[language] if abs(value) >= scale), (Decimal(1), ""))


def money(value: Number | None, language: str) -> str:
    """Write an amount of money: `3,186 万元`, `¥31.86M`."""
    if value is None:
        return NONE
    if language == "en":
        text = short(value, "en")
        return f"{MINUS}¥{text[1:]}" if text.startswith(MINUS) else f"¥{text}"
    text = short(value, "zh")
    return f"{text}元" if text[-1] in "万亿" else f"{text} 元"


def money_pair(actual: Number | None, planned: Number | None, language: str) -> str:
    """Write actual and planned money in one unit: `3,186 / 3,600 万元`, `¥31.86M / ¥36M`."""
    if actual is None or planned is None or language == "en":
        return f"{money(actual, language)} / {money(planned, language)}"
    scale, word = _scale(max(abs(exact(actual)), abs(exact(planned))), language)
    parts = [number(exact(value) / scale, 2) for value in (actual, planned)]
    parts = [part.rstrip("0").rstrip(".") if "." in part else part for part in parts]
    return f"{parts[0]} / {parts[1]} {word}元"


def rate(value: Number | None) -> str:
    """Write a fraction as a percentage with two decimals: `87.50%`."""
    return NONE if value is None else f"{number(exact(value) * 100, 2)}%"


def points(now: Number | None, before: Number | None) -> Decimal | None:
    """Return the change in percentage points between two fractions as they are shown, so that they add up."""
    if now is None or before is None:
        return None
    return rounded(exact(now) * 100) - rounded(exact(before) * 100)


def change(difference: Number | None, unit: str, language: str) -> str:
    """Write a signed change: `+4.10 个百分点`, `−0.50 pp`, `+12 万元`."""
    if difference is None:
        return NONE
    sign = "+" if difference > 0 else MINUS if difference < 0 else "±"
    if unit == "percent":
        return f"{sign}{rounded(abs(exact(difference)))} {'个百分点' if language == 'zh' else 'pp'}"
    return sign + value_of(abs(exact(difference)), unit, language)


def value_of(value: Number | None, unit: str, language: str) -> str:
    """Write a value in a metric's unit: percent, 元, or any other unit as a word after the number."""
    if value is None:
        return NONE
    if unit == "percent":
        return rate(value)
    if unit in {"元", "money"}:
        return money(value, language)
    text = number(value, 0 if exact(value) == exact(value).to_integral_value() else 2)
    return f"{text} {unit}".strip()


def day(value: date | datetime | None) -> str:
    """Write a date as ISO, the one form that both languages read the same way."""
    if value is None:
        return NONE
    return (value.date() if isinstance(value, datetime) else value).isoformat()


def short_day(value: date | None) -> str:
    """Write month and day: `09-30`."""
    return NONE if value is None else f"{value:%m-%d}"


def moment(value: datetime | None) -> str:
    """Write date and time to the minute: `2026-09-30 17:05`."""
    return NONE if value is None else f"{value:%Y-%m-%d %H:%M}"


def quarter(name: str, language: str) -> str:
    """Write a quarter's name: `2026Q3` is `2026年第三季度` or `2026 Q3`."""
    year, _, part = name.partition("Q")
    if not part.isdigit():
        return name
    return f"{year}年第{QUARTERS[int(part) - 1]}季度" if language == "zh" else f"{year} Q{part}"
