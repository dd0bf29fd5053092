"""The distinct values of one column read as the type of its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as declared
from datetime import datetime
from decimal import Decimal
from typing import Any

from data.entity import Field
from loaders import dates, numbers, words
from loaders.messages import Note

EXAMPLES = 3
SUSPICIOUS_ROWS = 5
Cell = tuple[Any, str]


@dataclass(frozen=True)
class Column:
    """A column to be read.

    `source` is its name in the relation, `header` the text people see above it. `unit` multiplies
    numbers that do not state a scale of their own (10000 under a header in 万元). `options` answer
    what a column could not decide: date_order (dmy, mdy, ymd), epoch (1900, 1904), decimal_mark
    (`.` or `,`), percent_scale (fraction, percent).
    """

    source: str
    field: Field
    header: str = ""
    unit: Decimal = Decimal(1)
    options: Mapping[str, str] = declared(default_factory=dict, hash=False)

    @property
    def title(self) -> str:
        """The text above the column, or its name where none is known."""
        return self.header or self.source


@dataclass(frozen=True)
class Values:
    """What a column holds beyond its plain values: distinct texts with their numbers of rows.

    `plain` counts the rows that need no reading here; `dots` tells that some of those hold a decimal point,
    `last_day` the latest day of a month among those (0: none is a date).
    """

    counts: Mapping[str, int]
    plain: int = 0
    dots: bool = False
    last_day: int = 0

    def rows(self, chosen: list[str]) -> int:
        """Count the rows that hold one of the chosen texts."""
        return sum(self.counts[value] for value in chosen)


Reader = Callable[[Column, Values], tuple[dict[str, Cell], list[Note]]]


def read(column: Column, values: Values) -> tuple[dict[str, Cell], list[Note]]:
    """Read each distinct text to (value, reason), and what was noticed.

    A value of None with an empty reason is a blank; with a reason it is unreadable (a code of
    `messages_values.toml`). Values are of the Python type of the field's SQL type.
    """
    empty = words.NOTHING if column.field.type in {"text", "enum"} else words.PLACEHOLDERS
    keys = {value: words.key(value) for value in values.counts}
    meant = {value for value, word in keys.items() if word in empty and not _declared(column.field, word)}
    if column.field.type == "bool":
        meant -= {value for value in meant if words.truth(value, ticks=False) is not None}
    blank = [value for value, word in keys.items() if not word or value in meant]
    rest = {value: rows for value, rows in values.counts.items() if value not in set(blank)}
    cells, notes = READERS[column.field.type](column, replace(values, counts=rest))
    if meant:
        notes = [*notes, _note("blank_words", column, values, sorted(meant))]
    return cells | dict.fromkeys(blank, (None, "")), notes


def _declared(field: Field, word: str) -> bool:
    return word in {words.key(item) for item in field.junk_ok} or word in words.choices(field)


def _note(code: str, column: Column, values: Values, chosen: list[str], **more: Any) -> Note:  # noqa: ANN401
    examples = "、".join(chosen[:EXAMPLES])
    told = {"column": column.title, "field": column.field.name, "rows": values.rows(chosen), "examples": examples}
    return Note(code, told | more)


def _failed(cells: Mapping[str, Cell], *reasons: str) -> list[str]:
    return sorted(value for value, (_, reason) in cells.items() if reason in reasons)


def _texts(column: Column, values: Values) -> tuple[dict[str, Cell], list[Note]]:
    name = words.is_name(column.field)
    cells: dict[str, Cell] = {value: (words.tidy(value, name=name), "") for value in values.counts}
    spoilt = sorted(value for value in values.counts if words.broken(value, name=name))
    return cells, [_note("mojibake_column", column, values, spoilt)] if spoilt else []


def _ids(column: Column, values: Values) -> tuple[dict[str, Cell], list[Note]]:
    epoch = column.options.get("epoch", "1900")
    cells, turned = words.ids(values.counts, plain=values.plain, epoch=epoch)
    notes = []
    if turned:
        chosen = sorted(values.counts)
        number = cells[chosen[0]][0]
        notes.append(_note("ids_from_dates", column, values, chosen, first=chosen[0], number=number))
    return dict(cells), notes


def _enums(column: Column, values: Values) -> tuple[dict[str, Cell], list[Note]]:
    known = words.choices(column.field)
    found = {value: words.choice(value, column.field, known) for value in values.counts}
    strange = sorted(value for value, meaning in found.items() if meaning is None)
    cells: dict[str, Cell] = {value: (meaning or words.tidy(value), "") for value, meaning in found.items()}
    told = strange and (known or column.field.name in words.CLASS_FIELDS)
    return cells, [_note("enum_unknown", column, values, strange)] if told else []


def _bools(column: Column, values: Values) -> tuple[dict[str, Cell], list[Note]]:
    del column
    ticks = bool(words.TICKS & {words.key(value) for value in values.counts})
    found = {value: words.truth(value, ticks=ticks) for value in values.counts}
    return {value: (meaning, "bool_unreadable" if meaning is None else "") for value, meaning in found.items()}, []


def _dates(column: Column, values: Values) -> tuple[dict[str, Cell], list[Note]]:
    forms = {value: dates.form(value) for value in values.counts}
    rule = dates.verdict(forms, plain=values.plain, options=column.options)
    read = {value: dates.moment(item, rule) for value, item in forms.items()}
    whole = column.field.type == "date"
    cells: dict[str, Cell] = {value: (_day(at) if whole else at, reason) for value, (at, reason) in read.items()}
    return cells, _date_notes(column, values, forms, rule, cells)


def _day(at: datetime | None) -> Any:  # noqa: ANN401
    return at.date() if at else None


def _date_notes(
    column: Column, values: Values, forms: Mapping[str, dates.Form], rule: dates.Verdict, cells: Mapping[str, Cell]
) -> list[Note]:
    triples = sorted(value for value, item in forms.items() if item.kind == "triple")
    labels = sorted(value for value, item in forms.items() if item.kind in {"month", "quarter"})
    zoned = sorted(value for value, item in forms.items() if item.offset is not None)
    notes = []
    if unclear := _failed(cells, "date_order_unclear"):
        notes.append(_note("date_order_question", column, values, unclear))
    elif triples and rule.order:
        notes.append(_note("date_order_found", column, values, triples, order=rule.order))
    if triples and rule.order and _swapped(values, forms, triples, rule.order):
        notes.append(_note("dates_swapped", column, values, triples))
    if labels and rule.labels:
        notes.append(_note("month_labels", column, values, labels))
    if rule.zoned:
        notes.append(_note("zone_converted", column, values, zoned))
    return notes


def _swapped(values: Values, forms: Mapping[str, dates.Form], triples: list[str], order: str) -> bool:
    """Tell whether a spreadsheet of another locale swapped day and month wherever the day was at most 12."""
    days = [item.numbers[2] for item in forms.values() if item.kind == "day"]
    others = values.plain + values.rows([value for value, item in forms.items() if item.kind == "day"])
    left = [dates.arranged(forms[value].numbers, order)[2] for value in triples]
    enough = others >= SUSPICIOUS_ROWS and values.rows(triples) >= SUSPICIOUS_ROWS
    return enough and min(left) > 12 and max([values.last_day, *days]) <= 12


def _numbers(column: Column, values: Values) -> tuple[dict[str, Cell], list[Note]]:
    forms = {value: numbers.form(value) for value in values.counts}
    rule = numbers.verdict(forms, values.counts, plain_rows=values.plain, dots=values.dots, options=column.options)
    if column.field.type == "int":
        cells: dict[str, Cell] = {value: numbers.integer(item, rule) for value, item in forms.items()}
    elif column.field.type == "percent":
        cells = {value: numbers.percent(item, rule) for value, item in forms.items()}
    else:
        cells = {value: numbers.number(item, rule, column.unit) for value, item in forms.items()}
    return cells, _number_notes(column, values, forms, rule, cells)


def _number_notes(
    column: Column, values: Values, forms: Mapping[str, numbers.Form], rule: numbers.Verdict, cells: Mapping[str, Cell]
) -> list[Note]:
    questions = {"decimal_mark_unclear": "decimal_mark_question", "percent_scale_unclear": "percent_scale_question"}
    unclear = {code: _failed(cells, code) for code in questions}
    notes = [_note(questions[code], column, values, found) for code, found in unclear.items() if found]
    commas = sorted(value for value, item in forms.items() if item.mark == "," and not cells[value][1])
    if commas:
        notes.append(_note("decimal_comma", column, values, commas))
    if foreign := rule.units & numbers.FOREIGN:
        told = sorted(value for value, item in forms.items() if item.unit in foreign)
        notes.append(_note("currency_foreign", column, values, told, currency="".join(foreign)))
    return notes


READERS: dict[str, Reader] = {
    "text": _texts,
    "id": _ids,
    "enum": _enums,
    "bool": _bools,
    "date": _dates,
    "datetime": _dates,
    **dict.fromkeys(("int", "number", "money", "percent"), _numbers),
}
