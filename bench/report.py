"""What was measured, each beside its floor: one line a measurement."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A measurement in milliseconds beside the floor of the same run; without a floor it is part of another line."""

    what: str
    took: float
    floor: float | None = None
    note: str = ""

    def __str__(self) -> str:
        ratio = f"{self.floor:10.1f} {self.took / self.floor:8.2f}×" if self.floor else " " * 20
        return f"{self.what:<44} {self.took:10.1f} {ratio}  {self.note}".rstrip()


HEADING = f"{'':<44} {'ms':>10} {'floor ms':>10} {'ratio':>9}"


def median(action: Callable[[], object], times: int) -> float:
    """Give the median time of an action in milliseconds."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        action()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)
