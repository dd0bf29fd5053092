"""Dates as people write them, read over a whole column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

EARLIEST, LATEST = datetime(1900, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - wall clock, as the files have it
EPOCHS = {"1900": datetime(1899, 12, 30), "1904": datetime(1904, 1, 1)}  # noqa: DTZ001
CHINA = timezone(timedelta(hours=8))
ORDERS = ("dmy", "mdy", "ymd")
CENTURY_TURN = 70
MANY_DATES, CLEAR_RATIO = 10, 3

_DAY = re.compile(
    r"(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})"
    r"|(?P<y2>\d{4}|\d{2})年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})[日号]?"
    r"|(?P<y3>\d{4})(?P<m3>\d{2})(?P<d3>\d{2})(?:(?P<clock>\d{4}|\d{6}))?"
)
_TRIPLE = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_SHORT_DAY = re.compile(r"(\d{2})([-/.])(\d{1,2})\2(\d)")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_MONTH = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})月?|(\d{4})(\d{2})")
_QUARTER = re.compile(r"(\d{4})[-/ ]?年?(?:第?([1-4一二三四])季度?|Q([1-4]))|Q([1-4])[-/ ]?(\d{4})", re.IGNORECASE)
_NO_YEAR = re.compile(r"\d{1,2}月\d{1,2}[日号]?|\d{1,2}[-/]\d{1,2}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(
    rf"(\d{{1,2}})[-/ .]*({'|'.join(_MONTHS)})[a-z]*[-/ .,]*(\d{{4}}|\d{{2}})"
    rf"|({'|'.join(_MONTHS)})[a-z]*[ .]*(\d{{1,2}})(?:st|nd|rd|th)?[ ,]+(\d{{4}})",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\(?(?:周|星期|礼拜)[一二三四五六日天]\)?|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", re.IGNORECASE
)
_HALVES = "上午|下午|凌晨|早上|中午|晚上|AM|PM"
_HAS_CLOCK = re.compile(r"\d\s*[:时点]")
_CLOCK = re.compile(
    rf"(?:\s|T)*(?P<half>{_HALVES})?\s*(?P<h>\d{{1,2}})(?:[:时点](?P<min>\d{{1,2}})?)(?:[:分](?P<s>\d{{1,2}})?)?"
    rf"(?:\.(?P<frac>\d+))?[秒分]?\s*(?P<half2>AM|PM)?\s*(?P<zone>Z|[+-]\d{{2}}:?\d{{2}})?$",
    re.IGNORECASE,
)


class Form(NamedTuple):
    """One value taken apart: `kind` is day, triple, serial, month, quarter, or the reason it is none of these."""

    kind: str
    numbers: tuple[int, ...] = ()
    clock: timedelta = timedelta()
    offset: timedelta | None = None
    long_year: bool = True
    first_year: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a column's values say together: day order in force (empty: unclear), and whether labels are its rule."""

    order: str
    labels: bool
    zoned: bool
    epoch: datetime


def form(value: str) -> Form:
    """Take one text apart without deciding what only its column can decide."""
    text = _WEEKDAY.sub("", unicodedata.normalize("NFKC", value).lstrip("'")).strip()
    found = _CLOCK.search(text) if _HAS_CLOCK.search(text) else None
    if not found:
        return _date_form(text)
    clock = _clock(found)
    day = _date_form(text[: found.start()].strip(" ,"))
    if clock is None or day.kind not in {"day", "triple"}:
        return Form("date_unreadable")
    return day._replace(clock=clock, offset=_offset(found["zone"]))


