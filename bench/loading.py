"""Loading a large CSV through the command line, beside DuckDB's own `CREATE TABLE AS` from the same file."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from bench import department
from bench.report import Line, median


class LoadError(RuntimeError):
    """The loaders refused or failed; the message is what they said."""


def _raw(path: Path, folder: Path) -> None:
    target = folder / "raw.duckdb"
    target.unlink(missing_ok=True)
    with duckdb.connect(target) as con:
        con.execute("CREATE TABLE raw AS SELECT * FROM read_csv(?)", [str(path)])


def _load(paths: list[Path], store: Path) -> Iterator[tuple[str, float]]:
    """Load files as one load; yield what the loaders said they were at, with the moment they said it."""
    words = ["load", *map(str, paths), "--store", str(store), "--exported-on", department.EXPORTED_ON, "--json"]
    command = [sys.executable, "-m", "loaders", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        said = []
        for line in running.stderr or ():
            said.append(line)
            if line.startswith("{"):
                yield json.loads(line)["stage"], time.perf_counter()
        document = running.stdout.read() if running.stdout else ""
    if running.returncode:
        raise LoadError("".join(said[-20:]) + document[-2000:])


def measure(paths: dict[str, Path], store: Path) -> Iterator[Line]:
    """Load everything small, then yield the time of the orders: as a whole, and stage by stage."""
    list(_load([path for name, path in paths.items() if name != "orders"], store))
    floor = median(lambda: _raw(paths["orders"], store), 3)
    begun = last = time.perf_counter()
    stages: dict[str, float] = {}
    at = "start"
    for stage, moment in _load([paths["orders"]], store):
        stages[at] = stages.get(at, 0) + moment - last
        at, last = stage, moment
    ended = time.perf_counter()
    stages[at] = stages.get(at, 0) + ended - last
    size = paths["orders"].stat().st_size / 1e6
    yield Line("load orders", (ended - begun) * 1000, floor, f"{size:.0f} MB; floor: CREATE TABLE AS")
    yield from (Line(f"  of it {stage}", took * 1000) for stage, took in stages.items())
