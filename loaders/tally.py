"""What a load did to the rows in force: new, changed, unchanged, with samples of what became what."""

from __future__ import annotations

from typing import Any

import duckdb

from data.entity import entities
from loaders.fold import IDENTIFIED
from loaders.schema import resolved_fields

SAMPLES = 20


class Tally:
    """A snapshot of the rows that some sheets are about to touch, to be compared with the same rows after folding."""

    def __init__(self, con: duckdb.DuckDBPyConnection, sheets: list[int]) -> None:
        """Remember the rows that the sheets' entities hold now; call it after delivering and before folding."""
        self.con = con
        listed = ", ".join(map(str, sheets))
        names = con.execute(f"select distinct entity from meta.sheet where sheet_id in ({listed})").fetchall()
        self.listed = listed
        for (name,) in names:
            where = (
                f'_key in (select _key from delivered."{name}" where sheet_id in ({listed}))'
                if name not in IDENTIFIED
                else "true"
            )
            con.execute(
                f'create or replace temp table "before_{name}" as select {self._columns(name)} '
                f'from core."{name}" where {where}'
            )

    def _columns(self, entity: str) -> str:
        """Select the key and what files said, without what other files make of a reference."""
        resolved = resolved_fields(entities()[entity])
        shown = [f'"{name}_given"' if name in resolved else f'"{name}"' for name in entities()[entity].fields]
        return ", ".join(["_key", *shown, "extra"])

    def counts(self, sheet_id: int, entity: str) -> dict[str, Any]:
        """Count the distinct keys of a sheet that are new, changed and unchanged, and sample the changes and faults."""
        if entity in IDENTIFIED:
            table, identity = IDENTIFIED[entity]
            keys = (
                f'select distinct k.{identity} as _key from delivered."{entity}" d join {table} k '
                f"on k._key = d._key where d.sheet_id = {sheet_id}"
            )
        else:
            keys = f'select distinct _key from delivered."{entity}" where sheet_id = {sheet_id}'
        compared = (
            f'select k._key, b, a from ({keys}) k left join (select _key, b from "before_{entity}" b) b using (_key) '
            f'left join (select _key, a from (select {self._columns(entity)} from core."{entity}") a) a using (_key)'
        )
        row = self.con.execute(
            "select count(*) filter (where b is null), count(*) filter (where b is not null "
            "and b is distinct from a), "
            f"count(*) filter (where b is not null and b is not distinct from a) from ({compared})"
        ).fetchone()
        inserted, changed, unchanged = row or (0, 0, 0)
        samples = self.con.execute(
            f"select _key, b, a from ({compared}) where b is not null and b is distinct from a order by _key "
            f"limit {SAMPLES}"
        ).fetchall()
        return {
            "inserted": inserted,
            "changed": changed,
            "unchanged": unchanged,
            "changes": [_change(key, before, after or {}) for key, before, after in samples],
            "errors": self._errors(sheet_id),
        }

    def _errors(self, sheet_id: int) -> list[dict[str, Any]]:
        result = self.con.execute(
            "select row_no as row, column_name as column, field, value, reason, rejected from meta.error "
            "where sheet_id = ? order by row_no, field limit 200",
            [sheet_id],
        )
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _change(key: str, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    fields = {name: [before[name], after.get(name)] for name in before if before[name] != after.get(name)}
    return {
        "key": key,
        "fields": {name: [None if v is None else str(v) for v in pair] for name, pair in fields.items()},
    }
