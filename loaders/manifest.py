"""The list of loads beside the facts, so that they can be rebuilt where no facts file is left."""

from __future__ import annotations

import json
import os
from typing import Any

import duckdb

from data.store import Store

_LOADS = """
select l.*,
       f.sha256, f.name, f.size, s.sheet, s.table_no, s.entity, s.mapping, s.rows, s.sheet_id,
       ls.inserted, ls.changed, ls.unchanged, ls.rejected
from meta.load l
join meta.load_sheet ls on ls.load_id = l.load_id
join meta.sheet s on s.sheet_id = ls.sheet_id
join meta.file f on f.file_id = s.file_id
order by l.load_id, s.sheet_id
"""
# A facts file published before a column came up lacks it.
HEAD = (
    "load_id",
    "loaded_at",
    "who",
    "exported_on",
    "complete",
    "in_force",
    "note",
    "complete_from",
    "complete_to",
    "blank_erases",
    "all_accounts",
)


def read_facts(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """List the loads of a facts file with their files and, per sheet, the mapping and counts."""
    result = con.execute(_LOADS)
    names = [column[0] for column in result.description or []]
    loads: dict[int, dict[str, Any]] = {}
    for row in result.fetchall():
        cells = dict(zip(names, row, strict=True))
        head = {key: cells.get(key) for key in HEAD}
        entry = loads.setdefault(cells["load_id"], {**head, "files": {}})
        file = entry["files"].setdefault(
            (cells["sha256"], cells["name"]),
            {"sha256": cells["sha256"], "name": cells["name"], "size": cells["size"], "sheets": []},
        )
        kept = ("sheet", "table_no", "entity", "rows", "sheet_id", "inserted", "changed", "unchanged", "rejected")
        file["sheets"].append({**{key: cells[key] for key in kept}, "mapping": json.loads(cells["mapping"])})
    return [{**entry, "files": list(entry["files"].values())} for entry in loads.values()]


def write(store: Store, loads: list[dict[str, Any]]) -> None:
    """Replace the manifest of a store, atomically."""
    path = store.folder / "manifest.json"
    scratch = path.with_suffix(".new")
    with scratch.open("w", encoding="utf-8") as handle:
        handle.write(_document(loads))
        handle.flush()
        os.fsync(handle.fileno())
    scratch.replace(path)


def mend(store: Store, con: duckdb.DuckDBPyConnection) -> None:
    """Write the manifest again where a process died before it could; `con` holds the facts in force."""
    path = store.folder / "manifest.json"
    loads = read_facts(con)
    if not path.exists() or path.read_text(encoding="utf-8") != _document(loads):
        write(store, loads)


def _document(loads: list[dict[str, Any]]) -> str:
    return json.dumps({"loads": loads}, ensure_ascii=False, default=str)


def read(store: Store) -> list[dict[str, Any]]:
    """List the loads of a store: from the facts in force where they can be read, else from the manifest."""
    if store.readable:
        try:
            with duckdb.connect(str(store.facts(store.version)), read_only=True) as con:
                return read_facts(con)
        except duckdb.Error:
            # A damaged facts file is what the manifest is for.
            return stored(store)
    return stored(store)


def stored(store: Store) -> list[dict[str, Any]]:
    """List the loads that the manifest names; none where there is no manifest."""
    path = store.folder / "manifest.json"
    loads: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["loads"] if path.exists() else []
    return loads


def history(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """List the loads newest first for people: each with its files, entities and summed counts."""
    listed = []
    for entry in reversed(read_facts(con)):
        sheets = [{**sheet, "file": file["name"]} for file in entry["files"] for sheet in file["sheets"]]
        totals = {
            key: sum(sheet[key] for sheet in sheets) for key in ("rows", "inserted", "changed", "unchanged", "rejected")
        }
        listed.append(
            {
                **{key: entry[key] for key in entry if key != "files"},
                **totals,
                "sheets": [_plain(sheet) for sheet in sheets],
            }
        )
    return listed


def _plain(sheet: dict[str, Any]) -> dict[str, Any]:
    return {key: sheet[key] for key in sheet if key != "mapping"}
