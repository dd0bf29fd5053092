"""The sample department into an empty store, batch by batch, through the same loaders as everyone's files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import sample
from loaders.build import Request, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.store import Store


def load_sample(store: Store, progress: Callable[[str, dict[str, Any]], None]) -> dict[str, Any]:
    """Write the sample exports and load each batch, unless the store holds anything; returns the version."""
    if store.version:
        return {"version": store.version, "loads": 0}
    with tempfile.TemporaryDirectory(prefix="kac-sample-") as folder:
        batches = list(sample.loads(Path(folder)))
        for batch in batches:
            progress("sample", {"quarter": batch.quarter})
            load(store, Request(list(batch.files), exported_on=batch.exported_on, who="sample", note=f"示例部门 {batch.quarter}"))
    return {"version": store.version, "loads": len(batches)}
