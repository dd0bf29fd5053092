"""Contacts whose name is split into family and given name."""

from __future__ import annotations

import duckdb

from loaders.read import Table
from loaders.shapes.base import columns_in, kept, made

FAMILY = frozenset({"lastname", "familyname", "surname", "姓", "姓氏"})
GIVEN = frozenset({"firstname", "givenname", "名"})
WHOLE = frozenset({"name", "fullname", "姓名", "联系人", "联系人姓名", "contactname"})


def claims(table: Table, entity: str = "") -> bool:
    """Claim contacts with both halves of the name and no whole one."""
    halves = columns_in(table, FAMILY) and columns_in(table, GIVEN)
    return entity in {"", "kdm", "rep"} and bool(halves) and not columns_in(table, WHOLE)


def reshape(con: duckdb.DuckDBPyConnection, table: Table) -> list[Table]:
    """Add the whole name: 张 + 伟 = 张伟, Gonzalez + Rose = Rose Gonzalez."""
    family, given = (f"trim(coalesce(c{columns_in(table, words)[0]}, ''))" for words in (FAMILY, GIVEN))
    chinese = f"regexp_matches({family} || {given}, '[\\x{{3400}}-\\x{{9fff}}]')"
    whole = f"nullif(CASE WHEN {chinese} THEN {family} || {given} ELSE trim({given} || ' ' || {family}) END, '')"
    return [made(con, table, [*kept(table), ("姓名", whole)])]
