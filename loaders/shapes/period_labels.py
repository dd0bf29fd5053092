"""Labels of periods as plans write them (2026年一季度, 2026Q1, 3月, Mar 2026, 202603), and their days."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

DIGITS = {
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "十一": 11,
    "十二": 12,
}
MONTHS = {name.lower(): n for n in range(1, 13) for name in (calendar.month_abbr[n], calendar.month_name[n])} | {
    "sept": 9
}
YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
YEAR_MONTH = re.compile(r"((?:19|20)\d{2})\s*[-/.年_]?\s*(0?[1-9]|1[0-2])\s*月?份?([-/.]\d{1,2}(\s.*)?)?")
MONTH = re.compile(r"(?:(\d{2}|\d{4})年)?(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?")
ENGLISH = re.compile(r"([a-z]{3,9})\.?[\s\-_/']*((?:19|20)?\d{2})?", re.IGNORECASE)
QUARTER = re.compile(
    r"(?:((?:19|20)?\d{2})\s*年?度?\s*[-/_]?\s*)?(?:第?([一二三四1-4])\s*季度?|q([1-4])|([1-4])q)", re.IGNORECASE
)
QUARTER_YEAR = re.compile(r"q([1-4])[\s\-_/']*((?:19|20)\d{2})", re.IGNORECASE)
HALF = re.compile(r"(?:((?:19|20)\d{2})\s*年?)?\s*(?:([上下])半年|h([12]))", re.IGNORECASE)
WHOLE = re.compile(r"((?:19|20)\d{2})(年|年度|全年|fy)?|fy((?:19|20)\d{2})", re.IGNORECASE)


@dataclass(frozen=True)
class Label:
    """A period as written: year where it says one, and at most one of month, quarter, half."""

    year: int | None = None
    month: int | None = None
    quarter: int | None = None
    half: int | None = None

    def days(self, year: int | None = None) -> tuple[date, date] | None:
        """Give first and last day (inclusive) in the calendar, or None without a year."""
        year = self.year or year
        if not year:
            return None
        if self.month:
            return _span(year, self.month, 1)
        if self.quarter:
            return _span(year, 3 * self.quarter - 2, 3)
        if self.half:
            return _span(year, 6 * self.half - 5, 6)
        return _span(year, 1, 12)


def _span(year: int, month: int, length: int) -> tuple[date, date]:
    start, end = divmod(year * 12 + month - 1, 12), divmod(year * 12 + month - 1 + length, 12)
    return date(start[0], start[1] + 1, 1), date(end[0], end[1] + 1, 1) - timedelta(days=1)


def year_in(text: str) -> str:
    """Give the one year a text names, or ``""`` where it names none or several."""
    years = set(YEAR.findall(unicodedata.normalize("NFKC", text)))
    return years.pop() if len(years) == 1 else ""


def label_of(text: str) -> Label | None:
    """Read a period label; None where the text is none."""
    word = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    for read in (_month, _quarter, _english):
        if label := read(word):
            return label
    if match := HALF.fullmatch(word):
        half = 1 if match[2] == "上" or match[3] == "1" else 2
        return Label(_year(match[1]), half=half)
    if match := WHOLE.fullmatch(word):
        return Label(_year(match[1] or match[3]))
    return None


def _month(word: str) -> Label | None:
    if match := YEAR_MONTH.fullmatch(word):
        return Label(int(match[1]), month=int(match[2]))
    if match := MONTH.fullmatch(word):
        return Label(_year(match[1]), month=DIGITS.get(match[2]) or int(match[2]))
    return None


def _quarter(word: str) -> Label | None:
    if match := QUARTER_YEAR.fullmatch(word):
        return Label(int(match[2]), quarter=int(match[1]))
    if match := QUARTER.fullmatch(word):
        said = match[2] or match[3] or match[4]
        return Label(_year(match[1]), quarter=DIGITS.get(said) or int(said))
    return None


def _english(word: str) -> Label | None:
    match = ENGLISH.fullmatch(word)
    if match and match[1].lower() in MONTHS:
        return Label(_year(match[2]), month=MONTHS[match[1].lower()])
    return None


def _year(said: str | None) -> int | None:
    if not said:
        return None
    return int(said) if len(said) == 4 else 2000 + int(said)
