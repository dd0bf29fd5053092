"""What a check built, put aside until somebody commits it: published as it is where nothing changed since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import duckdb

from data.document import dumped
from data.records import Records
from data.store import Store
from kpi.derive import Settings
from loaders.delivery import Request
from loaders.draft import Draft, Progress, finish, locked, settings_of, silent
from loaders.draft import publish as publish_draft

Settled = tuple[str, str, dict[str, str]]
FACTS, SAID = "facts.duckdb", "said.json"
LEFT_OUT = {"files", "names", "who", "note", "aside", "scores"}


def put(
    store: Store, draft: Draft, request: Request, load_id: int, files: list[dict[str, Any]], settled: list[Settled]
) -> None:
    """Move a checked draft into the folder `request.aside`, with all that its commit needs."""
    folder = request.aside or store.folder
    folder.mkdir(parents=True, exist_ok=True)
    finish(draft)
    said = {
        "of": _stamp(store, draft.settings, request),
        "load_id": load_id,
        "files": files,
        "settled": settled,
    }
    draft.path.rename(folder / FACTS)
    (folder / SAID).write_text(dumped(said), encoding="utf-8")


def publish(store: Store, request: Request, progress: Progress | None) -> dict[str, Any] | None:
    """Publish what was put aside for this request; None where there is nothing, or it is out of date by now."""
    folder = request.aside
    if folder is None or not (folder / SAID).exists() or not (folder / FACTS).exists():
        return None
    kept = json.loads((folder / SAID).read_text(encoding="utf-8"))
    with locked(store, progress, request.who):
        records = Records(store.records_url)
        settings = settings_of(store, records)
        (folder / SAID).unlink()
        if kept["of"] != _stamp(store, settings, request):
            (folder / FACTS).unlink()
            return None
        path = (folder / FACTS).rename(store.folder / "building.duckdb")
        draft = Draft(duckdb.connect(str(path)), path, folder, settings, records, progress or silent)
        draft.con.execute("begin")
        now = datetime.now().astimezone().replace(microsecond=0, tzinfo=None)
        told = [now, request.who, request.note, kept["load_id"]]
        draft.con.execute("update meta.load set loaded_at = ?, who = ?, note = ? where load_id = ?", told)
        version = publish_draft(store, draft)
        remember(records, request, kept["settled"], kept["files"])
    return {"load_id": kept["load_id"], "version": version, "files": kept["files"]}


def _stamp(store: Store, settings: Settings, request: Request) -> str:
    """Name what a version depends on: the version before it, settings, the request, the files, and the day."""
    asked = {key: each for key, each in vars(request).items() if key not in LEFT_OUT}
    files = [(request.name(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in request.files]
    own = [(path.name, path.read_bytes()) for path in sorted((store.folder / "processes").glob("*"))]
    told = (store.version, asdict(settings), asked, files, own, datetime.now().astimezone().date())
    return hashlib.sha256(repr(told).encode()).hexdigest()


def remember(records: Records, request: Request, settled: list[Settled], files: list[dict[str, Any]]) -> None:
    """Keep what people said about a file's columns for the next file of that shape, and log the load."""
    for signature, entity, fields in settled:
        records.remember(signature, entity, fields, who=request.who)
    names = [file["file"] for file in files]
    records.log(request.who, "load", names[0], {"files": names})
