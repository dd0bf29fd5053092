"""Versions of the facts: the lock, the atomic publish, and opening one person's view."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data.scope import Viewer, open_views

__all__ = ["BusyError", "EmptyStoreError", "Store", "Viewer"]

KEEP = 5
_hub = duckdb.connect(":memory:")
_attaching = threading.Lock()


class BusyError(RuntimeError):
    """Another build holds the store's lock."""


class EmptyStoreError(RuntimeError):
    """The store has no published version yet; load a file first."""


@dataclass(frozen=True)
class Store:
    """A folder with kept raw files, published facts versions, a pointer and a lock (docs/architecture.md)."""

    folder: Path

    @classmethod
    def default(cls, given: str | None = None) -> Store:
        """Return the store named on the command line, in `KAC_STORE`, or `data/var` of the project."""
        home = Path(__file__).parent / "var"
        return cls(Path(given or os.environ.get("KAC_STORE") or home))

    @property
    def records_url(self) -> str:
        """Where the records live: `KAC_RECORDS`, or `records.db` in the folder."""
        return os.environ.get("KAC_RECORDS") or f"sqlite:///{self.folder / 'records.db'}"

    @property
    def processes(self) -> Path:
        """Folder of the company's own process models, beside the shipped ones."""
        return self.folder / "processes"

    @property
    def version(self) -> int:
        """Number of the version in force; 0 where nothing was ever published."""
        pointer = self.folder / "current"
        return int(pointer.read_text().strip()[6:12]) if pointer.exists() else 0

    @property
    def readable(self) -> bool:
        """Whether a version is in force and its file is there."""
        return bool(self.version) and self.facts(self.version).exists()

    def facts(self, version: int) -> Path:
        """Path of one published version."""
        return self.folder / f"facts-{version:06d}.duckdb"

    def keep_raw(self, path: Path) -> str:
        """Copy a file untouched under its SHA-256 and return the hash; a file kept before is left alone.

        The hash is that of the copy, whatever became of the file meanwhile.
        """
        folder = self.folder / "raw"
        folder.mkdir(parents=True, exist_ok=True)
        scratch = folder / f"{os.getpid()}-{threading.get_ident()}.part"
        digest = _copied(path, scratch)
        if self.raw(digest).exists():
            scratch.unlink()
            return digest
        _sync(scratch)
        scratch.replace(self.raw(digest))
        _sync(folder)
        return digest

    def raw(self, digest: str) -> Path:
        """Path under which a kept file lies."""
        return self.folder / "raw" / digest

    @contextmanager
    def locked(
        self, *, wait: bool = True, who: str = "", waiting: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """Hold the build lock as `who`; it dies with the process.

        Where another holds it, `waiting` is told who that is; without `wait`, `BusyError` names the holder.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                handle.seek(0)
                holder = handle.read().strip() or "?"
                if not wait:
                    raise BusyError(holder) from error
                if waiting:
                    waiting(holder)
                fcntl.flock(handle, fcntl.LOCK_EX)
            handle.seek(0)
            handle.truncate()
            handle.write(f"{who} ({os.getpid()})\n" if who else f"{os.getpid()}\n")
            handle.flush()
            self._sweep()
            yield

    def _sweep(self) -> None:
        """Remove what a killed build left: drafts, half copies, and files newer than the version in force."""
        for path in (*self.folder.glob("building*"), *self.folder.glob("raw/*.part")):
            path.unlink()
        for path in self.folder.glob("facts-*.duckdb*"):
            if int(path.name[6:12]) > self.version:
                path.unlink()

    def draft(self, *, fresh: bool = False) -> Path:
        """Copy the facts in force to a working file (an empty one where `fresh` or nothing was published)."""
        path = self.folder / "building.duckdb"
        if self.version and not fresh:
            shutil.copyfile(self.facts(self.version), path)
        return path

    def publish(self, draft: Path) -> int:
        """Make a finished draft the version in force, atomically, and return its number."""
        version = self.version + 1
        _sync(draft)
        target = self.facts(version)
        draft.rename(target)
        _sync(self.folder)
        pointer = self.folder / "current.new"
        pointer.write_text(target.stem + "\n")
        _sync(pointer)
        pointer.replace(self.folder / "current")
        _sync(self.folder)
        self._prune(version)
        return version

    def _prune(self, version: int) -> None:
        pinned = self.pinned()
        for path in self.folder.glob("facts-*.duckdb"):
            number = int(path.name[6:12])
            if number <= version - KEEP and number not in pinned:
                path.unlink()

    def pinned(self) -> set[int]:
        """Versions that a locked quarter still needs: those listed in the file `pinned`, one number a line."""
        path = self.folder / "pinned"
        return {int(line) for line in path.read_text().split()} if path.exists() else set()

    def pin(self, version: int) -> None:
        """Keep a version for good; raise `EmptyStoreError` where its file is gone already."""
        pinned = self.folder / "pinned"
        scratch = pinned.with_suffix(".new")
        scratch.write_text("".join(f"{number}\n" for number in sorted(self.pinned() | {version})))
        _sync(scratch)
        scratch.replace(pinned)
        _sync(self.folder)
        if not self.facts(version).exists():
            raise EmptyStoreError(str(self.facts(version)))

    def open(self, viewer: Viewer, version: int | None = None) -> duckdb.DuckDBPyConnection:
        """Return a cursor whose unqualified names are temporary views of what the viewer may see.

        Raises `EmptyStoreError` where no version was published. One cursor serves one thread at a time.
        """
        number = version or self.version
        if not number:
            raise EmptyStoreError(str(self.folder))
        cursor = _hub.cursor()
        open_views(cursor, self._attach(number), viewer)
        return cursor

    def _attach(self, version: int) -> str:
        path = self.facts(version).resolve()
        alias = "v_" + hashlib.sha256(str(path).encode()).hexdigest()[:12]
        with _attaching:
            _hub.execute(f"attach if not exists '{str(path).replace(chr(39), chr(39) * 2)}' as {alias} (read_only)")
        return alias


def _copied(path: Path, target: Path) -> str:
    """Copy a file and give the SHA-256 of the copy."""
    digest = hashlib.sha256()
    with path.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
