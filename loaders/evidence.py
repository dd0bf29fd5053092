"""What speaks for a column being a field, and for a table being one kind of export."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from data.entity import Entity, Field, entities
from loaders.labels import HAN, normal, spellings
from loaders.read import Table

DATE = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}(\s*[-/.月]\s*\d{0,2}\s*[日号]?)?(?!\d).*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*|(19|20)\d{6}"
    r"|[2-6]\d{4}(\.\d+)?|(19|20)\d{2}|(\d{1,2}[\s-])?[A-Za-z]{3,9}[\s-]\d{1,2},?\s*\d{0,4}.*"
)
NOT_NUMBER = re.compile(
    r"[\d\s.,，'+()%‰*-]|[¥$€£]|百|千|万|亿|元|整|人民币|rmb|cny|usd|年|天|日|个月|月|人|个|件|次|岁|约|以上|e[+-]?\d",
    re.IGNORECASE,
)
YES_NO = frozenset({
    "是", "否", "有", "无", "y", "n", "yes", "no", "true", "false", "t", "f", "1", "0", "√", "×", "x", "✓", "对", "错",
    "已", "未", "在职", "离职", "active", "inactive", "接通", "已接通", "未接通",
})  # fmt: skip
CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_./-]*")
HARD = {"date", "datetime", "int", "number", "money", "percent"}
WORST_FIT = 0.2
RARE = 2


@dataclass(frozen=True)
class Claim:
    """One column that may be a field, with what header (`quality`, `rank`) and values (`fit`, `filled`) say."""

    column: int
    field: str
    quality: float
    rank: int
    fit: float
    filled: float

    @property
    def order(self) -> tuple[float, ...]:
        """Give the order in which claims are granted, the best first."""
        return (-self.quality, -round(self.fit, 1), self.filled == 0, self.rank, -self.filled, self.column)


@dataclass(frozen=True)
class Case:
    """How one entity reads a table: its columns, rivals for a field, misfits, and the score of the whole.

    `own`: the table is nothing but the entity's own key, which names the entity, and fields of it.
    """

    entity: Entity
    fields: dict[str, int]
    rivals: dict[str, tuple[int, ...]]
    misfits: dict[str, int]
    score: float
    coverage: float
    complete: bool
    specific: bool
    own: bool = False


@cache
def _words(entity: str) -> dict[str, list[tuple[str, int]]]:
    """Give the fields, with the rank of the spelling, that each normalised header may be in an entity."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for field in entities()[entity].fields.values():
        for rank, word in enumerate((*field.synonyms, field.name, field.zh, field.en)):
            found[normal(word)].setdefault(field.name, rank)
    return {word: list(fields.items()) for word, fields in found.items()}


@cache
def _spread(word: str) -> int:
    """Count the entities that know a normalised header."""
    return sum(word in _words(name) for name in entities())


def values_of(table: Table, column: int) -> list[str]:
    """Give the filled sample values of a column, folded to half width."""
    cells = (row[column] for row in table.sample if column < len(row))
    return [folded for cell in cells if cell and (folded := unicodedata.normalize("NFKC", cell).strip())]


def fits(field: Field, values: list[str]) -> float:
    """Give the share (0…1) of sample values that a field could hold; 0.5 where there are none."""
    if not values:
        return 0.5
    if field.type in {"date", "datetime"}:
        return _share(values, lambda value: DATE.fullmatch(value) is not None)
    if field.type in HARD:
        return _share(
            values, lambda value: _number(value) or (field.type == "int" and DATE.fullmatch(value) is not None)
        )
    if field.type == "bool":
        return 0.3 + 0.7 * _share(values, lambda value: value.casefold() in YES_NO)
    if field.type == "enum":
        known = _share(values, lambda value: is_known(field, value))
        return known if field.strict else 0.5 + 0.5 * known
    return 1.0


def is_known(field: Field, value: str) -> bool:
    """Tell whether a value is a spelling of the enum, or (for a class) begins with its letter: `A（重点客户）`."""
    word = value.casefold()
    known = (spelling for name, spellings_ in field.values.items() for spelling in (name, *spellings_))
    if word in {unicodedata.normalize("NFKC", spelling).casefold() for spelling in known}:
        return True
    return field.strict and re.match(r"[a-d]($|[^a-z])", word) is not None


def is_code(value: str) -> bool:
    """Tell whether a value looks like a number or code of something rather than its name."""
    return CODE.fullmatch(value) is not None


def _number(value: str) -> bool:
    return any(c.isdigit() for c in value) and not NOT_NUMBER.sub("", value)


def _share(values: list[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, values)) / len(values)


