"""What many tests share: the sample department, loaded once for all workers."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import pytest

from data.store import Store


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give the sample department in a store of its own, loaded batch by batch through the loaders.

    Workers of one run share it: whoever comes first builds it under a lock. Treat it as read-only.
    """
    from loaders.sample import load_sample  # noqa: PLC0415 - only runs that use the sample pay for its generator

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    folder = shared / "sample-store"
    with (shared / "sample-store.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            load_sample(Store(folder), lambda _stage, _detail: None)
            (folder / "complete").touch()
    return Store(folder)


@pytest.fixture
def copied_sample(sample_store: Store, tmp_path: Path) -> Store:
    """Give a copy of the sample department that a test may change."""
    folder = tmp_path / "store"
    shutil.copytree(sample_store.folder, folder)
    return Store(folder)
