"""A scheme as two tables and a few settings, as the editor shows it, and back; rates stand in percent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from kpi.catalogue import metrics
from kpi.scheme import Item, Scheme, document, parse
from kpi.scheme_faults import Fault, faults
from kpi.scheme_words import percent, worded

RATED = "rated"
PLAN = "新客户数"
RATES = ("target", "floor", "steep_below", "year_to_date_share")
COUNTS = ("weight", "cap", "points_worse", "points_better", "steep_points")
SWITCHES = ("one_account_free", "suspected_free")
DEFAULTS = {"cap": 100, "points_worse": 0, "points_better": 0, "steep_points": 0}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Draft:
    """What was edited: the scheme where it holds together, else what is wrong with it."""

    scheme: Scheme | None
    faults: tuple[Fault, ...] = ()


def item_rows(scheme: Scheme) -> list[dict[str, Any]]:
    """Give a scheme's items as rows: `what` is a metric or `RATED`, `name` that of a rated item."""
    return [_item_row(scheme, item) for item in scheme.items]


def _item_row(scheme: Scheme, item: Item) -> dict[str, Any]:
    row: dict[str, Any] = {"what": item.metric or RATED, "name": item.rating, "rule": item.rule}
    row |= {name: getattr(item, name) for name in (*COUNTS, *SWITCHES)}
    row |= {name: _percent(getattr(item, name)) for name in RATES}
    return row | {"planned": bool(item.planned), "unscored": item.metric in scheme.first_quarter_unscored}


def band_rows(scheme: Scheme) -> list[dict[str, Any]]:
    """Give a scheme's grades as rows, the best first."""
    bands = sorted(scheme.bands, key=lambda band: -band.least)
    return [
        {"grade": b.grade, "zh": b.zh, "en": b.en, "from": float(b.least), "coefficient": float(b.coefficient)}
        for b in bands
    ]


def settings_of(scheme: Scheme) -> dict[str, Any]:
    """Give a scheme's settings as the editor shows them."""
    return {
        "effective_from": scheme.effective_from,
        "warn_below": "" if scheme.warn_below is None else str(scheme.warn_below),
        "na_policy": scheme.na_policy,
        "partial_point": scheme.partial_point,
        "least_weight": scheme.least_weight,
        "head_percent": int(scheme.head_share * 100),
        "adopted": scheme.adopted,
    }


def drafted(base: Scheme, items: Sequence[Row], bands: Sequence[Row], said: Row, version: int) -> Draft:
    """Make the next version of a scheme from what was edited, or say what is wrong and what to do.

    `version` equal to the base's keeps its name: the base itself, edited.
    """
    rows = [_typed(row) for row in items if _filled(row)]
    grades = [dict(row) for row in bands if _filled(row)]
    wrong = faults(rows, grades, said)
    if wrong:
        return Draft(None, tuple(wrong))
    raw = document(base) | _settings(said) | {"version": version}
    raw |= {"bands": [_band(row) for row in grades], "items": [], "warn_below": str(said["warn_below"]).strip()}
    raw["first_quarter_unscored"] = [row["what"] for row in rows if row["unscored"]]
    raw |= {key: re.sub(r" v\d+.*$", f" v{version}", raw[key]) for key in ("zh", "en") if version != base.version}
    stem = re.sub(r"_v\d+$", "", base.name)
    made = parse(base.name if version == base.version else f"{stem}_v{version}", raw)
    return Draft(replace(made, items=tuple(_item(base, row) for row in rows)))


def changes(base: Scheme, made: Scheme) -> list[tuple[str, str, object, object]]:
    """List what differs: item (or grade, or empty), the name of the value, before and after."""
    before, after = _flat(base), _flat(made)
    keys = [*before, *(key for key in after if key not in before)]
    return [(*key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _flat(scheme: Scheme) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    for row in item_rows(scheme):
        key = row["name"] or row["what"]
        found |= {(key, name): cell for name, cell in row.items() if name not in {"what", "name"}}
    for row in band_rows(scheme):
        found |= {(row["grade"], name): row[name] for name in ("from", "coefficient")}
    return found | {("", name): cell for name, cell in settings_of(scheme).items()}


def _filled(row: Row) -> bool:
    """Say whether anything was entered: an empty row at the end of a table is none."""
    return any(cell not in {None, "", False} for cell in row.values())


def _typed(row: Row) -> dict[str, Any]:
    """Give a row with numbers where they can be read; what cannot is None, which the checks name."""
    found: dict[str, Any] = {
        "what": row.get("what"),
        "name": str(row.get("name") or "").strip(),
        "rule": row.get("rule"),
    }
    if found["what"] == RATED:
        found["rule"] = "rating"
    for name in COUNTS:
        given = _decimal(row.get(name))
        found[name] = DEFAULTS.get(name) if row.get(name) in {None, ""} else _whole(given)
    for name in RATES:
        given = _decimal(row.get(name))
        found[name] = None if given is None else given / 100
    found["year_to_date_share"] = found["year_to_date_share"] or Decimal(0)
    return found | {name: bool(row.get(name)) for name in (*SWITCHES, "planned", "unscored")}


def _decimal(found: object) -> Decimal | None:
    try:
        return None if found in {None, ""} else Decimal(str(found))
    except InvalidOperation:
        return None


def _whole(found: Decimal | None) -> int | None:
    return int(found) if found is not None and found == int(found) else None


def _settings(said: Row) -> dict[str, Any]:
    head = Decimal(int(said["head_percent"])) / 100
    kept = {name: said[name] for name in ("effective_from", "na_policy", "partial_point", "least_weight", "adopted")}
    return kept | {"head_share": str(head), "hr_share": str(1 - head)}


def _band(row: Row) -> dict[str, str]:
    grade = str(row["grade"]).strip()
    return {"grade": grade, "zh": str(row.get("zh") or grade), "en": str(row.get("en") or grade)} | {
        "from": percent((_decimal(row["from"]) or Decimal(0)) / 100),
        "coefficient": str(_decimal(row["coefficient"])),
    }


def _item(base: Scheme, row: Row) -> Item:
    """Make an item; its words stay the base's while its parameters do, else they are written anew."""
    rated = row["what"] == RATED
    cells: dict[str, Any] = {name: row[name] for name in (*COUNTS, *SWITCHES, *RATES, "rule")}
    cells["target"] = cells["target"] or Decimal(0)
    names = {"rating": row["name"]} if rated else {"metric": row["what"]}
    before = next(
        (each for each in base.items if (each.metric or each.rating) == (row["name"] if rated else row["what"])), None
    )
    planned = (before.planned if before and before.planned else PLAN) if row["planned"] else ""
    made = Item(**cells, **names, zh="", en="", planned=planned)
    same = before is not None and asdict(replace(before, weight=0, zh="", en="")) == asdict(replace(made, weight=0))
    unscored_before = row["what"] in base.first_quarter_unscored
    if before is not None and same and unscored_before == row["unscored"]:
        return replace(made, zh=before.zh, en=before.en)
    zh, en = worded(made, first_quarter_unscored=row["unscored"])
    return replace(made, zh=zh, en=en)


def _percent(share: Decimal | None) -> float | None:
    return None if share is None else float(share * 100)


def measured() -> list[str]:
    """Name the metrics that a scheme can score."""
    return [name for name, metric in metrics().items() if metric.unit == "percent"]
