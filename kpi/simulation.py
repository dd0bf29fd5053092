"""Honest reps under a scheme: how many would score below 60 by chance alone (`python -m kpi.simulation`)."""

from __future__ import annotations

import argparse
import random
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from statistics import median

from data.records import Records
from data.store import Store
from kpi.card import Line, Scorecard, assembled, line_points
from kpi.quarter import rules
from kpi.scheme import Scheme, known

QUARTER = 91
GAP_DAYS = 60
CHURN_A_QUARTER = 0.02
NEW_A_QUARTER = 0.05
WARM_UP = 8
JUDGED = 4
SIZES = (5, 8, 20)
SEED = 20_260_930


@dataclass
class Account:
    """One account of a simulated rep: when it came, when it truly left (never for most), and its order days."""

    orders: list[float]
    left: float

    def count(self, start: float, end: float) -> int:
        """Count the orders of a span."""
        return bisect_left(self.orders, end) - bisect_left(self.orders, start)


def window(days: Sequence[float], *, own_cycle: bool) -> float:
    """Give the churn window known after some order days: flat 90, or by the account's own gaps (domain.md §8a.1)."""
    if not own_cycle:
        return 90
    gaps = [after - before for before, after in pairwise(days)]
    if len(gaps) < 3:
        return 180
    return min(400, max(120, 2 * median(gaps), 1.2 * max(gaps[-8:])))


def _account(chance: random.Random, start: float, end: float) -> Account:
    """Make an account that orders every 60 days on average and leaves with 2 % a quarter."""
    left = start
    while left < end and chance.random() >= CHURN_A_QUARTER:
        left += QUARTER
    days, day = [], start
    while day < min(left, end):
        days.append(day)
        day += chance.expovariate(1 / GAP_DAYS)
    return Account(days, left)


def _active(account: Account, day: float, *, own_cycle: bool) -> bool:
    at = bisect_right(account.orders, day)
    if not at:
        return False
    return day - account.orders[at - 1] < window(account.orders[:at], own_cycle=own_cycle)


@dataclass(frozen=True)
class World:
    """What is assumed: windows by the account's own cycle or flat 90 days; whether every suspicion is confirmed."""

    own_cycle: bool
    confirmed: bool = False


def totals(scheme: Scheme, accounts: int, reps: int, world: World, seed: int = SEED) -> list[Decimal]:
    """Score simulated rep-quarters: `reps` honest reps with `accounts` accounts over one year after two of warm-up.

    Sales are on plan on average, files 96 % complete, new accounts come at 5 % a quarter. Losses are inferred from
    silence; under a scheme with `suspected_free` those count that truly left, or all where every one is confirmed.
    """
    chance, found = random.Random(seed), []  # noqa: S311 - a simulation, no secrets
    for _ in range(reps):
        found += _year(chance, scheme, accounts, world)
    return found


def _year(chance: random.Random, scheme: Scheme, size: int, world: World) -> list[Decimal]:
    end = (WARM_UP + JUDGED) * QUARTER
    held = [_account(chance, -chance.uniform(0, GAP_DAYS), end) for _ in range(size)]
    rows: list[tuple[int, int]] = []
    scored = []
    for number in range(WARM_UP + JUDGED):
        start = number * QUARTER
        new = sum(chance.random() < NEW_A_QUARTER for _ in range(size))
        while sum(account.left > start for account in held) < size:
            held.append(_account(chance, start, end))
        if number < WARM_UP:
            continue
        sold = sum(account.count(start, start + QUARTER) for account in held)
        rows.append((sold, size))
        scored.append(_scored(scheme, held, (start, new), rows, world))
    return scored


def _scored(
    scheme: Scheme, held: Sequence[Account], at: tuple[int, int], rows: Sequence[tuple[int, int]], world: World
) -> Decimal:
    start, new = at
    base = [account for account in held if _active(account, start - 1e-9, own_cycle=world.own_cycle)]
    silent = [account for account in base if not _active(account, start + QUARTER - 1e-9, own_cycle=world.own_cycle)]
    lost = sum(account.left <= start + QUARTER for account in silent)
    expected = Decimal(QUARTER) / GAP_DAYS
    rates = {
        "plan_completion": (Decimal(rows[-1][0]), rows[-1][1] * expected),
        "file_completeness": (Decimal(96), Decimal(100)),
        "churn": (Decimal(len(silent)), Decimal(len(base))),
        "new_development": (Decimal(new), Decimal(len(base) + (0 if world.own_cycle else new - len(silent)))),
    }
    year = sum((Decimal(sold) for sold, _ in rows), Decimal(0)) / sum((size * expected for _, size in rows), Decimal(0))
    lines = []
    for item in scheme.items:
        above, below = rates[item.metric]
        if item.suspected_free and not world.confirmed:
            above = Decimal(lost)
        rate = above / below if below > 0 else None
        line = Line(item, "", "", above, below, rate=rate, year_rate=year if item.year_to_date_share else None)
        lines.append(replace(line, score=line_points(scheme, line)))
    return assembled(Scorecard("", "", scheme.role, "", "", scheme), tuple(lines), ()).total or Decimal(0)


def share_below(
    scheme: Scheme, accounts: int, reps: int = 400, *, confirmed: bool = False, line: Decimal = Decimal(60)
) -> float:
    """Give the share of simulated rep-quarters below a line; with `suspected_free` each account has its own window."""
    world = World(any(item.suspected_free for item in scheme.items), confirmed)
    found = totals(scheme, accounts, reps, world)
    return sum(total < line for total in found) / len(found)


def main(argv: list[str] | None = None) -> int:
    """Print the shares below 60 for 5, 8 and 20 accounts under each scheme asked for."""
    parser = argparse.ArgumentParser(prog="python -m kpi.simulation", description=__doc__)
    parser.add_argument("--reps", type=int, default=1000, help="simulated reps, four quarters each")
    parser.add_argument("--store", help="also knows the company's own schemes in this store's records")
    parser.add_argument("schemes", nargs="*", default=["ka_rep_v1", "ka_rep_v2"])
    asked = parser.parse_args(argv)
    stored = rules(Records(Store.default(asked.store).records_url)).stored if asked.store else ()
    sys.stdout.write("scheme\tsuspicions confirmed\t" + "\t".join(f"{size} accounts" for size in SIZES) + "\n")
    for name in asked.schemes:
        scheme = known(stored)[name]
        for confirmed in (False, True) if any(item.suspected_free for item in scheme.items) else (True,):
            shares = [share_below(scheme, size, asked.reps, confirmed=confirmed) for size in SIZES]
            told = "all" if confirmed else "only true losses"
            sys.stdout.write("\t".join([name, told, *(f"{share:.1%}" for share in shares)]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
