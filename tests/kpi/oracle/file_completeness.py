"""How much of what is due in an account's file is filled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import Any

from tests.kpi.oracle.accounts import Files, Version
from tests.kpi.oracle.calendar import DAY, Quarter, add_months
from tests.kpi.oracle.contribution import Contribution
from tests.kpi.oracle.facts import Department, Row, day, day_or_none
from tests.kpi.oracle.junk import Given, Junk
from tests.kpi.oracle.people import People
from tests.kpi.oracle.sales import Ledger

REQUIRED = ("account_name", "main_products", "client_head_name", "potential_need")
ENTRY = {"M01": 1, "M06": 3, "M08": 4, "M10": 5, "M02": 2}


@dataclass
class Completeness:
    """The files of one set of facts, judged on a day."""

    facts: Department
    people: People
    ledger: Ledger
    files: Files

    @cached_property
    def _versions(self) -> dict[str, dict[str, dict[str, list[Version]]]]:
        return {entity: self.files.versions(entity) for entity in {row["entity"] for row in self.facts.weights}}

    @cached_property
    def junk(self) -> Junk:
        """What counts as unfilled."""
        given = [
            Given(entity, name, account, version.row.get(name))
            for entity, name in ((row["entity"], row["field"]) for row in self.facts.weights)
            for account, keys in self._versions[entity].items()
            for versions in keys.values()
            for version in versions
            if name in version.delivered.fields
        ]
        accounts = self.facts.rows("account")
        names, reps = ({row["account_id"]: row.get(key) for row in accounts} for key in ("account_name", "rep_id"))
        allowed = {(row["entity"], row["field"]): tuple(row["junk_ok"]) for row in self.facts.weights}
        return Junk(given, names, reps, allowed)

    @cached_property
    def delivered_fields(self) -> set[tuple[str, str]]:
        """The fields that some load in force had a column for."""
        rows = (row for rows in self.facts.delivered.values() for row in rows)
        return {(row.entity, name) for row in rows for name in row.columns}

    @cached_property
    def _entered(self) -> dict[str, dict[int, date]]:
        entered: dict[str, dict[int, date]] = defaultdict(dict)
        for row in self.facts.milestones:
            if stage := ENTRY.get(row["milestone"]):
                stages = entered[row["account_id"]]
                stages[stage] = min(stages.get(stage, date.max), day(row["day"]))
        return entered

    def customer(self, account: str, moment: date) -> bool:
        """Say whether an account had placed a formal order by a day."""
        return any(sale.day <= moment for sale in self.ledger.formal(account))

    def due(self, account: Row, moment: date) -> set[str]:
        """Return the field stages (A1, A2, A3) that an account owes on a day."""
        name = account["account_id"]
        entered = {stage: since for stage, since in self._entered[name].items() if since <= moment}
        rest = timedelta(days=int(self.facts.setting("field_due_days", 30)))
        created = day_or_none(account.get("created_at"))
        due = {"A1"} if created is None or created + rest <= moment or any(stage > 1 for stage in entered) else set()
        for label, stage in (("A2", 2), ("A3", 3)):
            rested = stage in entered and entered[stage] + rest <= moment
            if rested or any(later > stage for later in entered):
                due.add(label)
        return {"A1", "A2", "A3"} if self.customer(name, moment) else due

    def state(self, entity: str, field: str, account: str, moment: date) -> list[Any]:
        """Return the values of a field on a day, one per row of the account."""
        values = []
        for versions in self._versions[entity].get(account, {}).values():
            said = [v.row.get(field) for v in versions if v.since <= moment and field in v.delivered.fields]
            values += said[-1:]
        return values

    def touched(self, account: str, moment: date) -> date | None:
        """Return the last update that an account's file told of by a day."""
        told = [
            day_or_none(v.row.get("updated_at"))
            for vs in self._accounts.get(account, {}).values()
            for v in vs
            if v.since <= moment
        ]
        return max((each for each in told if each and each <= moment), default=None)

    @cached_property
    def _accounts(self) -> dict[str, dict[str, list[Version]]]:
        return self.files.versions("account")

    def stale(self, account: str, moment: date) -> bool:
        """Say whether the settings halve what an account's file holds."""
        touched = self.touched(account, moment)
        days = timedelta(int(self.facts.setting("stale_days", 365)))
        return self.facts.setting("stale_discount", "off") == "on" and touched is not None and touched < moment - days

    def lacks(self, account: str, moment: date) -> bool:
        """Say whether a field without which no file is complete is due and not filled."""
        due = [row for row in self.facts.weights if row["field"] in REQUIRED and row["entity"] == "account"]
        known = [row for row in due if ("account", row["field"]) in self.delivered_fields]
        states = {row["field"]: self.state("account", row["field"], account, moment) for row in known}
        return any(
            not any(self.junk.filled(Given("account", name, account, value)) for value in values)
            for name, values in states.items()
        )

    def judged(self, account: Row, moment: date) -> bool:
        """Say whether an account's file is judged on a day."""
        name, created = account["account_id"], day_or_none(account.get("created_at"))
        young = timedelta(days=int(self.facts.setting("file_grace_days", 14)))
        state = self.files.on(name, moment)
        if not state or (created is not None and created + young > moment) or state.get("status") == "终止":
            return False
        return self.files.key_on(name, moment) or not self.customer(name, moment)

    def points(self, account: Row, moment: date) -> tuple[int, int]:
        """Return (weights filled, weights due) of an account on a day."""
        name, due = account["account_id"], self.due(account, moment)
        customer = self.customer(name, moment)
        got = owed = 0
        for field in self.facts.weights:
            key = (field["entity"], field["field"])
            exempt = customer and field["entity"] == "value_assessment"
            if field["stage"] in due and not exempt and key in self.delivered_fields:
                owed += field["weight"]
                values = self.state(*key, name, moment)
                got += field["weight"] * any(self.junk.filled(Given(*key, name, value)) for value in values)
        return got, owed


def looks(facts: Department, quarter: Quarter, as_of: date) -> list[date]:
    """Return the days on which files are looked at: the as_of, or the ends of the months up to it."""
    if facts.setting("completeness_snapshot", "period_end") != "month_ends":
        return [as_of]
    ends = [add_months(quarter.start, number) - DAY for number in (1, 2, 3)]
    return sorted({min(end, as_of) for end in ends})


def contributions(facts: Department, completeness: Completeness, quarters: list[Quarter]) -> Iterator[Contribution]:
    """Return one row per account judged on each look that owes something."""
    people = completeness.people
    for quarter, dept in product(quarters, sorted(set(people.departments.values()))):
        as_of = min(quarter.end - DAY, people.data_date(dept))
        for moment, account in product(looks(facts, quarter, as_of), facts.rows("account")):
            rep = people.owner(account["account_id"], moment)
            here = quarter.start <= as_of and rep and people.dept(rep) == dept and completeness.judged(account, moment)
            if here and (row := judge(completeness, account, moment)):
                yield Contribution(rep, dept, quarter.label, *row, account["account_id"])


def judge(completeness: Completeness, account: Row, moment: date) -> tuple[Decimal, Decimal] | None:
    """Return what a file has of what it owes; none where it owes nothing."""
    got, owed = completeness.points(account, moment)
    points = Decimal(got) / (2 if completeness.stale(account["account_id"], moment) else 1)
    if completeness.facts.setting("completeness_variant", "A1") == "B" and owed:
        whole = points * 100 >= Decimal(completeness.facts.setting("complete_from", "90")) * owed
        return Decimal(whole and not completeness.lacks(account["account_id"], moment)), Decimal(1)
    return (points, Decimal(owed)) if owed else None
