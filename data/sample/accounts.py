"""The accounts of the sample department: who they are, where, and whose."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from data.sample.people import REPS, Person
from data.sample.story import STORY
from data.sample.words import WORDS, pick, stream, workday

OLD, ALL = 130, 260
FIRST_CREATED, LAST_CREATED = date(2023, 9, 18), date(2026, 8, 20)


@dataclass(frozen=True)
class Tenure:
    """One span of one owner; `start` is the first day, `previous` who had the account before."""

    rep: str
    start: date
    previous: str = ""
    reason: str = ""


@dataclass
class Stage:
    """One stay in a stage of the five-stage process; an open stay has no `left` and outcome 进行中."""

    cycle: int
    number: int
    entered: date
    left: date | None
    outcome: str
    reason: str = ""


@dataclass
class Account:
    """One account with its life: stages, order days, owners; `size` is the usual order in yuan."""

    id: str
    name: str
    industry: str
    region: str
    city: str
    created: date
    old: bool
    size: float
    gap: float
    classes: list[tuple[date, str]]
    tenures: list[Tenure]
    stages: list[Stage] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    declared: date | None = None
    reason: str = ""

    def owner(self, day: date) -> str:
        """Give the rep who owns the account on a day (before the first span: its rep)."""
        held = [tenure.rep for tenure in self.tenures if tenure.start <= day]
        return held[-1] if held else self.tenures[0].rep

    def class_on(self, day: date) -> str:
        """Give the class A, B or C in force on a day."""
        return [name for start, name in self.classes if start <= day or start == self.classes[0][0]][-1]

    @property
    def short(self) -> str:
        """The name without its legal form."""
        return self.name.split("股份")[0].split("集团")[0].split("有限")[0]


def _place(rng: random.Random, rep: Person) -> tuple[str, str]:
    own = rng.random() < 0.88
    region = rng.choice(rep.regions if own else tuple(WORDS["regions"]))
    return region, rng.choice(WORDS["regions"][region])


def _name(rng: random.Random, city: str, industry: str, taken: set[str]) -> str:
    while True:
        brand = pick(rng, "brand_first") + pick(rng, "brand_second")
        trade = rng.choice(WORDS["industries"][industry]["names"])
        place = city.removesuffix("市") if rng.random() < 0.85 else ""
        name = f"{place}{brand}{trade}{pick(rng, 'forms')}"
        if brand not in taken:
            taken.add(brand)
            return name


def _created(rng: random.Random, number: int) -> date:
    if number <= OLD:
        return workday(date(2018, 1, 8) + timedelta(days=rng.randrange(1980)))
    span = (LAST_CREATED - FIRST_CREATED).days
    step = (number - OLD - 1) / (ALL - OLD)
    return workday(FIRST_CREATED + timedelta(days=int(step**0.88 * span) + rng.randrange(12)))


def _first_owner(rng: random.Random, number: int, created: date) -> Person:
    receivers = [rep for rep in REPS if rep.id != STORY["joined"]["rep"]]
    if number <= OLD:
        return receivers[(number - 1) % len(receivers)]
    there = [
        rep
        for rep in REPS
        if rep.hired + timedelta(days=20) <= created and (rep.left is None or created < rep.left - timedelta(days=60))
    ]
    return rng.choices(there, [2.4 if rep.leak > 1 else 1.0 for rep in there])[0]


def _account(number: int, taken: set[str]) -> Account:
    rng = stream("account", number)
    created = _created(rng, number)
    rep = _first_owner(rng, number, created)
    region, city = _place(rng, rep)
    industry = rng.choice(list(WORDS["industries"]))
    size = min(260_000, max(45_000, rng.lognormvariate(11.58, 0.42))) * rep.size
    grade = "A" if size > 138_000 else "B"
    if number <= OLD and number % 16 == 13:
        grade, size = "C", 22_000.0
    name = _name(rng, city, industry, taken)
    gap = rng.uniform(28, 64)
    return Account(
        f"KH{number:04d}",
        name,
        industry,
        region,
        city,
        created,
        number <= OLD,
        size,
        gap,
        [(created, grade)],
        [Tenure(rep.id, created)],
    )


def accounts() -> list[Account]:
    """All accounts with their first owners; the lives are lived in `life.py`."""
    taken: set[str] = set()
    made = [_account(number, taken) for number in range(1, ALL + 1)]
    by_id = {account.id: account for account in made}
    first, second = STORY["same_name"]
    by_id[second].name = by_id[first].name
    for key in ("upgraded", "upgraded_late"):
        account = by_id[STORY[key]["account"]]
        account.classes = [(account.created, "C"), (STORY[key]["day"], "B")]
    return made
