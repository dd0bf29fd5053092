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
from tests.kpi.oracle.calendar import DAY, Quarter
from tests.kpi.oracle.contribution import Contribution
from tests.kpi.oracle.facts import Department, Row, day, day_or_none
from tests.kpi.oracle.junk import Given, Junk
from tests.kpi.oracle.people import People
from tests.kpi.oracle.sales import Ledger

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


def contributions(facts: Department, completeness: Completeness, quarters: list[Quarter]) -> Iterator[Contribution]:
    """Return one row per account judged on each as_of that owes something."""
    people = completeness.people
    for quarter, dept in product(quarters, sorted(set(people.departments.values()))):
        as_of = min(quarter.end - DAY, people.data_date(dept))
        for account in facts.rows("account") if quarter.start <= as_of else []:
            rep = people.owner(account["account_id"], as_of)
            if rep and people.dept(rep) == dept and completeness.judged(account, as_of):
                got, owed = completeness.points(account, as_of)
                if owed:
                    yield Contribution(rep, dept, quarter.label, Decimal(got), Decimal(owed), account["account_id"])
