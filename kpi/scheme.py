"""Appraisal schemes as data: items, weights, targets, rules and bands, one file each in `kpi/schemes/`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "schemes"
RULES = {"ratio", "linear", "rating"}


class SchemeFileError(ValueError):
    """A scheme file is not usable; the message names the file and the fault."""


@dataclass(frozen=True)
class Item:
    """One line of a scheme: a metric or a rated item, its weight in percent, and how a value becomes 0–cap points.

    `floor` is the rate beyond which there are no points (below it, or above it where lower is better).
    `steep_below` is the rate below which each percentage point costs `steep_points`. `one_account_free` lets a
    base of B accounts lose one before points are lost. `year_to_date_share` mixes in the points of the year to date.
    """

    weight: int
    rule: str
    zh: str
    en: str
    metric: str = ""
    rating: str = ""
    target: Decimal = Decimal(0)
    cap: int = 100
    floor: Decimal | None = None
    points_worse: int = 0
    points_better: int = 0
    steep_below: Decimal | None = None
    steep_points: int = 0
    one_account_free: bool = False
    year_to_date_share: Decimal = Decimal(0)


@dataclass(frozen=True)
class Band:
    """One grade: from which rounded total it is given, and its pay coefficient."""

    grade: str
    zh: str
    en: str
    least: Decimal
    coefficient: Decimal


@dataclass(frozen=True)
class Scheme:
    """One version of a scheme for one role (domain.md §4.2, §8a); `adopted` once a company has put it in force."""

    name: str
    zh: str
    en: str
    role: str
    version: int
    adopted: bool
    na_policy: str
    least_weight: int
    partial_point: str
    head_share: Decimal
    hr_share: Decimal
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    first_quarter_unscored: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """Give the scheme's name on screen in `zh` or `en`."""
        return self.en if language == "en" else self.zh


def _item(path: Path, raw: dict[str, Any]) -> Item:
    numbers: dict[str, Any] = {
        key: Decimal(raw[key]) for key in ("target", "floor", "steep_below", "year_to_date_share") if key in raw
    }
    try:
        item = Item(**(raw | numbers))
    except TypeError as error:
        raise SchemeFileError(f"{path.name}: item {raw}: {error}.") from error
    if item.rule not in RULES or bool(item.metric) == bool(item.rating):
        raise SchemeFileError(
            f"{path.name}: an item needs a rule of {sorted(RULES)} and either a metric or a rating; it is {raw}."
        )
    return item


def read(path: Path) -> Scheme:
    """Read one scheme file; raise `SchemeFileError` where it contradicts itself (weights off 100, unknown rules)."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    items = tuple(_item(path, item) for item in raw.pop("items"))
    bands = tuple(
        Band(band["grade"], band["zh"], band["en"], Decimal(band["from"]), Decimal(band["coefficient"]))
        for band in raw.pop("bands")
    )
    head_share, hr_share = Decimal(raw.pop("head_share")), Decimal(raw.pop("hr_share"))
    if items and sum(item.weight for item in items) != 100:
        raise SchemeFileError(f"{path.name}: the weights add up to {sum(item.weight for item in items)}, not to 100.")
    if head_share + hr_share != 1:
        raise SchemeFileError(f"{path.name}: head_share and hr_share add up to {head_share + hr_share}, not to 1.")
    unscored = tuple(raw.pop("first_quarter_unscored", ()))
    return Scheme(
        path.stem,
        items=items,
        bands=bands,
        head_share=head_share,
        hr_share=hr_share,
        first_quarter_unscored=unscored,
        **raw,
    )


@cache
def schemes() -> dict[str, Scheme]:
    """All schemes by name."""
    return {path.stem: read(path) for path in sorted(FOLDER.glob("*.toml"))}


def scheme_for(role: str | None) -> Scheme | None:
    """Find the newest scheme of a role; people without a role are reps."""
    fitting = [scheme for scheme in schemes().values() if scheme.role == (role or "专员")]
    return max(fitting, key=lambda scheme: scheme.version, default=None)
