"""One KPI under other rules beside the rules in force: both values, and the accounts that change sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import duckdb

from data.scope import Viewer
from data.store import Store
from kpi.rollup import rows, value
from kpi.whatif import SYSTEM, otherwise

KEPT = ("numerator", "denominator", "value", "n", "low", "high", "status")


def compare(
    store: Store, metric: str, quarter: str, changes: Mapping[str, str], viewer: Viewer = SYSTEM
) -> dict[str, Any]:
    """Return `before` and `after` (value rows of the quarter), `reps` whose value moves, and `accounts` that change.

    An account changes where its numerator, its denominator or the person it counts for differs; `side_before` and
    `side_after` are `numerator`, `denominator`, `both` or `out`, beside the reasons' codes.
    """
    before = _read(store.open(viewer), metric, quarter)
    with otherwise(store, changes, viewer) as cursor:
        after = _read(cursor, metric, quarter)
    return {
        "before": before["whole"],
        "after": after["whole"],
        "reps": _differing(before["reps"], after["reps"]),
        "accounts": _differing(before["accounts"], after["accounts"]),
    }


def _read(cur: duckdb.DuckDBPyConnection, metric: str, quarter: str) -> dict[str, Any]:
    where = {"quarter": quarter}
    found = value(cur, metric, by=("quarter",), where=where)
    reps = value(cur, metric, by=("rep", "quarter"), where=where)
    return {
        "whole": {key: found[0][key] for key in KEPT} if found else None,
        "reps": {row["rep"]: {"rep_name": row["rep_name"], **{key: row[key] for key in KEPT}} for row in reps},
        "accounts": _accounts(rows(cur, metric, quarter)),
    }


def _accounts(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Add up each account's contributions; the reason is that of the row that counts most."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        if row["account_id"]:
            groups[row["account_id"]].append(row)
    return {account: _summed(group) for account, group in groups.items()}


def _summed(group: list[dict[str, Any]]) -> dict[str, Any]:
    top, bottom = (sum((row[part] for row in group), Decimal(0)) for part in ("numerator", "denominator"))
    chief = max(group, key=lambda row: (bool(row["numerator"]), bool(row["denominator"])))
    counting = sorted({row["rep_name"] or "" for row in group if row["numerator"] or row["denominator"]})
    side = {(True, True): "both", (True, False): "numerator", (False, True): "denominator", (False, False): "out"}
    return {
        "account_name": chief["account_name"],
        "rep_name": "、".join(name for name in counting if name),
        "numerator": top,
        "denominator": bottom,
        "side": side[bool(top), bool(bottom)],
        "reason": chief["reason"],
        "reason_date": chief["reason_date"],
    }


SEEN = ("numerator", "denominator", "rep_name", "value", "status")


def _differing(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """List what differs, with each part before and after; what one side lacks is None there."""
    listed = []
    for key in sorted({*before, *after}):
        old, new = before.get(key, {}), after.get(key, {})
        if any(old.get(part) != new.get(part) for part in SEEN) and _counts(old, new):
            parts = [part for part in (new or old) if part != "account_name"]
            pairs = {
                f"{part}_{when}": said.get(part) for part in parts for when, said in (("before", old), ("after", new))
            }
            listed.append({"key": key, "account_name": (new or old).get("account_name"), **pairs})
    return listed


def _counts(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return any(said.get(part) for said in (old, new) for part in ("numerator", "denominator"))
