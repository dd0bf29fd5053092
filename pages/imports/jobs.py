"""Checks, loads and undos as processes of their own, which go on when the page is left."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_children: dict[str, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Job:
    """One run of `python -m loaders`, known by its folder: what was asked, how far it is, what came out."""

    folder: Path

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked: `command`, `who`, `options`, and `names` of the files by path."""
        asked: dict[str, Any] = json.loads((self.folder / "asked.json").read_text(encoding="utf-8"))
        return asked

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        child = _children.get(self.folder.name)
        if child is not None:
            return child.poll() is None
        words = Path(f"/proc/{(self.folder / 'pid').read_text()}/cmdline")
        return words.exists() and b"loaders" in words.read_bytes()

    @property
    def progress(self) -> dict[str, Any]:
        """The last stage that the process told: `stage` and, while reading, `file`, `sheet`, `rows`."""
        for line in reversed(self._told().splitlines()):
            if line.startswith("{"):
                try:
                    told: dict[str, Any] = json.loads(line)
                except ValueError:
                    continue
                return told
        return {"stage": "start"}

    @property
    def result(self) -> dict[str, Any] | None:
        """The document that came out; None where the process broke off without one."""
        try:
            document: dict[str, Any] = json.loads((self.folder / "out.json").read_text(encoding="utf-8"))
        except ValueError:
            return None
        return document

    @property
    def fault(self) -> str:
        """The last line that a broken process left, for the administrator."""
        return self._told().strip().rpartition("\n")[2][-500:]

    def stop(self) -> None:
        """End the process; the version in force stays what it was."""
        os.killpg(int((self.folder / "pid").read_text()), signal.SIGTERM)
        if child := _children.get(self.folder.name):
            child.wait()

    def forget(self) -> None:
        """Remove the job and its copies of the files; what was loaded lies untouched in the store."""
        _children.pop(self.folder.name, None)
        shutil.rmtree(self.folder)

    def again(self, store: Path, command: str, options: Mapping[str, str]) -> Job:
        """Start another command on the same files and forget this job."""
        job = _new(store)
        (self.folder / "files").rename(job.folder / "files")
        names = {path.replace(str(self.folder), str(job.folder)): name for path, name in self.asked["names"].items()}
        _run(job, store, command, {**self.asked["options"], **options}, self.asked["who"], names)
        self.forget()
        return job

    def _told(self) -> str:
        return (self.folder / "progress").read_text(encoding="utf-8", errors="replace")


def latest(store: Path) -> Job | None:
    """Return the job that is under way or whose outcome nobody put away yet."""
    folders = sorted((store / "jobs").glob("*/pid"), key=lambda path: path.stat().st_mtime)
    return Job(folders[-1].parent) if folders else None


def start(store: Path, command: str, files: Sequence[tuple[str, bytes]], options: Mapping[str, str], who: str) -> Job:
    """Write the uploaded files beside the store and start a command on them; equal names get a number."""
    job = _new(store)
    (job.folder / "files").mkdir()
    names: dict[str, str] = {}
    for number, (name, content) in enumerate(files):
        suffix = SUFFIX.search(name)
        path = job.folder / "files" / f"{number:03}{suffix[0] if suffix else ''}"
        path.write_bytes(content)
        names[str(path)] = _unlike(name, list(names.values()))
    _run(job, store, command, dict(options), who, names)
    return job


def turn(store: Path, command: str, load_id: int, who: str) -> Job:
    """Start `undo` or `redo` of a load."""
    job = _new(store)
    _run(job, store, command, {"load_id": str(load_id)}, who, {})
    return job


def refresh(store: Path, who: str) -> Job:
    """Start the building of a version with the settings and decisions of now."""
    job = _new(store)
    _run(job, store, "refresh", {}, who, {})
    return job


def _new(store: Path) -> Job:
    folder = store.resolve() / "jobs" / uuid.uuid4().hex
    folder.mkdir(parents=True)
    return Job(folder)


def _unlike(name: str, others: Sequence[str]) -> str:
    number, tried = 1, name
    while tried in others:
        number += 1
        stem, dot, suffix = name.rpartition(".")
        tried = f"{stem} ({number}).{suffix}" if dot else f"{name} ({number})"
    return tried


def _run(job: Job, store: Path, command: str, options: dict[str, str], who: str, names: dict[str, str]) -> None:
    asked = {"command": command, "options": options, "who": who, "names": names}
    (job.folder / "asked.json").write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    words = [sys.executable, "-m", "loaders", command, "--json", "--store", str(store.resolve())]
    if names:
        words += [f"--who={who}", f"--names={json.dumps(names, ensure_ascii=False)}"]
        words += [f"{option}={value}" if value else option for option, value in options.items()]
        words += ["--", *names]
    else:
        words += options.values()
    with (job.folder / "out.json").open("wb") as out, (job.folder / "progress").open("wb") as told:
        child = subprocess.Popen(  # noqa: S603 - our own program; the uploaded names are arguments, never a shell's
            words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=told, start_new_session=True
        )
    _children[job.folder.name] = child
    (job.folder / "pid").write_text(str(child.pid))
