"""What all shapes share: finding columns by their headers, and describing a table made by SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import duckdb

from data.entity import entities
from loaders.labels import normal, spellings
from loaders.read import SAMPLE, Table


def literal(text: str | None) -> str:
    """Give an SQL string literal."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def words_of(entity: str, *fields: str) -> frozenset[str]:
    """Give every normalised header by which an entity knows these fields."""
    known = entities()[entity].fields
    return frozenset(
        normal(word) for name in fields for word in (name, known[name].zh, known[name].en, *known[name].synonyms)
    )


def columns_where(table: Table, test: Callable[[str], object]) -> list[int]:
    """Give the columns one of whose header's readings passes a test."""
    return [number for number, header in enumerate(table.columns) if any(test(word) for word, _ in spellings(header))]


def columns_in(table: Table, words: Iterable[str]) -> list[int]:
    """Give the columns whose header is one of some normalised words."""
    wanted = frozenset(words)
    return columns_where(table, lambda word: word in wanted)


def matches(table: Table, pattern: re.Pattern[str]) -> dict[int, re.Match[str]]:
    """Give the columns whose header, as written, matches a pattern in full."""
    found = {number: pattern.fullmatch(header.strip()) for number, header in enumerate(table.columns)}
    return {number: match for number, match in found.items() if match}


def filled(table: Table, column: int) -> list[str]:
    """Give the filled sample values of a column."""
    return [cell for row in table.sample if column < len(row) and (cell := row[column])]


def made(con: duckdb.DuckDBPyConnection, table: Table, columns: list[tuple[str, str]], source: str = "") -> Table:
    """Describe a table made of another.

    `columns` are (header, SQL expression over the old columns); `source` replaces the old relation,
    which gives `_row` and `c0`, `c1` …, where rows are unpivoted, joined or filtered.
    """
    picks = ", ".join(f"CAST({expression} AS VARCHAR) AS c{number}" for number, (_, expression) in enumerate(columns))
    sql = f"SELECT _row, {picks} FROM {source or f'({table.sql})'}"
    sample = con.execute(f"SELECT * EXCLUDE (_row) FROM ({sql}) ORDER BY _row LIMIT {SAMPLE}").fetchall()
    counted = con.execute(f"SELECT count(*) FROM ({sql})").fetchone()
    rows = int(counted[0]) if counted else 0
    headers = tuple(header for header, _ in columns)
    return replace(table, columns=headers, rows=rows, sample=tuple(map(tuple, sample)), sql=sql, gaps=())


def kept(table: Table, but: Iterable[int] = ()) -> list[tuple[str, str]]:
    """Give the columns of a table as they are, except some."""
    left_out = frozenset(but)
    return [(header, f"c{number}") for number, header in enumerate(table.columns) if number not in left_out]


def any_filled(columns: Iterable[int]) -> str:
    """Give the SQL test that at least one of the columns holds something."""
    return " OR ".join(f"trim(coalesce(c{number}, '')) <> ''" for number in columns) or "FALSE"
