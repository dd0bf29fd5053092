"""Texts, ids, choices and yes/no as people write them, read over a whole column."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from data.entity import Field
from loaders.dates import serial

_LISTS = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
NOTHING = frozenset(_LISTS["nothing"])
PLACEHOLDERS = NOTHING | frozenset(_LISTS["placeholders"])
YES, NO, TICKS = (frozenset(_LISTS[name]) for name in ("yes", "no", "ticks"))
CLASS_FIELDS = frozenset({"account_class", "customer_class", "class"})
EXCEL_DIGITS = 15

_WIDE = {
    code: code - 0xFEE0 for span in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B)) for code in range(*span)
}
_EDGES = " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u200b\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_RUNS = re.compile(r"[ \t\u00a0\u3000]{2,}")
_DESTROYED = re.compile(r"[+-]?\d(?:\.\d+)?e\+\d+|[+-]?\d\.\d+e-?\d+", re.IGNORECASE)
_QUOTED_NUMBER = re.compile(r"^'(\+?\d[\d -]*)$")
_WHOLE = re.compile(r"(\d+)\.0+")
_ZEROED = re.compile(rf"[1-9]\d{{{EXCEL_DIGITS - 1}}}0+")
_LONG = re.compile(rf"\d{{{EXCEL_DIGITS + 1},}}")
_LETTER = re.compile(r"\s*([A-Za-z])(?![A-Za-z0-9])")
# U+FFFD, GBK read as UTF-8 and back, UTF-8 read as GBK or Latin-1
_BROKEN = re.compile(r"\ufffd|锟斤拷|烫烫烫|屯屯屯|锘[縪垮挎]|ï»¿|Ã[\u0080-\u00bf]|[åæçè][\u0080-\u00bf]{2}|â€")
# a foreign name whose accent was lost on the way: Cancity?闹
_BROKEN_NAME = re.compile(r"[A-Za-z]\?[\u4e00-\u9fff]")


def key(value: str) -> str:
    """Reduce a spelling to what two writings of one word share, whatever their width, case and outer spaces."""
    return unicodedata.normalize("NFKC", value).strip(_EDGES).casefold()


def tidy(value: str, *, name: bool = False) -> str:
    """Drop outer spaces, full width, and the apostrophe before a number; of a name also runs of spaces."""
    text = _QUOTED_NUMBER.sub(r"\1", value.strip(_EDGES).translate(_WIDE))
    return _RUNS.sub(" ", text) if name else text


def is_name(field: Field) -> bool:
    """Whether a field holds somebody's or something's name, which other rows must match."""
    return bool(field.refers) or field.name.endswith("_name")


def broken(value: str, *, name: bool = False) -> bool:
    """Whether a text, or a name, shows the marks of a wrong encoding."""
    return bool(_BROKEN.search(value) or (name and _BROKEN_NAME.search(value)))


def id_form(value: str) -> str:
    """Give an id as it was before a spreadsheet touched it: trimmed, half-width, no apostrophe, no `.0`."""
    text = _RUNS.sub(" ", unicodedata.normalize("NFKC", value).strip(_EDGES)).removeprefix("'").strip()
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def ids(values: Iterable[str], *, plain: int, epoch: str) -> tuple[dict[str, tuple[str | None, str]], bool]:
    """Read each id, or say why it is lost, and whether the column was turned back from dates into numbers.

    `plain` counts rows read without this module (they are no dates).
    """
    forms = {value: id_form(value) for value in values}
    serials = {value: serial(text, epoch) for value, text in forms.items()}
    dates = [value for value in forms if serials[value] is not None]
    turned = bool(dates) and not plain and len(dates) == len(forms)
    long = [text for text in forms.values() if _LONG.fullmatch(text)]
    zeroed = len(long) > 1 and all(_ZEROED.fullmatch(text) for text in long)
    read: dict[str, tuple[str | None, str]] = {}
    for value, text in forms.items():
        if serials[value] is not None:
            read[value] = (str(serials[value]), "") if turned else (None, "id_is_date")
        elif _DESTROYED.fullmatch(text) or (zeroed and _ZEROED.fullmatch(text)):
            read[value] = (None, "id_destroyed")
        else:
            read[value] = (text, "")
    return read, turned


def choices(field: Field) -> dict[str, str]:
    """Map every spelling of an enum, reduced by `key`, to its canonical value."""
    known = {key(name): name for name in field.values}
    return known | {key(word): name for name, words in field.values.items() for word in words}


def choice(value: str, field: Field, known: Mapping[str, str]) -> str | None:
    """Give the canonical value of an enum text, or None where nothing declared means it."""
    if found := known.get(key(value)):
        return found
    letters = set(field.values) if field.values else set("ABCD") if field.name in CLASS_FIELDS else set()
    first = _LETTER.match(unicodedata.normalize("NFKC", value))
    if first and first[1].upper() in letters and all(len(letter) == 1 for letter in letters):
        return first[1].upper()
    return None


def truth(value: str, *, ticks: bool) -> bool | None:
    """Read yes or no; None where the text is neither. An `x` says no only beside ticks (elsewhere it may be one)."""
    word = key(value)
    if word in YES:
        return True
    return False if word in NO or (word == "x" and ticks) else None