def claims(entity: Entity, table: Table) -> list[Claim]:
    """List every column that could be a field of the entity, best first."""
    found = []
    words = _words(entity.name)
    for column, header in enumerate(table.columns):
        readings: dict[str, tuple[float, int]] = {}
        for word, quality in spellings(header):
            for name, rank in words.get(word, ()):
                readings.setdefault(name, (quality, rank))
        if readings:
            values = values_of(table, column)
            share = len(values) / max(1, len(table.sample))
            found += [
                Claim(column, name, quality, rank, fits(entity.fields[name], values), share)
                for name, (quality, rank) in readings.items()
            ]
    return sorted(found, key=lambda claim: claim.order)


def assign(entity: Entity, table: Table) -> tuple[dict[str, Claim], dict[str, tuple[int, ...]], dict[str, int]]:
    """Grant each field its best column; give also the columns that lost to another and those with unfit values."""
    granted: dict[str, Claim] = {}
    taken: set[int] = set()
    losers: dict[str, list[int]] = defaultdict(list)
    misfits: dict[str, int] = {}
    for claim in claims(entity, table):
        if claim.column in taken:
            continue
        if claim.fit < WORST_FIT:
            misfits.setdefault(claim.field, claim.column)
        elif claim.field in granted:
            losers[claim.field].append(claim.column)
        else:
            granted[claim.field] = claim
            taken.add(claim.column)
    rivals = {
        name: (granted[name].column, *others)
        for name, columns in losers.items()
        if (others := [column for column in columns if column not in taken])
    }
    return granted, rivals, {name: column for name, column in misfits.items() if column not in taken}


def _by_value(entity: Entity, granted: dict[str, Claim], table: Table) -> None:
    """Let the values say whether a column of people or accounts holds codes (`…_id`) or names (`…_name`)."""
    for stem in ("rep", "account"):
        number, name = f"{stem}_id", f"{stem}_name"
        if number not in entity.fields or name not in entity.fields or (number in granted) == (name in granted):
            continue
        held, other = (name, number) if name in granted else (number, name)
        values = values_of(table, granted[held].column)
        codes = bool(values) and all(map(is_code, values))
        names = bool(values) and all(HAN.search(value) and not any(map(str.isdigit, value)) for value in values)
        if (held == name and codes) or (held == number and names):
            granted[other] = granted.pop(held)


def case(entity: Entity, table: Table) -> Case:
    """Weigh one entity's reading of a table: specific headers, fitting values, key and required fields, hints."""
    granted, rivals, misfits = assign(entity, table)
    _by_value(entity, granted, table)
    named = [column for column, header in enumerate(table.columns) if normal(header)]
    coverage = len(granted) / max(1, len(named))
    points = sum(_points(table, claim) for claim in granted.values())
    missing = missing_of(entity, set(granted))
    hinted = _hinted(entity, table)
    score = points * (0.5 + 0.5 * coverage) + hinted - 1.5 * len(missing)
    fields = {name: claim.column for name, claim in sorted(granted.items(), key=lambda item: item[1].column)}
    specific = hinted > 0 or any(_spread_of(table.columns[column]) <= RARE for column in fields.values())
    own = not missing and coverage == 1.0 and len(fields) > 1 and _owns(entity, table, fields)
    return Case(entity, fields, rivals, misfits, score, coverage, not missing, specific, own)


def _owns(entity: Entity, table: Table, fields: dict[str, int]) -> bool:
    keys = {name for key in entity.keys for name in key} & set(fields)
    headers = [table.columns[fields[name]] for name in keys if not entity.fields[name].refers]
    return any(_says(header, hint) for header in headers for hint in entity.hints)


def _points(table: Table, claim: Claim) -> float:
    return claim.quality * (0.3 + 0.7 / _spread_of(table.columns[claim.column])) * (0.4 + 0.6 * claim.fit)


def _spread_of(header: str) -> int:
    return min((_spread(word) for word, _ in spellings(header) if _spread(word)), default=len(entities()))


def missing_of(entity: Entity, names: set[str]) -> tuple[str, ...]:
    """Name what a table with these fields lacks: required fields, and the easiest key where none is complete."""
    lacking = [name for name in entity.required if name not in names]
    if not any(set(key) <= names for key in entity.keys):
        easiest = min(entity.keys, key=lambda key: len(set(key) - names))
        lacking += [name for name in easiest if name not in names and name not in lacking]
    return tuple(lacking)


def _hinted(entity: Entity, table: Table) -> float:
    """Give up to 1.5 points for words of the entity in sheet name, file name or title."""
    points = ((table.sheet, 1.5), (table.file.rsplit("/", 1)[-1], 1.2), (table.title, 1.0))
    return max((weight for text, weight in points if any(_says(text, hint) for hint in entity.hints)), default=0.0)


@cache
def _says(text: str, hint: str) -> bool:
    if HAN.search(hint):
        return hint in text
    return hint in {word.casefold() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


def cases(table: Table) -> list[Case]:
    """Weigh every entity, best first."""
    return sorted((case(entity, table) for entity in entities().values()), key=lambda one: -one.score)
