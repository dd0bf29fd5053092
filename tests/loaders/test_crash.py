"""Builds that are killed at any moment leave the version in force, and the next build succeeds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import duckdb

from data.store import Store
from loaders import manifest
from loaders.build import Request, history, load
from tests.loaders.whole import facts

ROOT = Path(__file__).parents[2]
MOMENTS = 30
# Loads the files given, one after the other, as one command each would, without starting Python for each.
BUILDING = """
import sys
from pathlib import Path
from data.store import Store
from loaders.build import Request, load
print("ready", flush=True)
for path in sys.argv[2:]:
    load(Store(Path(sys.argv[1])), Request([Path(path)]))
"""


def written(folder: Path, number: int) -> Path:
    path = folder / f"订单{number}.csv"
    path.write_text(f"订单编号,下单日期,客户编号,业务员,订单金额\nS{number},2025-03-01,A1,张伟,100\n", encoding="utf-8")
    return path


def started(store: Store, paths: list[Path]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILDING, str(store.folder), *map(str, paths)]
    build = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert build.stdout is not None
    assert build.stdout.readline() == "ready\n"
    return build


def readable(store: Store) -> int:
    """Count the orders in the version in force, as a page that opens it now would."""
    with duckdb.connect(str(store.facts(store.version)), read_only=True) as con:
        row = con.execute("select count(*) from core.orders").fetchone()
        assert row is not None
        return int(row[0])


def test_a_killed_build_leaves_the_version_in_force(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    begun = time.monotonic()
    load(store, Request([written(tmp_path, 0)]))
    span = time.monotonic() - begun
    random = Random(2026)  # noqa: S311 - test data, no secret
    paths = [written(tmp_path, number) for number in range(1, 9)]
    reached = 0
    for _ in range(MOMENTS):
        version, orders = store.version, readable(store)
        with started(store, paths) as build:
            time.sleep(random.uniform(0, span))
            os.killpg(build.pid, signal.SIGKILL)
        reached = max(reached, store.version)
        assert version <= store.version <= version + len(paths)
        assert readable(store) >= orders
    load(store, Request([written(tmp_path, 9)]))
    assert store.version > reached
    assert {path.name for path in store.folder.iterdir()} >= {"current", "manifest.json", "raw"}
    assert not list(store.folder.glob("building*"))
    assert not list((store.folder / "raw").glob("*.part"))
    assert len(manifest.stored(store)) == len(history(store))
    assert ("S9",) in {row[1:2] for row in facts(store)["core.orders"]}
