"""Numbers, money and percentages as people write them, read over a whole column."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

SCALES = {"百": 2, "千": 3, "k": 3, "万": 4, "w": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
CURRENCIES = {
    **dict.fromkeys(("¥", "rmb", "cny", "cn¥", "人民币", "元", "圆", "块"), "CNY"),
    **dict.fromkeys(("$", "us$", "usd", "美元", "美金"), "USD"),
    **dict.fromkeys(("€", "eur", "欧元"), "EUR"),
    **dict.fromkeys(("£", "gbp", "英镑"), "GBP"),
    **dict.fromkeys(("hk$", "hkd", "港币", "港元"), "HKD"),
    **dict.fromkeys(("jpy", "日元"), "JPY"),
}
FOREIGN = frozenset(CURRENCIES.values()) - {"CNY"}
COUNTERS = (*"个件台套只箱人名位家次天日年岁期单份桶吨", "公斤", "kg")
FOUR, SIX, DIGITS = Decimal("0.0001"), Decimal("0.000001"), 14

_UNITS = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_SCALES = "|".join(sorted(SCALES, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?P<sign>[+-])?(?P<before>{_UNITS})?(?P<sign2>[+-])?(?P<digits>\d[\d.,]*|\.\d+)(?P<exp>e[+-]?\d{{1,2}})?"
    rf"(?P<percent>%)?(?P<scale>{_SCALES})?(?P<after>{_UNITS}|{'|'.join(COUNTERS)})?整?(?P<tail>-)?"
)
_GROUP_SPACE = re.compile(r"(?<=\d)[ '](?=\d{3}(?!\d))")
# groups of three, or the Indian 12,34,567
_GROUPED = {
    mark: re.compile(rf"\d{{1,3}}(?:[{mark}]\d{{3}})+|\d{{1,2}}(?:[{mark}]\d{{2}})+[{mark}]\d{{3}}") for mark in ".,"
}
_DASHES = str.maketrans("−–—", "---")


class Form(NamedTuple):
    """One value taken apart: `mark` as told by `mark`, `error` says why it is no number."""

    digits: str = ""
    negative: bool = False
    exponent: int = 0
    percent: bool = False
    own_unit: bool = False
    unit: str = ""
    mark: str = ""
    error: str = ""


def form(value: str) -> Form:
    """Take one text apart without deciding its decimal mark."""
    text = unicodedata.normalize("NFKC", value).strip().lstrip("'").casefold().translate(_DASHES)
    bracketed = text.startswith("(") and text.endswith(")")
    text = _GROUP_SPACE.sub("", text.strip("()") if bracketed else text)
    found = _NUMBER.fullmatch(re.sub(r"\s+(?=\D)|(?<=\D)\s+", "", text))
    if not found:
        return Form(error="number_unreadable")
    signs = [sign for sign in (found["sign"], found["sign2"], found["tail"], "-" if bracketed else None) if sign]
    if len(signs) > 1:
        return Form(error="number_unreadable")
    scale = SCALES.get(found["scale"] or "", 0)
    unit = found["after"] or found["before"] or ""
    return Form(
        found["digits"],
        signs == ["-"],
        scale + int((found["exp"] or "e0")[1:]),
        bool(found["percent"]),
        bool(scale) or CURRENCIES.get(found["after"] or "") is not None,
        CURRENCIES.get(unit, unit),
        mark(found["digits"]),
    )


def contrary(values: Iterable[str]) -> bool:
    """Tell whether any text speaks for decimal commas or a foreign currency, so that a whole column needs a verdict."""
    return any(item.mark == "," or item.unit in FOREIGN for item in map(form, values))


def mark(digits: str) -> str:
    """Tell `.` or `,` where the digits can be read one way only; `?` where they cannot tell; empty without marks."""
    dots, commas = digits.count("."), digits.count(",")
    if not dots and not commas:
        return ""
    if dots and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    if dots + commas > 1:
        return "," if dots else "."
    lead, _, rest = digits.partition("." if dots else ",")
    if commas and len(rest) > 3:  # 1,2345 is more likely a slip than a decimal
        return ""
    if len(rest) == 3 and 0 < len(lead) <= 3 and lead != "0":
        return "?"
    return "." if dots else ","


def plain(digits: str, decimal_mark: str) -> Decimal | None:
    """Give the number under a decimal mark; None where grouping or marks do not fit it."""
    group = "," if decimal_mark == "." else "."
    whole, found, fraction = digits.partition(decimal_mark)
    if group in whole:
        if not _GROUPED[group].fullmatch(whole):
            return None
        whole = whole.replace(group, "")
    if found and not fraction.isdecimal() and fraction:
        return None
    return Decimal(f"{whole or '0'}.{fraction or '0'}")


@dataclass(frozen=True)
class Verdict:
    """What a column's values say together: decimal mark, main unit, and whether bare percents are fractions."""

    mark: str
    sure: bool
    units: frozenset[str]
    percent: str = ""


