"""Which KPI values a load would move: the draft against the version in force."""

from __future__ import annotations

from typing import Any

import duckdb

from data.scope import Viewer, open_views
from data.store import Store
from kpi.catalogue import metrics
from kpi.rollup import value

SYSTEM = Viewer("", "system")


def compare(store: Store, con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """List the values by person and quarter that differ: metric, rep, quarter, before, after and their parts."""
    drafted = con.execute("select current_database()").fetchone()
    _clear(con)
    open_views(con, drafted[0] if drafted else "", SYSTEM)
    before_cursor = store.open(SYSTEM)
    moved = []
    for name in metrics():
        before, after = _values(before_cursor, name), _values(con, name)
        for key in sorted({*before, *after}):
            old, new = before.get(key, {}), after.get(key, {})
            if (old.get("numerator"), old.get("denominator"), old.get("value")) != (
                new.get("numerator"),
                new.get("denominator"),
                new.get("value"),
            ):
                moved.append(
                    {
                        "metric": name,
                        "rep": key[0],
                        "quarter": key[1],
                        "rep_name": (new or old).get("rep_name"),
                        **_pair(old, new),
                    }
                )
    return moved


def _clear(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what the build left in its session, so that no leftover hides a table of the facts."""
    for kind, name in con.execute(
        "select 'table', table_name from duckdb_tables() where temporary "
        "union all select 'view', view_name from duckdb_views() where temporary and not internal"
    ).fetchall():
        con.execute(f'drop {kind} temp."{name}"')


def _values(cursor: duckdb.DuckDBPyConnection, name: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["rep"], row["quarter"]): row for row in value(cursor, name, by=("rep", "quarter"))}


def _pair(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {
        side: {key: row.get(key) for key in ("numerator", "denominator", "value", "status")} if row else None
        for side, row in (("before", old), ("after", new))
    }
