"""Accounts active when a quarter began, and those of them that were not when it ended."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from statistics import median

from tests.kpi.oracle.accounts import Files
from tests.kpi.oracle.calendar import DAY, Quarter
from tests.kpi.oracle.contribution import Contribution
from tests.kpi.oracle.facts import Department
from tests.kpi.oracle.people import People
from tests.kpi.oracle.sales import Ledger


def window(facts: Department, gaps: list[int], cycle: int | None) -> int:
    """Return days without an order after which an account counts as lost, from the gaps known so far."""
    if cycle:
        return ceil(Fraction(cycle) * 2)
    if facts.setting("churn_window", "own_cycle") == "flat":
        return int(facts.setting("churn_flat_days", 90))
    if len(gaps) < int(facts.setting("churn_gaps_needed", 3)):
        return int(facts.setting("churn_few_gaps_days", 180))
    least, most = (Fraction(facts.setting(f"churn_{name}_days", days)) for name, days in (("min", 120), ("max", 400)))
    own = max(least, 2 * Fraction(median(Fraction(gap) for gap in gaps)), Fraction(6, 5) * max(gaps[-8:]))
    return ceil(min(most, own))


@dataclass(frozen=True)
class Spell:
    """An account from one order day on: active on [day, active_to), unless it orders again before."""

    day: date
    active_to: date
    declared: bool = False


@dataclass
class Activity:
    """When the accounts of one set of facts were active."""

    facts: Department
    files: Files
    ledger: Ledger

    def __post_init__(self) -> None:
        """Note the cycles given by hand."""
        self.cycles = {row["account_id"]: row.get("expected_cycle_days") for row in self.facts.rows("account")}
        self._spells: dict[str, list[Spell]] = {}

    def spells(self, account: str) -> list[Spell]:
        """Return the spells of an account, one per order day."""
        if account not in self._spells:
            self._spells[account] = self._find(account)
        return self._spells[account]

    def _find(self, account: str) -> list[Spell]:
        days = self.ledger.order_days(account)
        gaps = [(after - before).days for before, after in itertools.pairwise(days)]
        mode = self.facts.setting("churn_mode", "declared_or_inferred")
        declared = self.files.declared(account) if mode != "inferred_only" else []
        spells = []
        for number, moment in enumerate(days):
            until = days[number + 1] if number + 1 < len(days) else date.max
            days_left = timedelta(window(self.facts, gaps[:number], self.cycles.get(account)))
            ends = [date.max if mode == "declared_only" else moment + days_left]
            said = [day for day in declared if moment <= day < until]
            spells.append(Spell(moment, min(ends + said), declared=min(ends + said) in said))
        return spells

    def spell(self, account: str, moment: date) -> Spell | None:
        """Return the spell of an account's last order on or before a day."""
        begun = [spell for spell in self.spells(account) if spell.day <= moment]
        return begun[-1] if begun else None

    def active(self, account: str, moment: date) -> bool:
        """Say whether an account is active on a day."""
        spell = self.spell(account, moment)
        return spell is not None and moment < spell.active_to

    def base(self, quarter: Quarter) -> list[str]:
        """Return the 大客户 that were active on the day before a quarter."""
        eve = quarter.start - DAY
        accounts = sorted(self.ledger.by_account)
        return [account for account in accounts if self.active(account, eve) and self.files.key_on(account, eve)]

    def closing(self, people: People, quarter: Quarter) -> Iterator[tuple[str, str | None]]:
        """Return the 大客户 active at the end of a quarter's data, with their owner then."""
        for account in sorted(self.ledger.by_account):
            rep = people.owner(account, min(quarter.end - DAY, people.newest))
            data_date = people.data_date(people.dept(rep))
            as_of = min(quarter.end - DAY, data_date)
            begun = quarter.start <= data_date
            if begun and self.active(account, as_of) and self.files.key_on(account, as_of):
                yield account, rep


@dataclass
class Churn:
    """The losses of one set of facts, over the base that the settings ask for."""

    people: People
    activity: Activity

    def _asked(self, name: str, default: str) -> str:
        return str(self.activity.facts.setting(name, default))

    def opening(self, quarter: Quarter) -> Iterator[Contribution]:
        """Return one row per account of an opening base."""
        people, share = self.people, "0.5" if self._asked("churn_base", "opening") == "average" else "1"
        for account in self.activity.base(quarter):
            rep = people.owner(account, quarter.start)
            data_date = people.data_date(people.dept(rep))
            if quarter.start > data_date:
                continue
            as_of = min(quarter.end - DAY, data_date)
            spell = self.activity.spell(account, as_of)
            lost = spell is not None and as_of >= spell.active_to
            if lost and spell and self._asked("churn_owner", "most_silent_days") == "most_silent_days":
                rep = people.longest_holder(account, spell.day, spell.active_to) or rep
            waits = self._asked("churn_unconfirmed", "counts") == "waits" and spell is not None and not spell.declared
            counted = Decimal(lost and not waits)
            yield Contribution(rep, people.dept(rep), quarter.label, counted, Decimal(share), account)

    def others(self, quarter: Quarter, news: list[Contribution]) -> Iterator[Contribution]:
        """Return what other bases add to the opening one."""
        base = self._asked("churn_base", "opening")
        if base == "average":
            for account, rep in self.activity.closing(self.people, quarter):
                dept = self.people.dept(rep)
                yield Contribution(rep, dept, quarter.label, denominator=Decimal("0.5"), account=account)
        if base == "opening_and_new":
            inside = set(self.activity.base(quarter))
            for new in news:
                if new.quarter == quarter.label and new.account not in inside:
                    yield Contribution(new.rep, new.dept, quarter.label, denominator=Decimal(1), account=new.account)


def contributions(
    people: People, activity: Activity, quarters: list[Quarter], news: list[Contribution]
) -> Iterator[Contribution]:
    """Return the rows of each quarter."""
    churn = Churn(people, activity)
    for quarter in quarters:
        yield from churn.opening(quarter)
        yield from churn.others(quarter, news)
