"""Where the tables of a sheet are: header rows found by evidence, blocks, titles and notes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from data.entity import entities
from loaders.labels import normal, spellings

Row = list[str | None]

NUMBER = re.compile(r"[-+(]?[¥￥$€]?\s*[-+]?\d[\d,，]*(\.\d+)?\s*([%％万亿元千)]|万元|亿元|[Ee][+-]?\d+)*")
DATE = re.compile(r"\d{4}([-/.年])\d{1,2}([-/.月]\d{0,2}日?)?.*|\d{1,2}[-/]\d{1,2}[-/]\d{2,4}.*|\d{1,2}:\d{2}(:\d{2})?")
MONTH = re.compile(
    r"(\d{2,4}年)?(1[0-2]|0?[1-9])月份?|\d{4}[-/.年]?(0?[1-9]|1[0-2])月?(-01)?|Q[1-4]|20\d\d年?", re.IGNORECASE
)
# What stands beside a month in the header of its column: 2026年1月(万元), 2026-01计划.
BESIDE_MONTH = re.compile(
    r"\s*([(（\[][^)）\]]*[)）\]]|计划|目标|任务|指标|预算|实际|完成|plan|target|quota|actual)", re.IGNORECASE
)
REQUIRED = re.compile(r"^[*＊]+|[*＊]+$|[(（]\s*(\*|必填|required)\s*[)）]", re.IGNORECASE)
# What stands above a table and is no group of columns: 单位：万元, 导出日期 2026-09-30, 第1页.
CAPTION = re.compile(r".*[:：]|.*\d{4}.*\d|单位|第.{1,4}页|制表|打印|导出|unit\b|page\b|exported", re.IGNORECASE)
LONG = 40
JOIN = " / "


@dataclass(frozen=True)
class Header:
    """A header: the index of its first row among those looked at, its rows, and the names it gives."""

    start: int
    depth: int
    columns: tuple[str, ...]
    score: float
    known: int


def clean(cell: str | None) -> str:
    """Give a header text as it is shown: no line breaks, surplus spaces or 必填 marks."""
    if not cell:
        return ""
    return REQUIRED.sub("", re.sub(r"[\s\u3000\ufeff]+", " ", cell).strip()).strip()


@cache
def known_words() -> frozenset[str]:
    """Every name under which any entity declares a field, as `labels.normal` spells it."""
    return frozenset(
        normal(word)
        for entity in entities().values()
        for field in entity.fields.values()
        for word in (field.name, field.zh, field.en, *field.synonyms)
    )


def hint(columns: list[str]) -> str:
    """Give the SQL test that two of a row's first three columns hold header words."""
    words = ", ".join("'" + word.replace("'", "''") + "'" for word in sorted(_written()))
    tests = [f"coalesce(trim({name}, ' *＊') IN ({words}), false)" for name in columns[:3]]
    both = " + ".join(f"{test}::INT" for test in tests)
    # the first column is mostly a number of its own in each row, so that asking the others first saves time
    return f"({' OR '.join(tests[1:]) or 'false'}) AND {both} >= 2"


@cache
def _written() -> frozenset[str]:
    """Every name under which any entity declares a field, as it is written."""
    return frozenset(
        word
        for entity in entities().values()
        for field in entity.fields.values()
        for word in (field.name, field.zh, field.en, *field.synonyms)
    )


def is_header(cells: Row) -> bool:
    """Tell whether a row holds little but header words, so that it opens a table wherever it stands."""
    filled = [cell for cell in cells if cell]
    known = sum(is_known(cell) for cell in filled)
    return known >= 3 and known >= 0.6 * len(filled) and len(set(filled)) == len(filled) and all(map(_is_label, filled))


@lru_cache(maxsize=100_000)
def is_known(cell: str) -> bool:
    """Tell whether a cell, with or without a unit in brackets, is a declared header word."""
    return len(cell) <= LONG and any(word in known_words() for word, trust in spellings(cell) if trust > 0.9)


@lru_cache(maxsize=100_000)
def kind(cell: str) -> str:
    """Name the type of a cell: `number`, `date`, `long` or `word`."""
    stripped = cell.strip()
    if NUMBER.fullmatch(stripped):
        return "number"
    if DATE.fullmatch(stripped):
        return "date"
    return "long" if len(stripped) > LONG else "word"


def find(rows: list[Row]) -> Header | None:
    """Find the header among the first rows of a block; None when the rows look like data throughout."""
    best: Header | None = None
    for index in range(min(len(rows), 30)):
        score, known = _score(rows, index)
        if score > 0 and (best is None or score > best.score + 1e-9):
            best = Header(index, 1, (), score, known)
    if best is None:
        return None
    first, depth = _levels(rows, best.start)
    return Header(first, depth, names(rows[first : first + depth]), best.score, best.known)


def _score(rows: list[Row], index: int) -> tuple[float, int]:
    """Weigh one row as a header (0 or less: it is none) and count its known words."""
    cells = {column: cell for column, cell in enumerate(rows[index]) if cell}
    below = rows[index + 1 : index + 31]
    if not cells:
        return 0.0, 0
    known = sum(is_known(cell) for cell in cells.values())
    words = sum(_is_label(cell) for cell in cells.values())
    distinct = len(set(cells.values())) / len(cells)
    width = max((sum(cell is not None for cell in row) for row in rows), default=1)
    filled = len(cells) / width
    contrast, same = _contrast(cells, below)
    if words < 0.5 * len(cells) or (same > 0.1 and known < 0.5 * len(cells)):
        return 0.0, known
    if known < 2 and (filled < 0.5 or (len(cells) == 1 and width > 1)):
        return 0.0, known
    if not below and known < max(2, 0.4 * len(cells)):
        return 0.0, known
    repeated = _repeated(cells, below)
    if known < 0.3 * len(cells) and (repeated > 0.2 or distinct < 0.9 or (not contrast and len(cells) == 1)):
        return 0.0, known
    share = known / len(cells)
    return 3 * share + 2 * contrast + words / len(cells) + filled + distinct - 2 * repeated - index / 100, known