def _clock(found: re.Match[str]) -> timedelta | None:
    hour, minute, second = (int(found[name] or 0) for name in ("h", "min", "s"))
    half = (found["half"] or found["half2"] or "").upper()
    if (half in {"下午", "晚上", "PM"} and hour < 12) or (half == "中午" and hour < 3):  # twelve-hour clock
        hour += 12
    elif half in {"上午", "凌晨", "AM"} and hour == 12:
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return None
    micros = int((found["frac"] or "0")[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)


def _offset(zone: str | None) -> timedelta | None:
    if not zone:
        return None
    if zone.upper() == "Z":
        return timedelta()
    digits = zone[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -span if zone[0] == "-" else span


@lru_cache(maxsize=100_000)
def _date_form(text: str) -> Form:
    if found := _DAY.fullmatch(text):
        year, month, day = (int(found[n] or found[n + "2"] or found[n + "3"]) for n in "ymd")
        if found["clock"]:
            return _compact(year, month, day, found["clock"])
        return Form("day", (_full_year(year), month, day))
    if found := _TRIPLE.fullmatch(text):
        return Form("triple", (int(found[1]), int(found[3]), int(found[4])), long_year=len(found[4]) > 2)
    if found := _SHORT_DAY.fullmatch(text):  # a last number of one digit is no year
        return Form("triple", (int(found[1]), int(found[3]), int(found[4])), long_year=False, first_year=True)
    if found := _NAMED.fullmatch(text):
        number, name, long = (found[1], found[2], found[3]) if found[2] else (found[5], found[4], found[6])
        return Form("day", (_full_year(int(long)), _MONTHS.index(name.lower()) + 1, int(number)))
    return _label_form(text)


def _compact(year: int, month: int, day: int, clock: str) -> Form:
    hour, minute, second = int(clock[:2]), int(clock[2:4]), int(clock[4:] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return Form("date_unreadable")
    return Form("day", (year, month, day), timedelta(hours=hour, minutes=minute, seconds=second))


def _label_form(text: str) -> Form:
    if found := _SERIAL.fullmatch(text):
        seconds = round(float(found[1] or 0) * 86400)
        return Form("serial", (int(text[:5]),), timedelta(seconds=seconds))
    if found := _MONTH.fullmatch(text):
        year, month = int(found[1] or found[3]), int(found[2] or found[4])
        return Form("month", (year, month, 1))
    if found := _QUARTER.fullmatch(text):
        digit = found[2] or found[3] or found[4]
        quarter = "一二三四".find(digit) + 1 or int(digit)
        return Form("quarter", (int(found[1] or found[5]), quarter * 3 - 2, 1))
    return Form("year_missing" if _NO_YEAR.fullmatch(text) else "date_unreadable")


def _full_year(year: int) -> int:
    if year >= 100:  # already four digits
        return year
    return year + (1900 if year >= CENTURY_TURN else 2000)


def arranged(numbers: tuple[int, ...], order: str) -> tuple[int, int, int]:
    """Give year, month and day of three numbers written in `order`."""
    place = {letter: numbers[order.index(letter)] for letter in "ymd"}
    return _full_year(place["y"]), place["m"], place["d"]


def _moment(numbers: tuple[int, ...], clock: timedelta) -> datetime | None:
    try:
        return datetime(numbers[0], numbers[1], numbers[2]) + clock  # noqa: DTZ001 - wall clock
    except (ValueError, OverflowError):
        return None


def orders(forms: Mapping[str, Form]) -> set[str]:
    """Find the orders under which every three-number date of a column exists; all, when there are none."""
    written = [item._replace(clock=timedelta()) for item in forms.values() if item.kind == "triple"]
    triples = {(item.numbers, item.long_year) for item in written}
    fits = {item: {order for order in ORDERS if _fits(item, order)} for item in set(written)}
    kept = {order for order in ORDERS if all(order in found for found in fits.values() if found)}
    if kept == {"dmy", "ymd"} and len(triples) >= MANY_DATES:
        first, last = (len({numbers[place] for numbers, _ in triples}) for place in (0, 2))
        # a column spans few years and many days: the place with far more different numbers is the day
        if first >= CLEAR_RATIO * last:
            return {"dmy"}
        if last >= CLEAR_RATIO * first:
            return {"ymd"}
    return kept


def _fits(item: Form, order: str) -> bool:
    return _allowed(item, order) and _moment(arranged(item.numbers, order), timedelta()) is not None


def verdict(forms: Mapping[str, Form], *, plain: int, options: Mapping[str, str]) -> Verdict:
    """Decide for a column; `plain` counts rows read without this module (they are full dates)."""
    kinds = {item.kind for item in forms.values()}
    possible = orders(forms)
    order = options.get("date_order") or (next(iter(possible)) if len(possible) == 1 else "")
    labels = not plain and bool(kinds & {"month", "quarter"}) and not kinds & {"day", "triple", "serial"}
    offsets = [item for item in forms.values() if item.offset is not None]
    midnight = all(item.clock == timedelta() for item in offsets)
    epoch = EPOCHS[options.get("epoch", "1900")]
    return Verdict(order, labels, bool(offsets) and not midnight, epoch)


def moment(item: Form, rule: Verdict) -> tuple[datetime | None, str]:
    """Give the date and time of one value under its column's verdict, or None and the reason."""
    if item.kind in {"month", "quarter"} and not rule.labels:
        return None, "day_missing"
    if item.kind == "serial":
        found: datetime | None = rule.epoch + timedelta(days=item.numbers[0]) + item.clock
    elif item.kind == "triple":
        possible = not rule.order and any(_fits(item, order) for order in ORDERS)
        return _in_range(_triple(item, rule), "date_order_unclear" if possible else "date_unreadable")
    elif item.kind in {"day", "month", "quarter"}:
        found = _moment(item.numbers, item.clock)
    else:
        return None, item.kind
    if found and rule.zoned and item.offset is not None:
        found = (found - item.offset).replace(tzinfo=UTC).astimezone(CHINA).replace(tzinfo=None)
    return _in_range(found, "date_unreadable")


def _triple(item: Form, rule: Verdict) -> datetime | None:
    if rule.order:
        return _moment(arranged(item.numbers, rule.order), item.clock) if _allowed(item, rule.order) else None
    readings = (_moment(arranged(item.numbers, order), item.clock) for order in ORDERS if _allowed(item, order))
    meanings = {found for found in readings if found}
    return meanings.pop() if len(meanings) == 1 else None


def _allowed(item: Form, order: str) -> bool:
    return order != "ymd" if item.long_year else not item.first_year or order == "ymd"


def _in_range(found: datetime | None, reason: str) -> tuple[datetime | None, str]:
    if found is None:
        return None, reason
    return (found, "") if EARLIEST <= found < LATEST else (None, "date_range")


def serial(text: str, epoch: str = "1900") -> int | None:
    """Give the Excel serial number of an ISO date at midnight, or None where the text is no such date."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?", text)
    if not match:
        return None
    try:
        return (date(int(match[1]), int(match[2]), int(match[3])) - EPOCHS[epoch].date()).days
    except ValueError:
        return None
