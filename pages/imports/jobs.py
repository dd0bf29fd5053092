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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pages.parts import session

ROOT = Path(__file__).parents[2]
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")
ASIDE = "aside"
PATIENCE = 5
SCORES_SHOWN_TO = frozenset({"head", "hr"})
_children: dict[str, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Asker:
    """Who asks for a job: `key` as they signed in, `person` as the log names them, and whether they see scores."""

    key: str
    person: str
    scores: bool = False

    @classmethod
    def now(cls) -> Asker:
        """Return who is signed in."""
        who, viewer = session.person(), session.viewer()
        return cls(who.key if who else viewer.role, viewer.person, scores=viewer.role in SCORES_SHOWN_TO)


@dataclass(frozen=True)
class Job:
    """One run of `python -m loaders`, known by its folder: what was asked, how far it is, what came out."""

    folder: Path

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked: `command`, `asker`, `options`, and `names` of the files by path."""
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
        """End the process, by force where it lingers; the version in force stays what it was."""
        group = int((self.folder / "pid").read_text())
        os.killpg(group, signal.SIGTERM)
        if child := _children.get(self.folder.name):
            try:
                child.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(group, signal.SIGKILL)
                child.wait()

    def forget(self) -> None:
        """Remove the job and its copies of the files; what was loaded lies untouched in the store."""
        _children.pop(self.folder.name, None)
        shutil.rmtree(self.folder)

    def again(self, store: Path, command: str, options: Mapping[str, str], *, without: str = "") -> Job:
        """Start another command on the same files (all but one that is named) and forget this job."""
        job = _new(store)
        for name in ("files", ASIDE):
            if (self.folder / name).exists():
                (self.folder / name).rename(job.folder / name)
        names = {
            path.replace(str(self.folder), str(job.folder)): name
            for path, name in self.asked["names"].items()
            if name != without
        }
        _run(job, store, command, {**self.asked["options"], **options}, Asker(**self.asked["asker"]), names)
        self.forget()
        return job

    def _told(self) -> str:
        return (self.folder / "progress").read_text(encoding="utf-8", errors="replace")


def latest(store: Path, asker: Asker) -> Job | None:
    """Return the job of a person that is under way or whose outcome they did not put away yet."""
    mine = [job for job in _all(store) if job.asked["asker"]["key"] == asker.key]
    return mine[-1] if mine else None


def of_others(store: Path, asker: Asker) -> list[str]:
    """Name the other people whose jobs are under way."""
    found = [job.asked["asker"] for job in _all(store) if job.running]
    return [each["person"] or each["key"] for each in found if each["key"] != asker.key]


def _all(store: Path) -> list[Job]:
    folders = sorted((store / "jobs").glob("*/pid"), key=lambda path: path.stat().st_mtime)
    return [Job(path.parent) for path in folders]


def check(store: Path, files: Sequence[tuple[str, bytes]], options: Mapping[str, str], asker: Asker) -> Job:
    """Start the check of uploaded files; whose scores would move is asked for those who may know it."""
    return start(store, "check", files, {**options, **({"--scores": ""} if asker.scores else {})}, asker)


def start(
    store: Path, command: str, files: Sequence[tuple[str, bytes]], options: Mapping[str, str], asker: Asker
) -> Job:
    """Write the uploaded files beside the store and start a command on them; equal names get a number."""
    job = _new(store)
    (job.folder / "files").mkdir()
    names: dict[str, str] = {}
    for number, (name, content) in enumerate(files):
        suffix = SUFFIX.search(name)
        path = job.folder / "files" / f"{number:03}{suffix[0] if suffix else ''}"
        path.write_bytes(content)
        names[str(path)] = _unlike(name, list(names.values()))
    _run(job, store, command, dict(options), asker, names)
    return job


def turn(store: Path, command: str, load_id: int, asker: Asker) -> Job:
    """Start `undo` or `redo` of a load."""
    job = _new(store)
    _run(job, store, command, {"load_id": str(load_id)}, asker, {})
    return job


def refresh(store: Path, asker: Asker) -> Job:
    """Start the building of a version with the settings and decisions of now."""
    job = _new(store)
    _run(job, store, "refresh", {}, asker, {})
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


def _run(job: Job, store: Path, command: str, options: dict[str, str], asker: Asker, names: dict[str, str]) -> None:
    asked = {"command": command, "options": options, "asker": asdict(asker), "names": names}
    (job.folder / "asked.json").write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    words = [sys.executable, "-m", "loaders", command, "--json", "--store", str(store.resolve())]
    if command != "refresh":
        words.append(f"--who={asker.person}")
    if names:
        words += [f"--names={json.dumps(names, ensure_ascii=False)}", f"--aside={job.folder / ASIDE}"]
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
