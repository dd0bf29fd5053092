"""Awkward tables made plain: each module claims a layout and turns it into tables of one fact a row.

A shape is a module with `claims(table, entity)` – does this layout apply, given the entity the user
named or "" – and `reshape(con, table) -> list[Table]`. The tables it gives keep `_row`, the row of
the sheet each fact came from (several facts may come from one row), and carry plain headers, so
that `loaders.match.propose` reads them like any other table.
"""

from __future__ import annotations

from types import ModuleType

import duckdb

from loaders.read import Table
from loaders.shapes import (
    address,
    beside,
    contacts,
    continuation,
    field_history,
    months,
    names,
    periods,
    stage_dates,
    stage_log,
)

# The order in which a table is offered: what splits a table comes before what completes its columns.
SHAPES: tuple[ModuleType, ...] = (
    beside, field_history, stage_log, stage_dates, months, periods, contacts, names, address, continuation,
)  # fmt: skip


def named(module: ModuleType) -> str:
    """Give the name by which a mapping refers to a shape."""
    return module.__name__.rpartition(".")[2]


def claiming(table: Table, entity: str = "", done: frozenset[str] = frozenset()) -> str:
    """Name the first shape that claims a table, or give ``""``; shapes in `done` are not asked."""
    return next((named(shape) for shape in SHAPES if named(shape) not in done and shape.claims(table, entity)), "")


def roles() -> dict[str, tuple[str, str, str]]:
    """Give what a column can be besides a field: role -> the entity it serves, and its name in both languages."""
    return {role: said for shape in SHAPES for role, said in getattr(shape, "ROLES", {}).items()}


def written(role: str) -> str:
    """Give the header under which the shapes know a role or field."""
    return next((shape.HEADS[role] for shape in SHAPES if role in getattr(shape, "HEADS", {})), role)


def reshape(con: duckdb.DuckDBPyConnection, table: Table, shape: str) -> list[Table]:
    """Apply a shape and whatever further shapes claim its results; none is applied twice to a table."""
    return _reshaped(con, table, shape, frozenset())


def _reshaped(con: duckdb.DuckDBPyConnection, table: Table, shape: str, done: frozenset[str]) -> list[Table]:
    module = next(one for one in SHAPES if named(one) == shape)
    pieces: list[Table] = module.reshape(con, table)
    used = done | {shape}
    found: list[Table] = []
    for piece in pieces:
        further = claiming(piece, piece.entity, used)
        found += _reshaped(con, piece, further, used) if further else [piece]
    return found
