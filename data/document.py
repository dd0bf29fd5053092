"""The JSON documents of the command lines: numbers as numbers, dates as ISO texts."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def dumped(document: dict[str, Any]) -> str:
    """Write a document as one line of JSON; an amount becomes a text only where a float would lose digits."""
    return json.dumps(document, ensure_ascii=False, default=_plain) + "\n"


def _plain(item: object) -> int | float | str:
    if isinstance(item, Decimal):
        if item == item.to_integral_value():
            return int(item)
        return float(item) if Decimal(repr(float(item))) == item else str(item)
    return str(item)
