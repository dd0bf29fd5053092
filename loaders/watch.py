"""A folder watched for files: each is loaded once it has stopped growing, then put away with a report beside it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from data.document import dumped
from data.store import Store
from kpi.derive import BrokenMartError
from loaders import manifest
from loaders.build import Request, load
from loaders.draft import Progress
from loaders.messages import Refused, text
from loaders.spoken import spoken

EVERY = 5.0
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp", "~")
OF_THE_STORE = {"rebuild_first"}
OUTCOMES = ("done", "refused")
WHO = "watch"


@dataclass(frozen=True)
class Arrival:
    """A file as it lay in the folder at one look: its path, size in bytes and time of change in nanoseconds."""

    path: Path
    size: int
    changed: int

    @property
    def mark(self) -> str:
        """The note of its load, by which a file already taken is known after a kill."""
        moment = datetime.fromtimestamp(self.changed // 10**9, tz=UTC)
        return f"{self.path.name} · {moment:%Y-%m-%dT%H:%M:%S}.{self.changed % 10**9:09}Z"


def arrivals(folder: Path) -> list[Arrival]:
    """List the files that lie in a folder by name; what is hidden, unfinished or no plain file is left alone."""
    found = []
    for path in sorted(folder.iterdir()):
        name = path.name.lower()
        if name.startswith((".", "~")) or name.endswith(UNFINISHED) or path.is_symlink() or not path.is_file():
            continue
        stat = path.stat()
        found.append(Arrival(path, stat.st_size, stat.st_mtime_ns))
    return found


@dataclass
class Watcher:
    """What the watching of one folder knows: the store, and what lay there at the look before."""

    store: Store
    folder: Path
    progress: Progress
    before: set[Arrival] = field(default_factory=set)

    def look(self) -> list[dict[str, Any]]:
        """Take every file that is as it was at the look before; give the report of each.

        Raises what stops any load (a full disk, a store to be rebuilt); the file then stays where it is.
        """
        now = arrivals(self.folder)
        ready = [arrival for arrival in now if arrival in self.before]
        reports = [report for arrival in ready if (report := self._take(arrival))]
        self.before = set(now) - set(ready)
        return reports

    def _take(self, arrival: Arrival) -> dict[str, Any] | None:
        """Load one file from a copy that cannot change, report, put away; None where it changed meanwhile."""
        self.progress("take", {"file": arrival.path.name})
        with tempfile.TemporaryDirectory(prefix="kac-watch-") as scratch:
            copy = Path(scratch) / f"file{arrival.path.suffix}"
            try:
                shutil.copyfile(arrival.path, copy)
                if _seen(arrival.path) != (arrival.size, arrival.changed):
                    return None
                report = self._load(arrival, copy)
            except FileNotFoundError:
                if arrival.path.exists():
                    raise
                return None
            except PermissionError:
                report = _refused(arrival, Refused("watch_unreadable", {"file": arrival.path.name}))
            self._put_away(arrival, copy, report)
        self.progress(report["outcome"], {"file": arrival.path.name})
        return report

    def _load(self, arrival: Arrival, copy: Path) -> dict[str, Any]:
        taken = self._taken(arrival, copy)
        if taken:
            said = Refused("watch_taken", {"file": arrival.path.name, "load": taken["load_id"]})
            return {**_report(arrival, "done"), "load_id": taken["load_id"], "notice": _worded(said)}
        request = Request([copy], who=WHO, note=arrival.mark, names={copy: arrival.path.name})
        try:
            loaded = load(self.store, request, self.progress)
        except Refused as refusal:
            if refusal.code in OF_THE_STORE:
                raise
            return _refused(arrival, refusal)
        except (BrokenMartError, duckdb.Error) as error:
            if isinstance(error, duckdb.IOException):
                raise
            return _refused(arrival, Refused("failed", {"fault": " ".join(str(error).split())}))
        files = [{key: file[key] for key in file if key != "path"} for file in loaded["files"]]
        return {**_report(arrival, "done"), **loaded, "files": files}

    def _taken(self, arrival: Arrival, copy: Path) -> dict[str, Any] | None:
        """Give the load that took this very arrival: same name, time of change and content."""
        with copy.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        for entry in manifest.read(self.store):
            if entry["note"] == arrival.mark and digest in {file["sha256"] for file in entry["files"]}:
                return entry
        return None

    def _put_away(self, arrival: Arrival, copy: Path, report: dict[str, Any]) -> None:
        """Move a file to `done` or `refused`; its report is there first, so that no file lies there without one."""
        place = self.folder / report["outcome"]
        place.mkdir(exist_ok=True)
        target = free(place / arrival.path.name)
        _write(Path(f"{target}.json"), dumped(report))
        _write(Path(f"{target}.txt"), worded(report))
        if _seen(arrival.path) != (arrival.size, arrival.changed):
            # Somebody wrote a newer file over it: that one waits its turn.
            shutil.copyfile(copy, target)
            return
        arrival.path.rename(target)
        if _seen(target) != (arrival.size, arrival.changed):
            target.rename(free(arrival.path))
            shutil.copyfile(copy, target)


def watch(
    store: Store, folder: Path, progress: Progress, *, once: bool = False, every: float = EVERY
) -> dict[str, Any]:
    """Watch a folder until interrupted, or, with `once`, look twice and take what lay still.

    Return `{"version", "done": [names], "refused": [names]}`. Raises `Refused` where the folder is missing or
    watched already. Safe to kill at any moment: a file taken twice is known by the note of its load.
    """
    if not folder.is_dir():
        raise Refused("watch_no_folder", {"folder": str(folder)})
    reports: list[dict[str, Any]] = []
    with _alone(folder):
        watcher = Watcher(store, folder, progress)
        watcher.look()
        try:
            while True:
                time.sleep(every)
                reports += watcher.look()
                if once:
                    break
        except KeyboardInterrupt:
            progress("stopped", {})
    named = {outcome: [each["file"] for each in reports if each["outcome"] == outcome] for outcome in OUTCOMES}
    return {"version": store.version, **named}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder against a second watcher; the hold dies with the process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Refused("watch_twice", {"folder": str(folder)}) from error
    finally:
        os.close(handle)


def free(path: Path) -> Path:
    """Give a path that nothing lies under: the one asked for, else with a number before its ending."""
    number, tried = 1, path
    while tried.exists() or tried.is_symlink():
        number += 1
        tried = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return tried


def worded(report: dict[str, Any]) -> str:
    """Word a report for people, in both languages."""
    head = {"done": "已载入 · loaded", "refused": "已拒收，数据未改动 · refused, nothing changed"}[report["outcome"]]
    lines = [f"{report['file']}: {head}", report["at"]]
    for said in (report.get("notice"), report.get("refused")):
        lines += [said["zh"], said["en"]] if said else []
    body = spoken("load", report) if report.get("files") else ""
    return "\n".join(lines) + "\n" + body


def _report(arrival: Arrival, outcome: str) -> dict[str, Any]:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return {"file": arrival.path.name, "outcome": outcome, "at": now, "size": arrival.size}


def _refused(arrival: Arrival, refusal: Refused) -> dict[str, Any]:
    return {**_report(arrival, "refused"), "refused": _worded(refusal)}


def _worded(said: Refused) -> dict[str, str]:
    return {"code": said.code, "zh": text(said, "zh"), "en": text(said, "en")}


def _seen(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _write(path: Path, content: str) -> None:
    scratch = path.with_name(f".{path.name}.part")
    scratch.write_text(content, encoding="utf-8")
    scratch.replace(path)