def _contrast(cells: dict[int, str], below: list[Row]) -> tuple[float, float]:
    """Give the shares of columns whose values differ in type from the cell, and of numbers over numbers."""
    differ = same = 0
    for column, cell in cells.items():
        kinds = [kind(row[column] or "") for row in below if row[column]]
        typed = sum(k in {"number", "date"} for k in kinds)
        label = _is_label(cell)
        mostly = bool(kinds) and typed >= 0.6 * len(kinds)
        differ += label and mostly
        same += not label and mostly
    return differ / len(cells), same / len(cells)


def _is_label(cell: str) -> bool:
    """Tell whether a cell may be a header: a word or a month, but not `Period:`, which labels its neighbour."""
    stripped = cell.strip()
    month = MONTH.fullmatch(BESIDE_MONTH.sub("", stripped))
    return month is not None or (kind(stripped) == "word" and not stripped.endswith((":", "：")))


def _repeated(cells: dict[int, str], below: list[Row]) -> float:
    """Give the share of cells whose text comes again further down in their column, as values do."""
    again = sum(
        any(row[column] == cell for row in below if [row[c] for c in cells] != list(cells.values()))
        for column, cell in cells.items()
    )
    return again / len(cells)


def _levels(rows: list[Row], index: int) -> tuple[int, int]:
    """Extend a header row to a group row above and to a second language or the parts of a group below."""
    first = index
    if index and (_is_group(rows, index) or _is_translation(rows, index - 1)):
        first = index - 1
    last = index
    if first == index and index + 1 < len(rows) and (_fills_gaps(rows, index) or _is_translation(rows, index)):
        last = index + 1
    return first, last - first + 1


def _filled(row: Row) -> dict[int, str]:
    return {column: cell for column, cell in enumerate(row) if cell}


def _all_words(cells: dict[int, str]) -> bool:
    return bool(cells) and all(_is_label(cell) for cell in cells.values())


def _is_group(rows: list[Row], index: int) -> bool:
    """Tell whether the row above names groups of this header's columns, or columns merged down beside them."""
    top, low = _filled(rows[index - 1]), _filled(rows[index])
    if len(top) < 2 or not _all_words(top) or any(map(_is_caption, top.values())):
        return False
    over = set(top) - set(low)
    if len(top) < len(low) and over <= {min(top)}:
        return True
    opens = any(column + 1 in low and column + 1 not in top for column in set(top) & set(low))
    below = rows[index + 1 :]
    return opens and _all_words(low) and all(any(row[column] for row in below) or not below for column in over)


def _is_caption(cell: str) -> bool:
    return CAPTION.match(cell) is not None and not MONTH.fullmatch(cell.strip())


def _fills_gaps(rows: list[Row], index: int) -> bool:
    """Tell whether the next row names the parts of this row's merged cells."""
    top, low = _filled(rows[index]), _filled(rows[index + 1])
    gaps = set(low) - set(top)
    return (
        len(gaps) >= 1
        and _all_words(low)
        and set(top).isdisjoint(low.keys() - _group_columns(top, low))
        and min(gaps) > min(top)
    )


def _group_columns(top: dict[int, str], low: dict[int, str]) -> set[int]:
    """Give the columns of the lower row under a group: a gap, or the filled cell that opens its group."""
    gaps = set(low) - set(top)
    opens = {column for column in low if column in top and column + 1 in gaps}
    return gaps | opens


def _is_translation(rows: list[Row], index: int) -> bool:
    """Tell whether the next row repeats the header in the other script (中文 over English or back)."""
    top, low = _filled(rows[index]), _filled(rows[index + 1])
    shared = set(top) & set(low)
    if len(shared) < max(2, 0.7 * len(top)) or not _all_words(low):
        return False
    chinese_top = sum(_chinese(top[c]) for c in shared) / len(shared)
    chinese_low = sum(_chinese(low[c]) for c in shared) / len(shared)
    if abs(chinese_top - chinese_low) < 0.7:
        return False
    known = sum(is_known(low[c]) for c in shared)
    below = rows[index + 2 : index + 32]
    contrast, _ = _contrast({c: low[c] for c in shared}, below)
    # Numbers and Chinese in such a row make it the first row of data: C001, 华北电机, A.
    identifiers = all(re.fullmatch(r"[A-Za-z_][A-Za-z _.#/()-]*", low[c]) for c in shared)
    return known >= 2 or (identifiers and (contrast > 0 or _some_chinese(below, shared)))


def _chinese(cell: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in cell)


def _some_chinese(rows: list[Row], columns: set[int]) -> bool:
    return any(_chinese(row[c] or "") for row in rows for c in columns)


def names(levels: list[Row]) -> tuple[str, ...]:
    """Join the header rows column by column with ` / `; a group's name carries on over its blank cells."""
    parts: list[list[str]] = []
    for level, row in enumerate(levels):
        below = levels[level + 1 :]
        carried, named = "", []
        for column, cell in enumerate(row):
            beneath = any(other[column] for other in below)
            carried = clean(cell) or (carried if beneath else "")
            named.append(carried if below else clean(cell))
        parts.append(named)
    return tuple(JOIN.join(dict.fromkeys(part for part in column if part)) for column in zip(*parts, strict=True))
