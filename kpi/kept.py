"""A card as it is written down by value, read again, and with losses left out by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from decimal import Decimal
from typing import Any

from kpi.card import Line, Scorecard, leaving_out, rescored
from kpi.exclusion import Exclusion
from kpi.scheme import Item, document, parse

Document = dict[str, Any]
Imported = Mapping[str, Mapping[str, Any]]
NUMBERS = ("numerator", "denominator", "score", "weighted", "rate", "year_rate", "year_base", "least", "most")


def written_down(card: Scorecard, imported: Imported | None = None) -> Document:
    """Write a card down, exact numbers as texts; `imported` are ratings that came with a load, by item and appraiser.

    `appraised` tells whether there is anything to rate.
    """
    if card.scheme is None:
        raise ValueError(f"{card.rep_id} has no scheme.")
    items = [_item(line, (imported or {}).get(line.metric, {})) for line in card.lines]
    rated_any = any(item["rated"] for item in items)
    return {
        "rep_id": card.rep_id,
        "rep_name": card.rep_name,
        "role": card.role,
        "dept": card.dept,
        "quarter": card.quarter,
        "scheme_name": card.scheme.name,
        "scheme": document(card.scheme),
        "items": items,
        "total": _text(card.total),
        "grade": card.grade,
        "flags": [flag for flag in card.flags if not (rated_any and flag == "not_appraised")],
        "effective_weight": card.effective_weight,
        "appraised": rated_any or card.total is not None,
    }


def _item(line: Line, imported: Mapping[str, Any]) -> Document:
    cells = {each.name: _text(getattr(line, each.name)) for each in fields(Line) if each.name != "item"}
    cells |= {"losses": [list(loss) for loss in line.losses], "excluded": [asdict(each) for each in line.excluded]}
    cells |= {"metric": line.metric, "weight": line.item.weight, "cap": line.item.cap}
    cells |= {"target": _text(line.item.target), "zh": line.item.zh, "en": line.item.en}
    return cells | {"rated": bool(line.item.rating), "imported": dict(imported)}


def _text(found: object) -> object:
    return str(found) if isinstance(found, Decimal) else found


def reread(kept: Mapping[str, Any]) -> Scorecard:
    """Make a card of what was written down, so that it can be asked what one account would change."""
    scheme = parse(kept["scheme_name"], kept["scheme"])
    by_name = {item.metric or item.rating: item for item in scheme.items}
    lines = tuple(_line(by_name[item["metric"]], item) for item in kept["items"])
    total = None if kept["total"] is None else Decimal(kept["total"])
    head = (kept["rep_id"], kept["rep_name"], kept["role"], kept["dept"], kept["quarter"], scheme, lines, total)
    return Scorecard(*head, grade=kept["grade"], effective_weight=kept["effective_weight"], flags=tuple(kept["flags"]))


def _line(item: Item, kept: Mapping[str, Any]) -> Line:
    cells: dict[str, Any] = {each.name: kept.get(each.name) for each in fields(Line) if each.name != "item"}
    cells |= {name: None if cells[name] is None else Decimal(str(cells[name])) for name in NUMBERS}
    cells["losses"] = tuple((account, day, waits) for account, day, waits in cells["losses"] or ())
    cells["excluded"] = tuple(Exclusion(**each) for each in cells["excluded"] or ())
    return Line(replace(item, target=Decimal(kept["target"])), **cells)


def losses(kept: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Give the losses that a card's headline churn counts: account and last order day."""
    return {(account, day) for item in kept["items"] for account, day, _ in item.get("losses") or ()}


def excluding(kept: Document, excluded: Sequence[Exclusion]) -> Document:
    """Give a card with exactly these losses left out of what is scored; headline and base stay as they are."""
    if not any(each.loss in losses(kept) for each in excluded) and not any(i.get("excluded") for i in kept["items"]):
        return kept
    card = reread(kept)
    changed = {line.metric: leaving_out(line, excluded) for line in card.lines if line.losses}
    again = written_down(rescored(card, changed), {item["metric"]: item["imported"] for item in kept["items"]})
    return {**kept, **again} | {name: kept[name] for name in ("total", "grade", "appraised") if kept["total"] is None}
