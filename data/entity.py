"""Entities as data: what each file in `data/entities/` declares about one kind of export."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "entities"

SQL_TYPES = {
    "text": "VARCHAR",
    "id": "VARCHAR",
    "enum": "VARCHAR",
    "int": "BIGINT",
    "number": "DECIMAL(18,4)",
    "money": "DECIMAL(18,4)",
    "percent": "DECIMAL(18,6)",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "bool": "BOOLEAN",
}


@dataclass(frozen=True)
class Field:
    """One field of an entity.

    `type` is a key of `SQL_TYPES`; `refers` names the entity this id or name points to
    (`account` or `rep`). `stage` (A1, A2, A3 or empty) says from which stage of the five-stage
    process the field counts, with `weight` points, towards file completeness. `visibility` is a
    class of domain.md §1: I, O, R, S or H. `values` maps a canonical enum value to the spellings
    that mean it; a `strict` field claims a column only where the values are known ones.
    `junk_ok` lists spellings that are junk elsewhere and legitimate here.
    """

    name: str
    zh: str
    en: str
    type: str = "text"
    visibility: str = "I"
    weight: int = 0
    stage: str = ""
    synonyms: tuple[str, ...] = ()
    refers: str = ""
    values: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    junk_ok: tuple[str, ...] = ()
    strict: bool = False

    @property
    def sql_type(self) -> str:
        """Give the DuckDB type of the stored column."""
        return SQL_TYPES[self.type]

    def label(self, language: str) -> str:
        """Give the field's name on screen in `zh` or `en`."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class Entity:
    """One kind of export: its fields, in order, and how a row is recognised.

    `keys` are alternatives: a row is known by the first whose fields are all filled. (The files
    shorten them: `account_id|account_name` is either field, `version?` a part that may be empty.) A field in
    `required` that is missing or unreadable rejects the row; elsewhere it is left empty and
    reported. `hints` are words in a sheet or file name that speak for this entity.
    """

    name: str
    zh: str
    en: str
    keys: tuple[tuple[str, ...], ...]
    required: tuple[str, ...]
    fields: dict[str, Field]
    hints: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """Give the entity's name on screen in `zh` or `en`."""
        return self.en if language == "en" else self.zh


class EntityFileError(ValueError):
    """An entity file is not usable; the message names the file and the fault."""


def _field(path: Path, name: str, raw: dict[str, Any]) -> Field:
    known = set(Field.__dataclass_fields__) - {"name"}
    if unknown := set(raw) - known:
        raise EntityFileError(
            f"{path.name}: field {name} has unknown settings {sorted(unknown)}; known: {sorted(known)}."
        )
    if raw.get("type", "text") not in SQL_TYPES:
        raise EntityFileError(f"{path.name}: field {name} has type {raw['type']!r}; known are {sorted(SQL_TYPES)}.")
    values = {key: tuple(spellings) for key, spellings in raw.pop("values", {}).items()}
    synonyms, junk_ok = tuple(raw.pop("synonyms", ())), tuple(raw.pop("junk_ok", ()))
    return Field(name=name, values=values, synonyms=synonyms, junk_ok=junk_ok, **raw)


def _alternatives(key: list[str]) -> list[tuple[str, ...]]:
    """Spell out a key: `a|b` stands for either field, a trailing `?` for a part that may be empty."""
    choices = [[*part.rstrip("?").split("|"), *([""] if part.endswith("?") else [])] for part in key]
    return [tuple(name for name in chosen if name) for chosen in product(*choices)]


def read(path: Path) -> Entity:
    """Read one entity file; raise `EntityFileError` where it contradicts itself."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    fields = {name: _field(path, name, settings) for name, settings in raw["fields"].items()}
    keys = tuple(alternative for key in raw["keys"] for alternative in _alternatives(key))
    required = tuple(raw.get("required", ()))
    for name in (*required, *(name for key in keys for name in key)):
        if name not in fields:
            raise EntityFileError(f"{path.name}: key or required field {name} is not declared; fields: {list(fields)}.")
    return Entity(path.stem, raw["zh"], raw["en"], keys, required, fields, tuple(raw.get("hints", ())))


@cache
def entities() -> dict[str, Entity]:
    """Read all entities, by name, in the order of their file names."""
    return {path.stem: read(path) for path in sorted(FOLDER.glob("*.toml"))}
