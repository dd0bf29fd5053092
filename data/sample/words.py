"""Word pools of the sample department, and the small draws made from them."""

from __future__ import annotations

import random
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SEED = "key-account-sample-1"
WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
HOLIDAYS = ((10, 1, 10, 7), (5, 1, 5, 3))


def stream(*parts: object) -> random.Random:
    """Give the random stream of one subject: it stays the same whatever is drawn elsewhere."""
    return random.Random("/".join([SEED, *map(str, parts)]))  # noqa: S311 -- repeatable data, not a secret


def workday(day: date) -> date:
    """Give the day itself, or the next one that is neither a weekend nor in a long public holiday."""
    while day.weekday() > 4 or any((m1, d1) <= (day.month, day.day) <= (m2, d2) for m1, d1, m2, d2 in HOLIDAYS):
        day += timedelta(days=1)
    return day


def later(rng: random.Random, day: date, low: int, high: int) -> date:
    """Give a working day `low` to `high` days after `day`."""
    return workday(day + timedelta(days=rng.randint(low, high)))


def person(rng: random.Random) -> str:
    """Give a Chinese personal name."""
    return str(rng.choice(WORDS["surnames"])) + str(rng.choice(WORDS["given"]))


def mobile(rng: random.Random) -> str:
    """Give a mobile number of the usual form."""
    return rng.choice(["138", "139", "136", "150", "158", "186", "189", "177"]) + f"{rng.randrange(10**8):08d}"


def uscc(rng: random.Random) -> str:
    """Give an 18-character social credit code of the usual form (no valid checksum)."""
    return "91" + f"{rng.randrange(110000, 540000)}" + "".join(rng.choices(USCC_ALPHABET, k=10))


def pick(rng: random.Random, pool: str) -> str:
    """Draw one word from a pool of `words.toml`."""
    return str(rng.choice(WORDS[pool]))
