"""The facts file being built: the lock around it, what people decided, and how it is published or thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from data.records import Records
from data.store import Store
from kpi.derive import Settings, derive
from kpi.objections import UNBUILT
from kpi.process import ProcessFileError, processes
from loaders import manifest
from loaders.corrected import clear
from loaders.fold import fold
from loaders.messages import Refused
from loaders.schema import prepare

Progress = Callable[[str, dict[str, Any]], None]
DECIDED = ("kind", "subject", "value", "reason", "decided_at", "decided_by")


@dataclass
class Draft:
    """A facts file being built, and what went into it: one report per table seen."""

    con: duckdb.DuckDBPyConnection
    path: Path
    scratch: Path
    settings: Settings
    records: Records
    progress: Progress
    reports: list[dict[str, Any]] = field(default_factory=list)

    def settle(self, sheets: list[int] | None) -> None:
        """Fold what the sheets touch (None: everything) and derive all that follows."""
        self.progress("fold", {})
        answers = {
            str(one["subject"]): str(one["value"]) for one in self.settings.decisions if one["kind"] == "identity"
        }
        fold(self.con, sheets, answers)
        clear(self.con)
        self.progress("derive", {})
        derive(self.con, self.settings)


def silent(_stage: str, _detail: dict[str, Any]) -> None:
    """Tell nobody."""
    return


def locked(store: Store, progress: Progress | None, who: str) -> AbstractContextManager[None]:
    """Hold the store's lock as `who`; where another build has it, tell whose it is and wait."""
    told = progress or silent
    return store.locked(who=who, waiting=lambda holder: told("wait", {"holder": holder}))


@contextmanager
def drafting(store: Store, progress: Progress | None, *, fresh: bool = False, who: str = "") -> Iterator[Draft]:
    """Hold the lock, open a draft of the facts in force (an empty one where `fresh`), and leave nothing behind.

    Raises `Refused` where the facts in force are missing though loads are known: they must be rebuilt first.
    """
    with locked(store, progress, who), tempfile.TemporaryDirectory(prefix="kac-") as scratch:
        if not fresh and not store.readable and manifest.stored(store):
            raise Refused("rebuild_first", {"folder": str(store.folder)})
        path = store.draft(fresh=fresh)
        con = duckdb.connect(str(path))
        try:
            con.execute(f"set temp_directory = '{scratch}'")
            con.execute("begin")
            prepare(con)
            if store.readable and not fresh:
                manifest.mend(store, con)
            records = Records(store.records_url)
            yield Draft(con, path, Path(scratch), settings_of(store, records), records, progress or silent)
        finally:
            con.close()
            path.unlink(missing_ok=True)
            path.with_suffix(".duckdb.wal").unlink(missing_ok=True)


def settings_of(store: Store, records: Records) -> Settings:
    """Collect what people decided; raises `Refused` where a process of their own is wrong."""
    try:
        processes(store.processes)
    except ProcessFileError as fault:
        raise Refused("process_file", {"fault": fault.message("zh"), "fault_en": fault.message("en")}) from fault
    taken = [decision for decision in records.decisions() if decision.kind not in UNBUILT]
    decisions = [{key: getattr(decision, key) for key in DECIDED} for decision in taken]
    return Settings(records.parameters(), decisions, store.processes)


def publish(store: Store, draft: Draft) -> int:
    """Make the draft the version in force and return its number."""
    draft.progress("publish", {})
    loads = manifest.read_facts(draft.con)
    finish(draft)
    version = store.publish(draft.path)
    manifest.write(store, loads)
    return version


def finish(draft: Draft) -> None:
    """Write a draft out and close its file."""
    draft.con.execute("commit")
    if draft.con.execute("select 1 from duckdb_databases() where database_name = 'in_force'").fetchone():
        draft.con.execute("detach in_force")
    draft.con.execute("checkpoint")
    draft.con.close()


def next_number(con: duckdb.DuckDBPyConnection, table: str, column: str) -> int:
    """Give the number after the highest of a table."""
    row = con.execute(f"select coalesce(max({column}), 0) + 1 from {table}").fetchone()
    return int(row[0]) if row else 1
