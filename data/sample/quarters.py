"""The ten quarters of the sample department."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Quarter:
    """A calendar quarter, half-open, exported on its last day."""

    label: str
    start: date
    end: date

    @property
    def exported_on(self) -> date:
        """The last day, when the department exports."""
        return self.end - timedelta(days=1)

    def __contains__(self, day: object) -> bool:
        """Tell whether a day lies in the quarter."""
        return isinstance(day, date) and self.start <= day < self.end


def _quarter(number: int) -> Quarter:
    year, index = divmod(number, 4)
    following, after = divmod(number + 1, 4)
    return Quarter(f"{year}Q{index + 1}", date(year, index * 3 + 1, 1), date(following, after * 3 + 1, 1))


QUARTERS = tuple(_quarter(number) for number in range(2024 * 4 + 1, 2026 * 4 + 3))


def quarter(label: str) -> Quarter:
    """Find a quarter by its label, such as `2025Q3`."""
    return next(item for item in QUARTERS if item.label == label)


def months(item: Quarter) -> list[tuple[int, int]]:
    """Give the three (year, month) of a quarter."""
    return [(item.start.year, item.start.month + step) for step in range(3)]
