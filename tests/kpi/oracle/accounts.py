"""What an account's file said on a day: class, flag, status and any other field."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tests.kpi.oracle.calendar import later, store_date
from tests.kpi.oracle.facts import Delivered, Department, Row, day_or_none

if TYPE_CHECKING:
    from tests.kpi.oracle.sales import Ledger

SAYS = {
    "class_or_flag": ("account_class", "is_key_account"),
    "class": ("account_class",),
    "flag": ("is_key_account",),
    "sales": (),
}
LOST = ("流失", "合同终止")


@dataclass(frozen=True)
class Version:
    """One row of an account as delivered, and the day from which it speaks."""

    since: date
    delivered: Delivered

    @property
    def row(self) -> Row:
        """The values delivered."""
        return self.delivered.row


@dataclass
class Files:
    """The accounts of one set of facts through time."""

    facts: Department
    ledger: Ledger

    def exported(self, delivered: Delivered) -> date:
        """Return the day a delivered row speaks for: its stated export date, else the data date."""
        return delivered.exported_on or store_date(self.facts)

    def versions(self, entity: str) -> dict[str, dict[str, list[Version]]]:
        """Account to key to versions of the row, in the order in which they spoke."""
        found: dict[str, dict[str, list[Version]]] = defaultdict(lambda: defaultdict(list))
        for delivered in self.facts.delivered.get(entity, []):
            if account := delivered.row.get("account_id"):
                found[account][delivered.row["_key"]].append(Version(self.exported(delivered), delivered))
        for keys in found.values():
            for versions in keys.values():
                versions.sort(key=lambda version: (version.since, version.delivered.rank))
        return found

    @cached_property
    def _exports(self) -> dict[str, list[tuple[date, Row]]]:
        """Account to (export day, what its row said after that day), with columns not delivered carried on."""
        found: dict[str, dict[date, Row]] = defaultdict(dict)
        rows = self.facts.delivered.get("account", [])
        for delivered in sorted(rows, key=lambda row: (self.exported(row), row.rank)):
            days = found[delivered.row["account_id"]]
            before = days[max(days)] if days else {}
            said = {name: delivered.row.get(name) for name in delivered.fields}
            days[self.exported(delivered)] = {**before, "terminated_at": None, **said}
        return {account: list(days.items()) for account, days in found.items()}

    def exports(self, account: str) -> list[tuple[date, Row]]:
        """Return (export day, state of the account's row) in order."""
        return self._exports.get(account, [])

    def on(self, account: str, moment: date) -> Row:
        """Say what an account's row said on a day; empty before its first export."""
        states = [state for since, state in self.exports(account) if since <= moment]
        return states[-1] if states else {}

    @cached_property
    def knows_keys(self) -> bool:
        """Whether any account of the store has a class or a flag."""
        names = SAYS[str(self.facts.setting("key_rule", "class_or_flag"))]
        return any(row.get(name) is not None for row in self.facts.rows("account") for name in names)

    def _history(self, account: str, name: str) -> list[tuple[date, Any]]:
        """Return the values of a field through time; the first known one holds for all time before it."""
        values = [(since, state.get(name)) for since, state in self.exports(account)]
        while values and values[0][1] is None:
            values.pop(0)
        return [(date.min, values[0][1]), *values[1:]] if values else []

    def key_on(self, account: str, moment: date) -> bool:
        """Say whether an account was a 大客户 on a day."""
        rule = self.facts.setting("key_rule", "class_or_flag")
        if rule == "sales":
            return self._sales(account, moment) >= Decimal(self.facts.setting("key_sales", "1000000"))
        if not self.knows_keys:
            return True
        classes = str(self.facts.setting("key_classes", "A,B")).split(",")
        held = {
            name: [value for since, value in self._history(account, name) if since <= moment][-1:]
            for name in ("account_class", "is_key_account")
        }
        by_class = bool(set(held["account_class"]) & set(classes))
        by_flag = held["is_key_account"] == [True]
        return (by_class and rule != "flag") or (by_flag and rule != "class")

    def _sales(self, account: str, moment: date) -> Decimal:
        """Return the sales of the twelve months up to a day."""
        lines = self.ledger.by_account.get(account, [])
        return sum((s.signed for s in lines if s.day <= moment < later(s.day, 12)), Decimal(0))

    def became_key(self, account: str, earliest: date) -> date | None:
        """Return the first day from `earliest` on which an account was a 大客户."""
        by_sales = self.facts.setting("key_rule", "class_or_flag") == "sales"
        lines = self.ledger.by_account.get(account, []) if by_sales else []
        turns = {turn for sale in lines for turn in (sale.day, later(sale.day, 12))}
        turns |= {since for since, _ in self.exports(account)}
        days = [earliest, *sorted(turn for turn in turns if turn > earliest)]
        return next((moment for moment in days if self.key_on(account, moment)), None)

    def declared(self, account: str) -> list[date]:
        """Return the days on which an account was declared lost."""
        days, was = [], False
        for since, state in self.exports(account):
            lost = state.get("status") in LOST
            if lost and not was:
                days.append(day_or_none(state.get("terminated_at")) or since)
            was = lost
        return days
