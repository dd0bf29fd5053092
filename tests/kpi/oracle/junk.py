"""Whether a value of a file says something (domain.md §7, the lists of `kpi/junk.toml`)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

LISTS = tomllib.loads((Path(__file__).parents[3] / "kpi" / "junk.toml").read_text(encoding="utf-8"))
MOBILE = r"(?<!\d)1[3-9]\d{9}(?!\d)"
MASKED = r"(?<!\d)1[3-9]\d[ -]?(\*{3,}|\d{4})[ -]?(\d{2,4}|\*{3,})"
LANDLINE = r"(?<!\d)(0\d{2,3}[1-9]\d{6,7}|[48]00\d{7}|[2-9]\d{6,7})((?!\d)|\d{1,4}$)"
FOREIGN = r"(\+|^00)[1-9][\d ()-]{6,}\d|\(?[2-9]\d{2}\)?[-. ]\d{3}[-. ]\d{4}"
ELSEWHERE = r"[^@\s]+@[^@\s]+\.\w+|(?i:微信|wechat|wx|qq)\D{0,3}[\w-]{5,}"


@dataclass(frozen=True)
class Given:
    """One value as given: of which account (and its rep today), for which field."""

    entity: str
    name: str
    account: str
    value: Any


def mark(character: str) -> bool:
    """Say whether a character is punctuation, a symbol or a space."""
    return unicodedata.category(character)[0] in "PSZ" or character.isspace()


def word(text: str) -> str:
    """Return a text in small letters without the punctuation and spaces around it."""
    edges = [
        n for n, character in enumerate(text) if not (mark(character) and unicodedata.category(character)[0] != "S")
    ]
    return text[edges[0] : edges[-1] + 1].lower() if edges else ""


def digits(text: str) -> str:
    """Return a telephone number without what is written between its digits, and without China's own code."""
    bare = re.sub(r"[\s()（）.+_/-]", "", text)
    return re.sub(r"^(00)?86(1[3-9]\d{9})$", r"\2", bare)


def reachable(text: str) -> bool:
    """Say whether a text holds a telephone number or another way to reach a person."""
    bare = digits(text)
    return bool(
        bare not in LISTS["phone_fillers"]
        and (re.search(f"{MOBILE}|{LANDLINE}", bare) or re.search(f"{MASKED}|{FOREIGN}|{ELSEWHERE}", text))
    )


def empty_talk(name: str, text: str) -> bool:
    """Say whether a text is junk by itself."""
    said, phone = word(text), name in LISTS["phone_fields"]
    if all(mark(character) for character in text) or said in LISTS["words"]:
        return True
    if len(said) >= 3 and len(set(said)) == 1 and (phone or len(said) >= 5 or not said.isdigit()):
        return True
    if phone:
        return not reachable(text)
    return name in LISTS["intro_fields"] and len(said) < LISTS["intro_length"]


@dataclass
class Junk:
    """What is junk among all the values ever given; `names` and `reps` are those of the accounts today."""

    given: list[Given]
    names: dict[str, str | None]
    reps: dict[str, str | None]
    allowed: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _users(self) -> dict[tuple[str, str, str], set[str]]:
        users: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for one in self.given:
            if isinstance(one.value, str):
                users[one.entity, one.name, one.value].add(one.account)
                users[one.entity, one.name, "tel:" + digits(one.value)].add(one.account)
        return users

    def _shared(self, one: Given) -> bool:
        number = digits(one.value)
        accounts = self._users[one.entity, one.name, "tel:" + number]
        known = one.name in LISTS["phone_fields"] and re.search(r"\d{7}", number) is not None
        return known and len(accounts) >= int(LISTS["phone_accounts"])

    def _copied(self, one: Given) -> bool:
        rep = self.reps.get(one.account)
        files = sum(other == rep for other in self.reps.values())
        if rep is None or one.name not in LISTS["free_text"] or files < LISTS["repeated_files"]:
            return False
        same = [name for name in self._users[one.entity, one.name, one.value] if self.reps.get(name) == rep]
        return len(same) * 100 > files * int(LISTS["repeated_percent"])

    def filled(self, one: Given) -> bool:
        """Say whether a value is neither blank nor junk."""
        if isinstance(one.value, int) and one.name.endswith("_year"):
            return 1000 <= one.value <= 2100
        if isinstance(one.value, date):
            return one.value.isoformat() not in LISTS["placeholder_dates"]
        if not isinstance(one.value, str):
            return one.value is not None
        if word(one.value) in [word(text) for text in self.allowed.get((one.entity, one.name), ())]:
            return True
        own = (
            one.name != "account_name"
            and one.value.strip().lower() == (self.names.get(one.account) or "").strip().lower()
        )
        return not (own or empty_talk(one.name, one.value) or self._shared(one) or self._copied(one))
