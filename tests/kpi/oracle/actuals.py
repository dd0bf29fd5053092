"""What counts towards a plan and for whom: orders, payments or contracts, credited as the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.kpi.oracle.calendar import DAY, later, quarter_of
from tests.kpi.oracle.facts import Department, day, day_or_none
from tests.kpi.oracle.people import People
from tests.kpi.oracle.sales import Ledger


@dataclass(frozen=True)
class Actual:
    """An amount that counts on a day for a rep."""

    account: str | None
    rep: str | None
    day: date
    signed: Decimal


@dataclass(frozen=True)
class _Event:
    account: str | None
    named: str | None
    credit_day: date
    day: date | None
    signed: Decimal


@dataclass
class Actuals:
    """The numerator of plan completion for one set of facts."""

    facts: Department
    people: People
    ledger: Ledger

    def _events(self) -> Iterator[_Event]:
        asked = self.facts.setting("plan_numerator", "orders")
        if asked in {"cash", "contract"}:
            yield from self._papers(*(("payment", "paid_at") if asked == "cash" else ("contract", "signed_at")))
            return
        for sale in self.ledger.sales:
            moment: date | None = sale.day
            if asked in {"invoiced", "shipped"}:
                done = day_or_none(sale.row["invoiced_at" if asked == "invoiced" else "shipped_at"])
                moment = done or (sale.day if sale.signed < 0 else None)
            pieces = sale.row.get("qty") or Decimal(0)
            pieces = -abs(pieces) if sale.row.get("order_type") == "退货" else pieces
            amount = pieces if asked == "quantity" else sale.signed
            yield _Event(sale.account, sale.credit_named, sale.credit_day, moment, amount)

    def _papers(self, entity: str, dated: str) -> Iterator[_Event]:
        for row in self.facts.rows(entity):
            void = entity == "contract" and row.get("status") in {"草稿", "作废"}
            if row[dated] and row["amount"] is not None and not void:
                moment = day(row[dated])
                yield _Event(row["account_id"], row["rep_id"], moment, moment, row["amount"])

    def _shares(self, event: _Event) -> Iterator[tuple[str | None, Decimal]]:
        rule = self.facts.setting("attribution", "document")
        owner = self.people.owner(event.account, event.credit_day)
        if rule == "document":
            yield event.named or owner, event.signed
        elif rule == "quarter_end":
            first_month = int(self.facts.setting("fiscal_year_start_month", 1))
            last = min(quarter_of(event.credit_day, first_month).end - DAY, self.people.newest)
            yield self.people.owner(event.account, last), event.signed
        else:
            old, percent = self._old(event, owner)
            part = (event.signed * percent / 100).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            yield owner, event.signed - part
            if percent:
                yield old, part

    def _old(self, event: _Event, owner: str | None) -> tuple[str | None, int]:
        """Return the owner before, and the percent that is still theirs."""
        since = self.people.since(event.account, event.credit_day)
        old = self.people.owner(event.account, since - DAY) if since else None
        if since is None or owner is None or old is None or old == owner:
            return None, 0
        rule = self.facts.setting("attribution", "document")
        if rule == "shared":
            days = timedelta(int(self.facts.setting("attribution_share_days", 30)))
            return old, 50 if event.credit_day < since + days else 0
        splits = str(self.facts.setting("attribution_splits", "40,30,20,10")).split(",")
        ends = [later(since, 3 * (number + 1)) for number in range(len(splits))]
        if rule != "declining":
            return None, 0
        return old, next((int(part) for part, end in zip(splits, ends, strict=True) if event.credit_day < end), 0)

    def all(self) -> Iterator[Actual]:
        """Return what counts, one row for each person who has a part."""
        for event in self._events():
            for rep, part in self._shares(event) if event.day else ():
                if event.day and event.day <= self.people.data_date(self.people.dept(rep)):
                    yield Actual(event.account, rep, event.day, part)
