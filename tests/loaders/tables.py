"""A table as `loaders.read` would give it, made from rows written in a test."""

from __future__ import annotations

from loaders.read import Table


def literal(cell: str | None) -> str:
    """Write one cell as SQL."""
    return "NULL::VARCHAR" if cell is None else "'" + cell.replace("'", "''") + "'"


def table(
    columns: list[str],
    rows: list[list[str | None]] | None = None,
    *,
    file: str = "export.csv",
    sheet: str = "",
    title: str = "",
    first_row: int = 2,
) -> Table:
    """Make a table whose SQL holds the rows themselves."""
    cells = [[cell or None for cell in row] + [None] * (len(columns) - len(row)) for row in rows or []]
    lines = [f"({number}::BIGINT, {', '.join(map(literal, row))})" for number, row in enumerate(cells, first_row)]
    names = ", ".join(["_row", *(f"c{number}" for number in range(len(columns)))])
    empty = f"SELECT NULL::BIGINT AS _row, {', '.join(f'NULL::VARCHAR AS c{n}' for n in range(len(columns)))} LIMIT 0"
    sql = f"SELECT * FROM (VALUES {', '.join(lines)}) AS t({names})" if lines else empty
    return Table(file, sheet, 1, 1, tuple(columns), len(cells), title, (), tuple(map(tuple, cells)), sql)
