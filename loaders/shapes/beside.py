"""Tables side by side in one sheet, a blank column between them."""

from __future__ import annotations

from itertools import pairwise

import duckdb

from loaders.evidence import cases
from loaders.read import Table
from loaders.shapes.base import any_filled, made


def claims(table: Table, entity: str = "") -> bool:
    """Claim tables that each side of the gaps makes one of its own: its key and little that nobody knows."""
    if entity or not table.gaps:
        return False
    return all(_is_one(table, columns) for columns in _sides(table))


def _sides(table: Table) -> list[range]:
    return [range(first, last) for first, last in pairwise([0, *table.gaps, len(table.columns)])]


def _is_one(table: Table, columns: range) -> bool:
    sample = tuple(row[columns.start : columns.stop] for row in table.sample)
    side = Table(table.file, table.sheet, 1, 1, table.columns[columns.start : columns.stop], 0, "", (), sample, "")
    best = cases(side)[0]
    return best.complete and best.coverage >= 0.5 and len(best.fields) > 1


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Give each side by itself, without the rows that only another side has."""
    return [
        made(
            con,
            table,
            [(table.columns[column], f"c{column}") for column in columns],
            f"(SELECT * FROM ({table.sql}) WHERE {any_filled(columns)})",
        )
        for columns in _sides(table)
    ]
