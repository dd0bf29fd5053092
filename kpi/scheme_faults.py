"""What is wrong with an edited scheme: codes with their values, worded in kpi/scheme_faults.toml in both languages."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from kpi.catalogue import metrics
from kpi.scheme_words import percent

Row = Mapping[str, Any]
MOST_CAP, MOST_POINTS, MOST_COEFFICIENT, MOST_TARGET = 200, 100, Decimal(3), Decimal(10)
RATED = "rated"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; `worded` says what, and what to do."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def worded(self, language: str) -> str:
        """Say it in `zh` or `en`."""
        titled = {
            name: metrics()[value].title(language) if isinstance(value, str) and value in metrics() else value
            for name, value in self.values.items()
        }
        return _texts()[self.code][language].format(**titled)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "scheme_faults.toml").read_text(encoding="utf-8"))


def faults(items: Sequence[Row], bands: Sequence[Row], said: Row) -> list[Fault]:
    """List everything that is wrong with edited items (rates as fractions), grades and settings."""
    found = [*_list_of_items(items)]
    for number, row in enumerate(items, 1):
        found += _item(row, number)
    found += _bands(bands, _most(items))
    return [*found, *_settings(said, _most(items))]


def _list_of_items(items: Sequence[Row]) -> Iterator[Fault]:
    if not items:
        yield Fault("no_items")
        return
    names = Counter(_name(row) for row in items if _name(row))
    for name, times in names.items():
        if times > 1:
            yield Fault("item_twice", {"item": name, "times": times})
    weights = [row["weight"] for row in items]
    if all(weight is not None for weight in weights) and sum(weights) != 100:
        short = 100 - sum(weights)
        yield Fault("weights_short" if short > 0 else "weights_over", {"sum": sum(weights), "by": abs(short)})


def _name(row: Row) -> str:
    return str(row["name"]) if row["what"] == RATED else str(row["what"] or "")


def _item(row: Row, number: int) -> Iterator[Fault]:
    if not _name(row):
        yield Fault("item_unnamed" if row["what"] != RATED else "rating_unnamed", {"row": number})
        return
    item = {"item": _name(row)}
    if row["weight"] is None or not 1 <= row["weight"] <= 100:
        yield Fault("weight_range", item)
    if row["cap"] is None or not 1 <= row["cap"] <= MOST_CAP:
        yield Fault("cap_range", item | {"most": MOST_CAP})
    if row["what"] == RATED:
        return
    if row["name"]:
        yield Fault("name_unused", item | {"name": row["name"]})
    yield from _rule(row, item)
    yield from _floor(row, item)
    yield from _switches(row, item)


def _rule(row: Row, item: dict[str, str]) -> Iterator[Fault]:
    if row["rule"] == "ratio":
        yield from _ratio(row, item)
    elif row["rule"] == "linear":
        yield from _linear(row, item)
    else:
        yield Fault("rule_missing", item)


def _ratio(row: Row, item: dict[str, str]) -> Iterator[Fault]:
    if metrics()[row["what"]].better == "lower":
        yield Fault("ratio_rewards_more", item)
    if row["target"] is None or not 0 < row["target"] <= MOST_TARGET:
        yield Fault("target_ratio", item)
    if row["points_worse"] or row["points_better"] or row["one_account_free"]:
        yield Fault("points_need_linear", item)
    yield from _steep(row, item)


def _linear(row: Row, item: dict[str, str]) -> Iterator[Fault]:
    if row["target"] is None or not 0 <= row["target"] <= 1:
        yield Fault("target_linear", item)
    if row["points_worse"] is None or not 1 <= row["points_worse"] <= MOST_POINTS:
        yield Fault("worse_range", item | {"most": MOST_POINTS})
    if row["points_better"] is None or not 0 <= row["points_better"] <= MOST_POINTS:
        yield Fault("better_range", item | {"most": MOST_POINTS})
    elif row["points_better"] and row["cap"] is not None and row["cap"] <= 100:
        yield Fault("better_capped", item | {"cap": row["cap"]})
    if row["steep_below"] is not None or row["steep_points"]:
        yield Fault("steep_needs_ratio", item)


def _steep(row: Row, item: dict[str, str]) -> Iterator[Fault]:
    below, points = row["steep_below"], row["steep_points"]
    if below is None and not points:
        return
    if below is None or not points:
        yield Fault("steep_half", item)
    elif not 0 < below <= 1:
        yield Fault("steep_range", item)
    elif not 1 < points <= MOST_POINTS:
        yield Fault("steep_points_range", item | {"most": MOST_POINTS})
    elif row["floor"] is not None and row["target"] and row["floor"] >= below * row["target"]:
        yield Fault("steep_hidden", item | {"floor": percent(row["floor"]), "steep": percent(below * row["target"])})


def _floor(row: Row, item: dict[str, str]) -> Iterator[Fault]:
    floor, target = row["floor"], row["target"]
    if floor is None or target is None:
        return
    lower = metrics()[row["what"]].better == "lower"
    if floor < 0 or (floor <= target if lower else floor >= target):
        yield Fault(
            "floor_lower" if lower else "floor_higher", item | {"floor": percent(floor), "target": percent(target)}
        )


def _switches(row: Row, item: dict[str, str]) -> Iterator[Fault]:
    lower = metrics()[row["what"]].better == "lower"
    if row["one_account_free"] and not lower:
        yield Fault("one_account_only_losses", item)
    if row["suspected_free"] and row["what"] != "churn":
        yield Fault("suspected_only_churn", item)
    if row["planned"] and row["what"] != "new_development":
        yield Fault("planned_only_new", item)
    if not 0 <= row["year_to_date_share"] <= 1:
        yield Fault("year_range", item)
    if row["year_to_date_share"] and metrics()[row["what"]].grain == "stock":
        yield Fault("year_only_flows", item)


def _most(items: Sequence[Row]) -> Decimal:
    """Give the highest total that can be reached."""
    pairs = [(row["weight"], row["cap"]) for row in items if row["weight"] is not None and row["cap"] is not None]
    return sum((Decimal(weight) * cap for weight, cap in pairs), Decimal(0)) / 100


def _number(found: object) -> Decimal | None:
    try:
        return None if found in {None, ""} else Decimal(str(found))
    except InvalidOperation:
        return None


def _bands(bands: Sequence[Row], most: Decimal) -> list[Fault]:
    if not bands:
        return [Fault("no_bands")]
    found = [*_named(bands)]
    read = [
        (str(row.get("grade") or "").strip(), _number(row.get("from")), _number(row.get("coefficient")))
        for row in bands
    ]
    for grade, least, coefficient in read:
        if grade and least is None:
            found.append(Fault("band_from", {"grade": grade}))
        if grade and (coefficient is None or not 0 <= coefficient <= MOST_COEFFICIENT):
            found.append(Fault("coefficient_range", {"grade": grade, "most": MOST_COEFFICIENT}))
    whole = [(grade, least, coefficient) for grade, least, coefficient in read if grade and least is not None]
    if found or not whole:
        return found
    return [*_ladder(sorted(whole, key=lambda band: band[1]), most)]


def _named(bands: Iterable[Row]) -> Iterator[Fault]:
    names = [str(row.get("grade") or "").strip() for row in bands]
    for number, name in enumerate(names, 1):
        if not name:
            yield Fault("band_unnamed", {"row": number})
    for name, times in Counter(name for name in names if name).items():
        if times > 1:
            yield Fault("band_twice", {"grade": name, "times": times})


def _ladder(bands: Sequence[tuple[str, Any, Any]], most: Decimal) -> Iterator[Fault]:
    """Look for gaps, overlaps, grades out of reach and coefficients in the wrong order, from the lowest grade up."""
    grade, least, _coefficient = bands[0]
    if least != 0:
        yield Fault("band_gap" if least > 0 else "band_negative", {"grade": grade, "least": least})
    for below, above in pairwise(bands):
        if below[1] == above[1]:
            yield Fault("band_overlap", {"one": below[0], "other": above[0], "least": above[1]})
        elif below[2] > above[2]:
            told = {"better": above[0], "worse": below[0], "more": below[2], "less": above[2]}
            yield Fault("coefficient_order", told)
    if most and bands[-1][1] > most:
        yield Fault("band_out_of_reach", {"grade": bands[-1][0], "least": bands[-1][1], "most": most.normalize()})


def _settings(said: Row, most: Decimal) -> Iterator[Fault]:
    line = str(said.get("warn_below") or "").strip()
    if line:
        read = _number(line)
        if read is None:
            yield Fault("warn_not_a_number", {"given": line})
        elif not 0 < read <= (most or 100):
            yield Fault("warn_range", {"given": line, "most": (most or Decimal(100)).normalize()})
    if not 0 <= int(said["least_weight"]) <= 100:
        yield Fault("least_weight_range")
    if said.get("locked_until") and str(said["effective_from"]) <= str(said["locked_until"]):
        yield Fault("quarter_locked", {"quarter": said["effective_from"], "locked": said["locked_until"]})
