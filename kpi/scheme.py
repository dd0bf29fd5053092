"""Appraisal schemes as data: items, weights, targets, rules and bands, one file each in `kpi/schemes/`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
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
    `suspected_free` leaves out losses that nobody confirmed. `planned` names a kind of plan; where a person has one,
    the item is judged on what was reached of it since the year began (domain.md §8a.3).
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
    suspected_free: bool = False
    planned: str = ""

    @property
    def over_the_year(self) -> bool:
        """Whether the item looks at the year to date too."""
        return bool(self.year_to_date_share or self.planned)


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
    effective_from: str = ""
    warn_below: Decimal | None = None

    def label(self, language: str) -> str:
        """Give the scheme's name on screen in `zh` or `en`."""
        return self.en if language == "en" else self.zh


def _item(name: str, raw: dict[str, Any]) -> Item:
    numbers: dict[str, Any] = {
        key: Decimal(str(raw[key]))
        for key in ("target", "floor", "steep_below", "year_to_date_share")
        if raw.get(key) is not None
    }
    try:
        item = Item(**(raw | numbers))
    except TypeError as error:
        raise SchemeFileError(f"{name}: item {raw}: {error}.") from error
    if item.rule not in RULES or bool(item.metric) == bool(item.rating):
        raise SchemeFileError(
            f"{name}: an item needs a rule of {sorted(RULES)} and either a metric or a rating; it is {raw}."
        )
    return item


def read(path: Path) -> Scheme:
    """Read one scheme file; raise `SchemeFileError` where it contradicts itself (weights off 100, unknown rules)."""
    return parse(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))


def parse(name: str, raw: Mapping[str, Any]) -> Scheme:
    """Make a scheme of what a file or a record says; raise `SchemeFileError` where it contradicts itself."""
    said = dict(raw)
    items = tuple(_item(name, item) for item in said.pop("items"))
    bands = tuple(
        Band(band["grade"], band["zh"], band["en"], Decimal(band["from"]), Decimal(band["coefficient"]))
        for band in said.pop("bands")
    )
    head_share, hr_share = Decimal(said.pop("head_share")), Decimal(said.pop("hr_share"))
    line = said.pop("warn_below", None)
    if items and sum(item.weight for item in items) != 100:
        raise SchemeFileError(f"{name}: the weights add up to {sum(item.weight for item in items)}, not to 100.")
    if head_share + hr_share != 1:
        raise SchemeFileError(f"{name}: head_share and hr_share add up to {head_share + hr_share}, not to 1.")
    return Scheme(
        name,
        items=items,
        bands=bands,
        head_share=head_share,
        hr_share=hr_share,
        first_quarter_unscored=tuple(said.pop("first_quarter_unscored", ())),
        warn_below=None if line in {None, ""} else Decimal(str(line)),
        **said,
    )


def document(scheme: Scheme) -> dict[str, Any]:
    """Give a scheme as plain values, from which `parse` makes it again."""
    bands = [
        {"grade": b.grade, "zh": b.zh, "en": b.en, "from": str(b.least), "coefficient": str(b.coefficient)}
        for b in scheme.bands
    ]
    kept = {name: _plain(found) for name, found in vars(scheme).items() if name not in {"name", "items", "bands"}}
    return kept | {"items": [{k: _plain(v) for k, v in vars(i).items()} for i in scheme.items], "bands": bands}


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Decimal) else value


@cache
def schemes() -> dict[str, Scheme]:
    """All schemes that ship, by name."""
    return {path.stem: read(path) for path in sorted(FOLDER.glob("*.toml"))}


def known(stored: Iterable[Scheme] = ()) -> dict[str, Scheme]:
    """All schemes by name: those that ship and those that the company wrote."""
    return schemes() | {scheme.name: scheme for scheme in stored}


def scheme_for(role: str | None, quarter: str = "", stored: Iterable[Scheme] = ()) -> Scheme | None:
    """Find the scheme of a role in force in a quarter: the one effective last; people without a role are reps."""
    fitting = [
        scheme
        for scheme in known(stored).values()
        if scheme.role == (role or "专员") and (not quarter or scheme.effective_from <= quarter)
    ]
    return max(fitting, key=lambda scheme: (scheme.effective_from, scheme.version), default=None)
