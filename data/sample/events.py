"""Rows as a department's systems record them: what is known about a key from which day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from data.sample.accounts import Account
from data.sample.people import NAMES
from data.sample.quarters import QUARTERS, Quarter

Row = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """One row of an entity as known from `known` on; a later event with the same key corrects it."""

    known: date
    key: tuple[str, ...]
    row: Row


def whose(account: Account, day: date) -> Row:
    """Give the columns that say which account and whose: numbers and names, for layouts to choose from."""
    owner = account.owner(day)
    return {"account_id": account.id, "account_name": account.name, "rep_id": owner, "rep_name": NAMES[owner]}


def known_in(events: list[Event], item: Quarter) -> list[Row]:
    """Give the rows new or changed in a quarter, the latest of each key; the first quarter holds all before it."""
    rows: dict[tuple[str, ...], Row] = {}
    for event in sorted(events, key=lambda event: (event.known, event.key)):
        if event.known in item or (item is QUARTERS[0] and event.known < item.start):
            rows[event.key] = event.row
    return list(rows.values())
