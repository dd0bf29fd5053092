"""The same facts under other rules: derived anew into a scratch copy, which nobody else sees and nothing keeps."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from data.scope import Viewer, open_views
from data.store import EmptyStoreError, Store
from kpi.derive import Settings, derive
from kpi.parameters import ParameterError, parameters

SYSTEM = Viewer("", "system")


@contextmanager
def otherwise(
    store: Store, changes: Mapping[str, str], viewer: Viewer = SYSTEM, version: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a cursor, as `Store.open` does, on a version derived with some settings changed.

    Raises `ParameterError` for an unknown setting or a value it cannot have.
    """
    number = version or store.version
    if not number:
        raise EmptyStoreError(str(store.folder))
    for name, value in changes.items():
        if name not in parameters():
            raise ParameterError(name, value, "没有这个设置", "there is no such setting")
        parameters()[name].check(value)
    with tempfile.TemporaryDirectory(prefix="kac-") as folder:
        path = Path(folder) / "otherwise.duckdb"
        shutil.copyfile(store.facts(number), path)
        _derive(path, changes)
        with duckdb.connect(str(path), read_only=True) as con:
            open_views(con, path.stem, viewer)
            yield con


def _derive(path: Path, changes: Mapping[str, str]) -> None:
    with duckdb.connect(str(path)) as con:
        given = dict(con.execute("select name, value from core.parameter").fetchall())
        result = con.execute("select * from core.decision")
        names = [column[0] for column in result.description or []]
        decisions = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        derive(con, Settings({**given, **changes}, decisions))
