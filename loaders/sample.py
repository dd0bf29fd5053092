"""The sample department into an empty store, batch by batch, through the same loaders as everyone's files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from data import sample
from data.store import Store
from loaders.build import Request, load
from loaders.draft import Progress


def load_sample(store: Store, progress: Progress, exports: Path | None = None) -> dict[str, Any]:
    """Load each batch of the sample's exports, unless the store holds anything; return version and number of loads.

    The export files are written into `exports` in any case; without it, they are gone afterwards.
    """
    if exports is None:
        with tempfile.TemporaryDirectory(prefix="kac-sample-") as folder:
            return _load(store, progress, [] if store.version else list(sample.loads(Path(folder))))
    batches = list(sample.loads(exports))
    return _load(store, progress, [] if store.version else batches)


def _load(store: Store, progress: Progress, batches: list[sample.Batch]) -> dict[str, Any]:
    for batch in batches:
        progress("sample", {"quarter": batch.quarter})
        note = f"示例部门 {batch.quarter}"
        load(store, Request(list(batch.files), exported_on=batch.exported_on, who="sample", note=note))
    return {"version": store.version, "loads": len(batches)}
