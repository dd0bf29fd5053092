"""Small departments given as rows, written as real CSV files and loaded as anyone's exports are."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.entity import entities
from data.records import Records
from data.store import Store
from loaders.build import Request, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Batch:
    """One load: its tables (entity to rows, field to value) and the day its exports were made."""

    tables: Mapping[str, Rows]
    exported_on: date | None = None
    complete: bool = True
    blank_erases: bool = False


def write(folder: Path, tables: Mapping[str, Rows]) -> list[Path]:
    """Write each table as a CSV file with the Chinese labels of its fields as headers; give the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for entity, rows in tables.items():
        fields = list(dict.fromkeys(name for row in rows for name in row))
        path = folder / f"{entity}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow([entities()[entity].fields[name].zh for name in fields])
            writer.writerows([["" if row.get(name) is None else str(row[name]) for name in fields] for row in rows])
        paths.append(path)
    return paths


def _mappings(tables: Mapping[str, Rows]) -> dict[tuple[str, str, int], tuple[str, dict[str, str]]]:
    return {
        (f"{entity}.csv", "", 1): (
            entity,
            {name: entities()[entity].fields[name].zh for row in rows for name in row},
        )
        for entity, rows in tables.items()
    }


def request(folder: Path, batch: Batch) -> Request:
    """Write a batch's files into a folder and ask for them to be loaded."""
    return Request(
        write(folder, batch.tables),
        mappings=_mappings(batch.tables),
        exported_on=batch.exported_on,
        complete=batch.complete,
        blank_erases=batch.blank_erases,
        who="tests",
    )


def department(folder: Path, batches: Iterable[Batch], parameters: Mapping[str, str] | None = None) -> Store:
    """Load batches one after the other into a fresh store under `folder`; every row must be taken."""
    store = Store(folder / "store")
    store.folder.mkdir(parents=True, exist_ok=True)
    records = Records(store.records_url)
    for name, setting in (parameters or {}).items():
        records.set_parameter(name, setting, who="tests", why="the case needs it")
    for number, batch in enumerate(batches, start=1):
        report = load(store, request(folder / f"batch{number}", batch))
        for file in report["files"]:
            assert not file["rejected"], file
    return store
