"""A believable sales department of ten quarters, and the exports its systems write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.sample.faults import FAULTS, Fault
from data.sample.story import STORY

FOLDER = Path(__file__).parent / "exports"
__all__ = ["FAULTS", "FOLDER", "STORY", "Batch", "Fault", "loads"]


@dataclass(frozen=True)
class Batch:
    """One quarter's exports: its label (`2024Q2`), the day they were exported, and the files."""

    quarter: str
    exported_on: date
    files: tuple[Path, ...]


def loads(folder: Path = FOLDER) -> Iterator[Batch]:
    """Write the exports into `folder`, quarter by quarter, and give each batch in order."""
    from data.sample.quarters import QUARTERS  # noqa: PLC0415 -- the story is importable without the generator
    from data.sample.write import batch  # noqa: PLC0415

    for item in QUARTERS:
        yield Batch(item.label, item.exported_on, tuple(batch(folder, item)))
