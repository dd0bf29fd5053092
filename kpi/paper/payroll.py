"""The payroll list: number and coefficient of everyone with a sealed score, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

FORMULA = re.compile(r"^[=+\-@\t\r]")
COLUMNS = ("employee_id", "coefficient")


def payroll(sealed: Iterable[Mapping[str, Any]]) -> bytes:
    """Write sealed documents as CSV (UTF-8 with its mark, so that Excel reads it); nobody without a coefficient."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for document in sealed:
        score = document["score"]
        if score and score["coefficient"] is not None:
            writer.writerow([_safe(document["card"]["rep_id"]), score["coefficient"]])
    return out.getvalue().encode("utf-8-sig")


def _safe(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text
