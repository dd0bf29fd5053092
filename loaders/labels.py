"""Headers as people write them: one spelling for comparison, the parts of double headers, units in brackets."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

BRACKETS = re.compile(r"[(\[【<{][^()\[\]【】<>{}]*[)\]】>}]")
MARKS = re.compile(r"[^\w]|_")
HAN = re.compile(r"[\u3400-\u9fff]")
SEPARATED = re.compile(r"\s+/\s+|[\n\r|]|/")
SUFFIX = re.compile(r"__c$|^property_(hs_)?|^[*＊]+|[*＊]+$", re.IGNORECASE)
UNIT = re.compile(
    r"(?:单位|金额单位|unit)\s*[:：]?\s*(?:人民币|rmb|cny)?\s*(百万元?|千万元?|万元?|千元|亿元?|元)", re.IGNORECASE
)
BRACKET_UNIT = re.compile(
    r"^(?:单位[:：]?)?(?:人民币|rmb|cny|¥)?\s*(百万元?|千万元?|万元?|千元?|亿元?|元)$", re.IGNORECASE
)
UNITS = {"元": "元", "千": "千元", "万": "万元", "百万": "百万元", "千万": "千万元", "亿": "亿元"}
# A bracket that says whose, or with or without what, changes the meaning: such a header is never shortened.
MEANINGFUL = re.compile(r"客户|对方|甲方|我方|本公司|client|customer|不含|未税|去税|税额|excl|net", re.IGNORECASE)


@cache
def normal(text: str) -> str:
    """Give one spelling for comparing headers: width, case, spaces, punctuation and required marks do not count."""
    folded = unicodedata.normalize("NFKC", text).strip()
    return MARKS.sub("", SUFFIX.sub("", folded)).casefold()


@cache
def spellings(header: str) -> tuple[tuple[str, float], ...]:
    """Give the normalised readings of a header with how much each is trusted, the whole header first.

    A bracket may be left out (`金额(万元)`) unless it changes the meaning (`负责人(客户方)`); of a double
    header (`客户名称 / Account Name`) each half counts. No reading is a mere part of a word: `公司负责人`
    never reads as `负责人`.
    """
    folded = unicodedata.normalize("NFKC", header)
    found = {normal(folded): 1.0}
    bare = folded
    for bracket in BRACKETS.findall(folded):
        if not MEANINGFUL.search(bracket):
            bare = bare.replace(bracket, " ")
            found.setdefault(normal(bracket), 0.7)
    if not BRACKETS.search(bare):
        found.setdefault(normal(bare), 0.95)
        for part in _halves(bare):
            found.setdefault(normal(part), 0.9)
    found.pop("", None)
    return tuple(sorted(found.items(), key=lambda item: -item[1]))


def _halves(text: str) -> list[str]:
    """Split a double header at its line break or slash, or between Chinese and English words."""
    if len(parts := SEPARATED.split(text)) > 1:
        return [part for part in parts if part.strip()]
    words = text.split()
    chinese = [word for word in words if HAN.search(word)]
    latin = [word for word in words if not HAN.search(word)]
    if chinese and latin and len("".join(latin)) > 2 and re.search(r"[a-z]", text):  # "ID" is no half
        return [" ".join(chinese), " ".join(latin)]
    return []


def unit_of(text: str, *, whole_header: bool = False) -> str:
    """Name the unit a header or title states (`元`, `千元`, `万元`, `百万元`, `千万元`, `亿元`), or ``""``.

    A bracket that holds nothing but a unit counts in either; a unit at the end only where the text is a header.
    """
    folded = unicodedata.normalize("NFKC", text)
    if said := UNIT.search(folded):
        return UNITS[said.group(1).removesuffix("元") or "元"]
    for bracket in BRACKETS.findall(folded):
        if said := BRACKET_UNIT.match(bracket[1:-1].strip()):
            return UNITS[said.group(1).removesuffix("元") or "元"]
    if whole_header and (said := re.search(r"(万元|千元|亿元)$", folded.strip())):
        return said.group(1)
    return ""
