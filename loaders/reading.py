"""How a table is read: as it stands or through a shape, by what people say and what they said of such a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import duckdb

from loaders import shapes, source
from loaders.labels import normal, unit_of
from loaders.match import Mapping, is_answer, propose, signature
from loaders.read import Table
from loaders.stage import Staged, from_told

Recall = Callable[[str], tuple[str, dict[str, str]] | None]
COLUMN, STATED = "@column:", "@stated"


def mapped(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    entity: str | None,
    given: dict[str, str],
    remembered: Recall,
    columns: dict[str, int] | None = None,
    roles: dict[int, str] | None = None,
) -> list[Staged]:
    """Say how a table is read: as it stands, or as the plain tables that a shape makes of it.

    `columns` tells by number which of several columns of one name holds a field, `roles` what columns are before
    a shape is applied.
    """
    before = _fitting(table, remembered(source.form(table)))
    if before or roles:
        placed = {number: name for name, number in (columns or {}).items()}
        return _shaped(con, table, entity, given, remembered, before, placed | (roles or {}))
    recalled = _fitting(table, remembered(signature(table)))
    proposed = propose(table, entity, given, recalled)
    if not proposed.shape:
        at = _columns(recalled) if proposed.remembered else {}
        return [Staged(table, _placed(table, proposed, at | (columns or {})))]
    return _shaped(con, table, entity, given, remembered, None, {})


def _shaped(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    entity: str | None,
    given: dict[str, str],
    remembered: Recall,
    before: tuple[str, dict[str, str]] | None,
    roles: dict[int, str],
) -> list[Staged]:
    """Read a table through its shape, its columns being what people said now or of an earlier file of this form."""
    known = before[1] if before else {}
    roles = source.recalled(table, known) | source.given(table, given) | roles
    given = {key[1:]: text for key, text in known.items() if key.startswith("=")} | given
    kind = entity or (before[0] if before else "") or None
    headed = source.renamed(table, roles)
    shape = shapes.claiming(headed, kind or "")
    pieces = shapes.reshape(con, headed, shape) if shape else [headed]
    came = source.origins(pieces, headed)
    staged = []
    for number, piece in enumerate(pieces, start=1):
        told = {name: header for name, header in given.items() if header in {"", *piece.columns} or is_answer(name)}
        told |= source.fields_of(piece, headed, roles)
        said = propose(piece, kind if len(pieces) == 1 else piece.entity or None, told, remembered(signature(piece)))
        said = replace(said, shape="", remembered=said.remembered or before is not None)
        staged.append(Staged(source.restored(piece, table, came[number - 1]), said, shape, number))
    taken = source.taken(table, roles, came, [one.mapping.fields for one in staged])
    kinds = tuple(dict.fromkeys(one.mapping.entity for one in staged))
    return [replace(one, source=source.Source(table, roles, taken, kinds)) for one in staged]


def again(con: duckdb.DuckDBPyConnection, table: Table, told: dict[str, Any]) -> Staged:
    """Give a table as an earlier load read it, from what `Staged.told` kept."""
    roles = {int(at): role for at, role in told.get("roles", {}).items()}
    headed = source.renamed(table, roles)
    pieces = shapes.reshape(con, headed, told["shape"]) if told["shape"] else [headed]
    at = told["piece"] - 1
    piece = source.restored(pieces[at], table, source.origins(pieces, headed)[at])
    return Staged(piece, from_told(piece, told), told["shape"], told["piece"], source.Source(table, roles))


def _stated(table: Table) -> str:
    return unit_of(table.title) or unit_of(table.sheet) or ""


def _fitting(table: Table, recalled: tuple[str, dict[str, str]] | None) -> tuple[str, dict[str, str]] | None:
    """Forget a unit answered for a file that stated another unit (or none) than this one."""
    if recalled is None or recalled[1].get(STATED, "") == _stated(table):
        return recalled
    return recalled[0], {key: text for key, text in recalled[1].items() if key != "=unit"}


def _columns(recalled: tuple[str, dict[str, str]] | None) -> dict[str, int]:
    said = recalled[1] if recalled else {}
    return {key.removeprefix(COLUMN): int(number) for key, number in said.items() if key.startswith(COLUMN)}


def _placed(table: Table, mapping: Mapping, columns: dict[str, int]) -> Mapping:
    """Move fields to the columns that people chose by number."""
    fields = mapping.fields | {name: number for name, number in columns.items() if number < len(table.columns)}
    extra = tuple(number for number in range(len(table.columns)) if number not in fields.values())
    return replace(mapping, fields=fields, extra=extra)


def fingerprinted(staged: Staged) -> tuple[str, dict[str, str]]:
    """Give what to remember for files of this shape: the signature, normalised header -> field, and the answers."""
    if staged.source:
        return _form(staged, staged.source)
    mapping, columns = staged.mapping, staged.table.columns
    by_column = {column: field for field, column in mapping.fields.items()}
    fields = {normal(header): by_column.get(number, "") for number, header in enumerate(columns) if header}
    answers = {f"={key}": mapping.options[key] for key in mapping.answers}
    twice = {f"{COLUMN}{name}": str(at) for name, at in mapping.fields.items() if columns.count(columns[at]) > 1}
    return signature(staged.table), {**fields, **answers, **twice, STATED: _stated(staged.table)}


def _form(staged: Staged, before: source.Source) -> tuple[str, dict[str, str]]:
    """Give what to remember for tables of this form: what its columns are before the shape, and the answers."""
    answers = {f"={key}": staged.mapping.options[key] for key in staged.mapping.answers}
    return source.form(before.table), {**source.kept(before), **answers, STATED: _stated(before.table)}