def verdict(
    forms: Mapping[str, Form], counts: Mapping[str, int], *, plain_rows: int, dots: bool, options: Mapping[str, str]
) -> Verdict:
    """Decide for a column; `plain_rows` were read without this module, and `dots` tells that they hold points."""
    marks = {item.mark for item in forms.values() if not item.error} | ({"."} if dots else set())
    conflict = {".", ","} <= marks
    decimal_mark = "," if "," in marks and not conflict else "."
    grouped = any("." in item.digits and item.mark == "," for item in forms.values())
    sure = not conflict and (decimal_mark == "." or grouped or "?" not in marks)
    if chosen := options.get("decimal_mark"):
        decimal_mark, sure = chosen, True
    rule = Verdict(decimal_mark, sure, _main_units(forms, counts, plain_rows))
    return replace(rule, percent=options.get("percent_scale") or _percent_scale(forms, rule))


def _main_units(forms: Mapping[str, Form], counts: Mapping[str, int], plain_rows: int) -> frozenset[str]:
    """Find the currency and the counting word that most rows have; a bare number is in yuan, in any counting word."""
    currencies, counters = Counter[str](CNY=plain_rows), Counter[str]()
    for value, item in forms.items():
        if item.unit in COUNTERS:
            counters[item.unit] += counts[value]
        elif not item.error:
            currencies[item.unit or "CNY"] += counts[value]
    return frozenset(max(found, key=lambda unit: (found[unit], unit), default="") for found in (currencies, counters))


def _percent_scale(forms: Mapping[str, Form], rule: Verdict) -> str:
    bare = [number for item in forms.values() if not item.percent and (number := _bare(item, rule)) is not None]
    sizes = [abs(number) for number in bare if number]
    if all(size <= 1 for size in sizes):
        return "fraction"
    whole = all(size == int(size) for size in sizes) and max(sizes) >= 10  # 5, 10, 90: percents
    return "percent" if whole or (min(sizes) > 1 and max(sizes) > 3) else ""  # 1.2 may be 120 %


def _bare(item: Form, rule: Verdict) -> Decimal | None:
    if item.error or (number := plain(item.digits, rule.mark)) is None:
        return None
    number = number.scaleb(item.exponent)
    return -number if item.negative else number


def number(item: Form, rule: Verdict, unit: Decimal) -> tuple[Decimal | None, str]:
    """Give the number of one value under its column's verdict, or None and the reason."""
    if item.error or item.percent:
        return None, item.error or "number_unreadable"
    if item.unit and item.unit not in rule.units:
        return None, "unit_mixed"
    found, reason = _marked(item, rule)
    if found is None:
        return None, reason
    found = (found if item.own_unit else found * unit).quantize(FOUR, ROUND_HALF_UP) if _small(found * unit) else None
    return (found, "") if found is not None and _small(found) else (None, "number_too_large")


def _small(number: Decimal) -> bool:
    return number.adjusted() < DIGITS or not number


def _marked(item: Form, rule: Verdict) -> tuple[Decimal | None, str]:
    unclear = (not rule.sure and item.mark == "?") or item.mark in {".", ","} - {rule.mark}
    if unclear:
        return None, "decimal_mark_unclear"
    found = _bare(item, rule)
    return (None, "number_unreadable") if found is None else (found, "")


def percent(item: Form, rule: Verdict) -> tuple[Decimal | None, str]:
    """Give one percentage as a fraction, or None and the reason."""
    if item.error or item.unit:
        return None, item.error or "number_unreadable"
    found, reason = _marked(item, rule)
    if found is None:
        return None, reason
    if not item.percent and not rule.percent and found:
        return None, "percent_scale_unclear"
    scaled = found / 100 if item.percent or rule.percent == "percent" else found
    if not scaled.adjusted() < DIGITS - 2:
        return None, "number_too_large"
    return scaled.quantize(SIX, ROUND_HALF_UP), ""


def integer(item: Form, rule: Verdict) -> tuple[int | None, str]:
    """Give one whole number, or None and the reason; 5.0 is whole, 5.5 is not."""
    if item.unit and item.unit not in rule.units:
        return None, "unit_mixed"
    if item.error or item.percent:
        return None, item.error or "number_unreadable"
    found, reason = _marked(item, rule)
    if found is None:
        return None, reason
    if found.adjusted() > 17:  # BIGINT
        return None, "number_too_large"
    return (int(found), "") if found == int(found) else (None, "not_whole")
