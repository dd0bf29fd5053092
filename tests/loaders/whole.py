"""All that a version of the facts says, for comparing two stores table by table."""

from __future__ import annotations

from typing import Any

import duckdb

from data.store import Store

# Numbers that tell in which order files came, not what they said.
NUMBERS = {"_sheet", "sheet_id"}
TABLES = """
select schema_name, table_name, list(column_name order by column_index) from duckdb_columns()
where database_name = current_database() and schema_name in ('core', 'mart') and table_name <> 'delivery'
group by all order by all
"""


def facts(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Give the sorted rows of every table of `core` and `mart` in the version in force, as texts.

    Left out is `core.delivery`, the list of the loads and sheets themselves.
    """
    found = {}
    with duckdb.connect(str(store.facts(store.version)), read_only=True) as con:
        for schema, table, columns in con.execute(TABLES).fetchall():
            shown = ", ".join(f'cast("{name}" as varchar)' for name in columns if name not in NUMBERS)
            found[f"{schema}.{table}"] = con.execute(f'select {shown} from {schema}."{table}" order by all').fetchall()
    return found


def differing(store: Store, other: Store) -> list[str]:
    """Name the tables that say something else in two stores."""
    mine, theirs = facts(store), facts(other)
    return [name for name in sorted({*mine, *theirs}) if mine.get(name) != theirs.get(name)]
