"""The rerun of every page, beside the rerun of an empty page on a server of the same kind."""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench.client import Run, Visitor
from bench.report import Line
from data.store import Store, Viewer

TIMES = 15
START_SECONDS = 60


class ServerError(RuntimeError):
    """A server did not answer in time, or went away."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(*words: str, store: Path) -> Iterator[str]:
    """Run a server of ours and give its address once it answers."""
    port = _free_port()
    environment = {**os.environ, "KAC_STORE": str(store.resolve())}
    with subprocess.Popen(
        [sys.executable, *words, "--port", str(port)], env=environment, stdout=subprocess.DEVNULL
    ) as running:
        try:
            _await(f"http://127.0.0.1:{port}", running)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


def _await(url: str, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and running.poll() is None:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=1):  # noqa: S310 - the address is ours
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise ServerError(f"no answer at {url}")


def _reruns(visitor: Visitor, page: str = "") -> tuple[Run, float, Run]:
    """Give the first run of a page, the median of its reruns in milliseconds, and the last."""
    first = visitor.run(page)
    runs = [visitor.run(page) for _ in range(TIMES)]
    return first, statistics.median(run.milliseconds for run in runs), runs[-1]


def _person(folder: Path) -> str:
    """Give the address of somebody who may open most pages: a head that was loaded."""
    with Store(folder).open(Viewer("bench", "system")) as cursor:
        row = cursor.execute("SELECT min(rep_id) FROM rep WHERE role LIKE '%经理'").fetchone()
    return str(row[0]) if row and row[0] else "head"


def measure(folder: Path) -> Iterator[Line]:
    """Yield a line a page that a head may open."""
    with _server("-m", "bench.floor", store=folder) as url, Visitor(url) as visitor:
        _, floor, _ = _reruns(visitor)
    query = f"me={_person(folder)}"
    with _server("serve.py", store=folder) as url:
        with Visitor(url, query) as visitor:
            visitor.run()
            pages = list(visitor.pages)
        for page in filter(None, pages):
            with Visitor(url, query) as visitor:
                visitor.run()
                first, took, last = _reruns(visitor, page)
            note = f"first {first.milliseconds:.0f} ms, {last.received / 1000:.0f} kB a rerun"
            yield Line(f"rerun {page}", took, floor, note + (" · FAILED" if last.failed else ""))
