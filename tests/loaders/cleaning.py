"""One column through the real `clean` on a real DuckDB, for the tests of typed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from data.entity import Field
from loaders.clean import learn
from loaders.messages import Note
from loaders.values import Column


@dataclass(frozen=True)
class Outcome:
    """What became of a column: its values in row order, the reason of each failed text, the notes."""

    values: list[Any]
    reasons: dict[str, str]
    notes: list[Note]

    @property
    def codes(self) -> set[str]:
        """The codes of the notes."""
        return {note.code for note in self.notes}


def column(kind: str, *, name: str = "x", unit: int = 1, **options: str) -> Column:
    return Column("c0", Field(name, "甲", "A", kind), "列一", Decimal(unit), options)


def clean(con: duckdb.DuckDBPyConnection, source: str, columns: Sequence[Column], out: str) -> list[Note]:
    """Write what a reading makes of a source: the typed rows as `out`, the faults as `<out>_error`."""
    reading, notes = learn(con, source, columns)
    con.execute(f"CREATE TABLE {out} AS SELECT s._row, {reading.typed} FROM {source} s {reading.joins}")
    con.execute(f"CREATE TABLE {out}_error AS FROM ({reading.faults}) ORDER BY 1, 3")
    reading.forget(con)
    return notes


def cleaned(texts: Sequence[str | None], wanted: Column) -> Outcome:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE given(_row BIGINT, c0 VARCHAR)")
        if texts:
            marks = ", ".join(f"({place}, ?)" for place in range(len(texts)))
            con.execute(f"INSERT INTO given VALUES {marks}", list(texts))
        notes = clean(con, "given", [wanted], "typed")
        rows = con.execute("SELECT * EXCLUDE (_row) FROM typed ORDER BY _row").fetchall()
        errors = con.execute("SELECT value, reason FROM typed_error").fetchall()
    return Outcome([value for (value,) in rows], dict(errors), notes)


def read(kind: str, texts: Sequence[str | None], **more: Any) -> Outcome:  # noqa: ANN401 - options of a column
    return cleaned(texts, column(kind, **more))
