"""What happens in the sample department: who does what, to which accounts, and when."""

from __future__ import annotations

from datetime import date
from typing import Any

HEAD = "M01"
CLERKS = ("N01", "N02")
HR = "H01"
FIRST_DAY = date(2024, 1, 1)
LAST_DAY = date(2026, 9, 30)

HANDOVER = date(2025, 11, 28)
JOINER_TAKES_OVER = date(2025, 9, 1)

STORY: dict[str, Any] = {
    "head": HEAD,
    "clerks": CLERKS,
    "hr": HR,
    "normal": "R03",
    "junk_files": "R01",
    "leaky_funnel": "R05",
    "disguised_churn": {
        "rep": "R07",
        "receiver": "R08",
        "accounts": ("KH0007", "KH0018", "KH0062"),
        "quarter": "2026Q1",
    },
    "joined": {"rep": "R12", "day": date(2025, 8, 18)},
    "left": {"rep": "R09", "day": HANDOVER, "receivers": ("R10", "R11", "R02")},
    "seasonal": "KH0143",
    "win_back": {"account": "KH0014", "lost": "2025Q1", "back": date(2025, 10, 16)},
    "second_win_back": {"account": "KH0049", "lost": "2024Q4", "back": date(2026, 4, 9)},
    "same_name": ("KH0040", "KH0162"),
    "returned_first_order": "KH0163",
    "upgraded": {"account": "KH0144", "day": date(2025, 5, 12)},
    "upgraded_late": {"account": "KH0126", "day": date(2026, 2, 10)},
    "trial_only": "KH0247",
    "re_entered": ("KH0136", "KH0150", "KH0165", "KH0175"),
}
