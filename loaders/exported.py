"""When a file says it was exported: in the text above its table, or in its name."""

from __future__ import annotations

import re
from datetime import date

_SAID = re.compile(
    r"(?:导出|数据截至|截至|截止|报表日期|制表日期|exported?(?: on)?|as of)\s*(?:日期|时间|于|日)?\s*[：:]?\s*"
    r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?<!\d)(20\d\d)[-_.年]?(0[1-9]|1[0-2])[-_.月]?(0[1-9]|[12]\d|3[01])(?!\d)")


def exported_on(name: str, titles: list[str]) -> date | None:
    """Read the export date of a file from its titles, else from a full date in its name; None where neither says."""
    found = [_SAID.search(title) for title in titles]
    for match in [*found, _NAMED.search(name)]:
        if match:
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue
    return None
