"""What people say of the columns of an awkward table before its shape is applied, and how it is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from data.entity import entities
from loaders import shapes
from loaders.header import BESIDE_MONTH
from loaders.labels import normal, unit_of
from loaders.messages import Refused
from loaders.read import Table
from loaders.shapes.period_labels import label_of

ANSWER, KEPT = "source:", "@source:"
BY_SHAPE = "@shape"


@dataclass(frozen=True)
class Source:
    """A table as it stands in the file, before its shape.

    `roles` is what people said of its columns by number: a field, a role of a shape (`1月`), or "" for a column that
    is kept as an extra. `taken` gives for each column what it was read as, `BY_SHAPE` where only the shape reads it.
    `kinds` are the entities of what the shape made of the table.
    """

    table: Table
    roles: dict[int, str] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def told(answers: Mapping[str, str]) -> dict[int, str]:
    """Give what the answers of a table say of its source columns: `source:3` -> a role."""
    return {int(key.removeprefix(ANSWER)): role for key, role in answers.items() if key.startswith(ANSWER)}


def given(table: Table, fields: Mapping[str, str]) -> dict[int, str]:
    """Give field -> header as what it says of the source columns."""
    return {table.columns.index(header): name for name, header in fields.items() if header in table.columns}


def form(table: Table) -> str:
    """Name the form of an awkward table: its headers, those of months and quarters counted as one."""
    heads = {"@period" if label_of(BESIDE_MONTH.sub("", header)) else normal(header) for header in table.columns}
    return "form|" + "|".join(sorted(heads - {""}))


def kept(source: Source) -> dict[str, str]:
    """Give what people said of the columns as it is remembered for the next file of this form."""
    return {KEPT + _spot(source.table, number): role for number, role in source.roles.items()}


def recalled(table: Table, remembered: Mapping[str, str]) -> dict[int, str]:
    """Find the columns that were spoken of in an earlier file of this form."""
    spots = {KEPT + _spot(table, number): number for number in range(len(table.columns))}
    return {spots[key]: role for key, role in remembered.items() if key in spots}


def _spot(table: Table, number: int) -> str:
    """Name a column by its header, or by its place where that does not tell it from the others."""
    heads = [normal(header) for header in table.columns]
    return heads[number] if heads[number] and heads.count(heads[number]) == 1 else f"#{number}"


def renamed(table: Table, roles: Mapping[int, str]) -> Table:
    """Head the columns that people spoke of so that shapes and fields take them as said; a unit stays."""
    known = {name for entity in entities().values() for name in entity.fields} | set(shapes.roles())
    if unknown := [role for role in roles.values() if role and role not in known]:
        raise Refused("unknown_field", {"fields": "、".join(unknown), "known": "、".join(shapes.roles())})
    columns = [
        _header(number, header, roles[number]) if number in roles else header
        for number, header in enumerate(table.columns)
    ]
    return replace(table, columns=tuple(columns))


def _header(number: int, header: str, role: str) -> str:
    if not role:
        return f"附加列{number + 1}"
    unit = unit_of(header, whole_header=True)
    return f"{shapes.written(role)}({unit})" if unit else shapes.written(role)


def fields_of(piece: Table, table: Table, roles: Mapping[int, str]) -> dict[str, str]:
    """Give field -> header of the columns of a piece that people spoke of; `table` is the renamed one."""
    named = {role: table.columns[number] for number, role in roles.items() if role and role not in shapes.roles()}
    return {role: header for role, header in named.items() if header in piece.columns}


def origins(pieces: Sequence[Table], table: Table) -> list[list[int | None]]:
    """Give for each column of each piece the source column that it came from, None for one the shape made.

    Of several columns of one header each is met in turn, as lists side by side hold them.
    """
    met: dict[str, int] = {}
    found = []
    for piece in pieces:
        line: list[int | None] = []
        for header in piece.columns:
            spots = [number for number, name in enumerate(table.columns) if name == header]
            line.append(spots[min(met.get(header, 0), len(spots) - 1)] if spots else None)
            met[header] = met.get(header, 0) + 1
        found.append(line)
    return found


def restored(piece: Table, table: Table, came: Sequence[int | None]) -> Table:
    """Give a piece its headers back as the file writes them, so that faults and extras name them."""
    columns = (header if at is None else table.columns[at] for header, at in zip(piece.columns, came, strict=True))
    return replace(piece, columns=tuple(columns))


def taken(
    table: Table, roles: Mapping[int, str], came: Sequence[Sequence[int | None]], fields: Sequence[Mapping[str, int]]
) -> tuple[str, ...]:
    """Say of each source column what it was read as; `fields` are those of the pieces, by column."""
    read = dict.fromkeys(range(len(table.columns)), BY_SHAPE)
    for line, known in zip(came, fields, strict=True):
        by_column = {column: name for name, column in known.items()}
        for column, at in enumerate(line):
            if at is not None and read[at] in {BY_SHAPE, ""}:
                read[at] = by_column.get(column, "")
    return tuple((read | dict(roles)).values())
