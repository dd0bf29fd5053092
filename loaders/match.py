"""Which kind of export a table is, and which field each of its columns holds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from data.entity import Entity, entities
from loaders import shapes
from loaders.evidence import Case, case, cases, missing_of
from loaders.labels import normal, unit_of
from loaders.messages import Note, Refused
from loaders.read import Table

ENOUGH, ENOUGH_OF_WIDE, WIDE = 1.2, 2.0, 0.2
HALF, MOST = 0.5, 0.75
FEW = 3
# so much better than the second best is clear, however many columns nobody knows
CLEAR = 2
SHOWN = 20
# What a column could not decide, and the answers there are; a key may end in `:` and a field.
ANSWERS = {
    "unit": ("元", "千元", "万元", "百万元", "千万元", "亿元"),
    "date_order": ("dmy", "mdy", "ymd"),
    "decimal_mark": (".", ","),
    "percent_scale": ("fraction", "percent"),
    "epoch": ("1900", "1904"),
}


@dataclass(frozen=True)
class Mapping:
    """What a table was taken for: column numbers by field, what stays extra, what must be asked.

    `entity` is empty when nothing claims the table. `shape` names the module of `loaders.shapes`
    that must turn the table into plain ones first. `options`: `unit` is the unit of all amounts
    (`万元` …), `unit:<field>` of one column where its header says so. `remembered` tells that people
    settled this mapping before. `answers` are the options that people stated.
    """

    entity: str
    confidence: float
    fields: dict[str, int]
    extra: tuple[int, ...]
    shape: str = ""
    options: dict[str, str] = field(default_factory=dict)
    questions: tuple[Note, ...] = ()
    remembered: bool = False
    answers: tuple[str, ...] = ()


def signature(table: Table) -> str:
    """Name the shape of a table, its set of headers, for remembering a mapping."""
    return "|".join(sorted({normal(header) for header in table.columns} - {""}))


def propose(
    table: Table,
    entity: str | None = None,
    given: dict[str, str] | None = None,
    remembered: tuple[str, dict[str, str]] | None = None,
) -> Mapping:
    """Say what a table is: by what the user gave, by what is remembered, else by evidence.

    `given` is field (name or label) -> header, or -> "" for a field that no column holds; it also
    answers what a column could not decide (`ANSWERS`): `date_order` -> `dmy`, `date_order:order_date` -> `dmy`.
    `remembered` is (entity, normalised header -> field or "", `=` and an answer's key -> the answer). Raises
    `Refused` with the codes `unknown_entity`, `unknown_field`, `unknown_header` or `unknown_answer`, which list
    what there is.
    """
    told = {key[1:]: text for key, text in (remembered[1] if remembered else {}).items() if key.startswith("=")}
    told |= {key: text for key, text in (given or {}).items() if is_answer(key)}
    plain = {key: text for key, text in (given or {}).items() if not is_answer(key)}
    return _answered(_proposed(table, entity, plain, remembered), told)


def is_answer(key: str) -> bool:
    """Tell whether what is given answers a question about values rather than naming a field."""
    return key.partition(":")[0] in ANSWERS


def _answered(mapping: Mapping, told: dict[str, str]) -> Mapping:
    for key, text in told.items():
        if text not in (known := ANSWERS[key.partition(":")[0]]):
            raise Refused("unknown_answer", {"key": key, "answer": text, "known": "、".join(known)})
    return replace(mapping, options=mapping.options | told, answers=tuple(told))


def _proposed(
    table: Table, entity: str | None, given: dict[str, str], remembered: tuple[str, dict[str, str]] | None
) -> Mapping:
    if entity is not None and entity not in entities():
        raise Refused("unknown_entity", {"entity": entity, "entities": "、".join(entities())})
    if remembered and entity in {None, remembered[0]} and remembered[0] in entities():
        return _told(table, case(entities()[remembered[0]], table), _recalled(table, remembered), given, known=True)
    best, confidence = _best(table, entity, set(given))
    shape = shapes.claiming(table, entity or "")
    if best is None:
        note = Note("not_claimed", {"headers": _listed(table)})
        return Mapping("", 0.0, {}, tuple(range(len(table.columns))), shape, {}, () if shape else (note,))
    mapping = _told(table, best, {}, given, known=False)
    return replace(mapping, confidence=confidence, shape=shape, questions=() if shape else mapping.questions)


def _best(table: Table, entity: str | None, given: set[str]) -> tuple[Case | None, float]:
    """Give the entity that reads the table best, or None where no reading is good enough."""
    if entity:
        return case(entities()[entity], table), 1.0
    ranked = [one for one in cases(table) if all(_field(one.entity, name) for name in given)]
    if not ranked:
        raise Refused("unknown_field", {"fields": "、".join(given), "known": ""})
    best, second = ranked[0], ranked[1] if len(ranked) > 1 else None
    whole = best.complete and best.score >= (ENOUGH if best.coverage >= WIDE else ENOUGH_OF_WIDE)
    most = best.coverage >= HALF and len(best.fields) >= FEW and best.score > 0
    rival = max(0.0, second.score) if second else 0.0
    clear = best.complete and best.specific and len(best.fields) > FEW and best.score >= CLEAR * rival > 0
    telling = best.specific or (best.coverage >= MOST and len(best.fields) > FEW)
    if not (given or (telling and (whole or most or clear)) or best.own):
        return None, 0.0
    margin = max(0.0, best.score) / (max(0.0, best.score) + rival + 1e-9)
    sure = (HALF * best.coverage + margin) * (1.0 if best.complete else HALF) * min(1.0, HALF + best.score / 6)
    return best, round(min(1.0, max(0.0, sure)), 2)


def _recalled(table: Table, remembered: tuple[str, dict[str, str]]) -> dict[str, int | None]:
    """Give the columns of a remembered mapping; a header remembered as no field frees its column."""
    known = entities()[remembered[0]].fields
    columns = {normal(header): number for number, header in reversed(list(enumerate(table.columns)))}
    found: dict[str, int | None] = dict.fromkeys(known)
    for header, name in remembered[1].items():
        if name in known and header in columns:
            found[name] = columns[header]
    return found


def _told(table: Table, best: Case, recalled: dict[str, int | None], given: dict[str, str], *, known: bool) -> Mapping:
    """Combine evidence with what is remembered and what the user gave, the later winning."""
    said = {**recalled, **_given(table, best.entity, given)}
    taken = {column for column in said.values() if column is not None}
    fields = {name: column for name, column in best.fields.items() if name not in said and column not in taken}
    fields |= {name: column for name, column in said.items() if column is not None}
    extra = tuple(number for number in range(len(table.columns)) if number not in fields.values())
    questions = _questions(table, best, fields, set(said))
    return Mapping(best.entity.name, 1.0, fields, extra, "", _options(table, best.entity, fields), questions, known)


def _given(table: Table, entity: Entity, given: dict[str, str]) -> dict[str, int | None]:
    columns = {normal(header): number for number, header in reversed(list(enumerate(table.columns)))}
    found: dict[str, int | None] = {}
    for told, header in given.items():
        name = _field(entity, told)
        if not name:
            raise Refused("unknown_field", {"fields": told, "known": "、".join(entity.fields)})
        if header and normal(header) not in columns:
            raise Refused("unknown_header", {
                "header": header, "file": table.file, "sheet": table.sheet or "–", "headers": _listed(table),
            })  # fmt: skip
        found[name] = columns[normal(header)] if header else None
    return found


def _field(entity: Entity, told: str) -> str:
    """Find a field by its name or one of its labels."""
    if told in entity.fields:
        return told
    return next((one.name for one in entity.fields.values() if normal(told) in {normal(one.zh), normal(one.en)}), "")


def _questions(table: Table, best: Case, fields: dict[str, int], said: set[str]) -> tuple[Note, ...]:
    """List what must be asked: two columns for a field, values that do not fit, what is missing."""
    label = {name: f"{one.zh} {one.en}" for name, one in best.entity.fields.items()}
    found = []
    for name, rivals in best.rivals.items():
        if name not in said and sum(column not in fields.values() for column in rivals[1:]):
            headers = "、".join(table.columns[column] for column in rivals)
            found.append(Note("two_columns", {
                "field": label[name], "columns": headers, "chosen": table.columns[rivals[0]], "name": name,
            }))  # fmt: skip
    for name, column in best.misfits.items():
        if name not in fields and column not in fields.values() and name not in said:
            found.append(
                Note("values_do_not_fit", {"field": label[name], "column": table.columns[column], "name": name})
            )
    if missing := missing_of(best.entity, set(fields)):
        names = "、".join(label[name] for name in missing)
        found.append(Note("missing_fields", {"entity": best.entity.zh, "fields": names, "headers": _listed(table)}))
    return tuple(found)


def _options(table: Table, entity: Entity, fields: dict[str, int]) -> dict[str, str]:
    options = {"unit": unit} if (unit := unit_of(table.title) or unit_of(table.sheet)) else {}
    for name, column in fields.items():
        if entity.fields[name].type == "money" and (unit := unit_of(table.columns[column], whole_header=True)):
            options[f"unit:{name}"] = unit
    return options


def _listed(table: Table) -> str:
    named = [header for header in table.columns if header]
    more = f" …（共 {len(named)} 列 columns）" if len(named) > SHOWN else ""
    return "、".join(named[:SHOWN]) + more
