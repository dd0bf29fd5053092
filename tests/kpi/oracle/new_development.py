"""Accounts that became customers and 大客户, over the base that the settings ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import product

from tests.kpi.oracle.accounts import Files
from tests.kpi.oracle.calendar import Quarter, add_months
from tests.kpi.oracle.churn import Activity
from tests.kpi.oracle.contribution import Contribution
from tests.kpi.oracle.facts import Department, day
from tests.kpi.oracle.people import People
from tests.kpi.oracle.plan_completion import Planned, Plans
from tests.kpi.oracle.sales import Ledger, Sale


@dataclass(frozen=True, order=True)
class Event:
    """What may make an account new: an order, a contract or a payment, and whom it names."""

    day: date
    key: str
    rep: str | None


def taken_back(ledger: Ledger, sale: Sale, grace: timedelta, kinds: set[str]) -> bool:
    """Say whether the whole order of a line was returned within 30 days."""
    lines = ledger.by_account[sale.account or ""]
    ordered = sum(line.signed for line in lines if line.order_no == sale.order_no and line.signed > 0)
    returned = sum(
        -line.signed
        for line in lines
        if line.kind == "退货" and sale.day <= line.day <= sale.day + grace
        if meant(ledger, line, kinds) == sale.order_no
    )
    return returned >= ordered


def ordered(ledger: Ledger, account: str, kinds: set[str]) -> list[Sale]:
    """Return an account's order lines of some kinds that were for money."""
    return [sale for sale in ledger.by_account.get(account, []) if sale.kind in kinds and sale.signed > 0]


def meant(ledger: Ledger, back: Sale, kinds: set[str]) -> str | None:
    """Return the order a return belongs to: the one it names, else the account's latest before it."""
    before = [sale for sale in ordered(ledger, back.account or "", kinds) if sale.day <= back.day]
    latest = max(before, key=lambda sale: (sale.day, sale.order_no), default=None)
    return back.original or (latest.order_no if latest else None)


@dataclass
class News:
    """When the accounts of one set of facts became new."""

    facts: Department
    people: People
    ledger: Ledger
    files: Files

    @cached_property
    def events(self) -> dict[str, list[Event]]:
        """Account to what may make it new, oldest first."""
        asked = self.facts.setting("new_event", "formal")
        found = self._papers(str(asked)) if asked in {"contract", "payment"} else self._orders(str(asked))
        return {account: sorted(events, key=lambda event: (event.day, event.key)) for account, events in found.items()}

    def _orders(self, asked: str) -> dict[str, list[Event]]:
        kinds = {"正式", "试单"} if asked == "trial" else {"正式"}
        grace = timedelta(days=int(self.facts.setting("return_days", 30)))
        return {
            account: kept
            for account in self.ledger.by_account
            if (
                kept := [
                    Event(sale.day, sale.key, sale.named)
                    for sale in ordered(self.ledger, account, kinds)
                    if not taken_back(self.ledger, sale, grace, kinds)
                ]
            )
        }

    def _papers(self, entity: str) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = defaultdict(list)
        for row in self.facts.rows(entity):
            moment = row["signed_at" if entity == "contract" else "paid_at"]
            void = row.get("status") in {"草稿", "作废"} if entity == "contract" else (row["amount"] or 0) <= 0
            if row["account_id"] and moment and not void and day(moment) <= self.people.newest:
                found[row["account_id"]].append(Event(day(moment), row["_key"], row["rep_id"]))
        return found

    def _group(self, account: str) -> str:
        rows = {row["account_id"]: row for row in self.facts.rows("account")}
        parent = rows[account].get("parent_account")
        named = sorted(name for name, row in rows.items() if parent and row.get("account_name") == parent)[:1]
        known = sorted({*named, *([parent] if parent in rows else [])})
        return known[0] if known else parent or account

    def _first_of_group(self, account: str) -> bool:
        if self.facts.setting("new_unit", "account") != "parent":
            return True
        group = self._group(account)
        same = [each for each in self.events if self._group(each) == group]
        return min(same, key=lambda each: (self.events[each][0].day, each)) == account

    def first(self, account: str) -> tuple[date, Event] | None:
        """Say when an account became a new 大客户, and by what; None where it never did."""
        event = self.events[account][0]
        became = self.files.became_key(account, event.day)
        apart = timedelta(days=int(self.facts.setting("upgrade_days", 365)))
        in_time = became is not None and became - event.day <= apart
        return (became, event) if became and in_time and self._first_of_group(account) else None

    def again(self, account: str, since: date | None) -> Iterator[Event]:
        """Return the events after so long a silence that the settings call the account new again."""
        silence = timedelta(days=int(self.facts.setting("winback_as_new_after", 0)))
        days: dict[date, Event] = {}
        for event in self.events[account]:
            days.setdefault(event.day, event)
        for before, after in zip(list(days)[:-1], list(days)[1:], strict=True):
            quiet = silence and after - before >= silence and (since is None or after - since >= silence)
            if quiet and self.files.key_on(account, after):
                yield days[after]

    def all(self) -> Iterator[tuple[str, date, str | None]]:
        """Return account, day and whose success it is."""
        developed = {row["account_id"]: row.get("developed_by") for row in self.facts.rows("account")}
        for account in sorted(self.events):
            found = self.first(account)
            if found:
                moment, event = found
                yield account, moment, developed.get(account) or event.rep or self.people.owner(account, moment)
            for event in self.again(account, found[0] if found else None):
                yield account, event.day, event.rep or self.people.owner(account, event.day)


def new_accounts(news: News, quarters: list[Quarter]) -> Iterator[Contribution]:
    """Return one row per new account."""
    people = news.people
    for account, moment, rep in news.all():
        quarter = next((q for q in quarters if q.start <= moment < q.end), None)
        if quarter and moment <= people.data_date(people.dept(rep)):
            yield Contribution(rep, people.dept(rep), quarter.label, numerator=Decimal(1), account=account)


def base(news: News, activity: Activity, quarters: list[Quarter]) -> Iterator[Contribution]:
    """Return what new accounts are measured against."""
    people, variant = news.people, news.facts.setting("new_variant", "B")
    plans = Plans(news.facts, people, "新客户数")
    for quarter in quarters:
        if variant == "C":
            for rep, month in product(plans.lines, (add_months(quarter.start, number) for number in range(3))):
                line = plans.of_month(Planned(rep), month)
                if line and quarter.start <= people.data_date(dept := people.dept(rep)):
                    yield Contribution(rep, dept, quarter.label, denominator=plans.stated(line, quarter))
            continue
        opening = ((account, people.owner(account, quarter.start)) for account in activity.base(quarter))
        for account, owner in activity.closing(people, quarter) if variant == "A" else opening:
            if quarter.start <= people.data_date(dept := people.dept(owner)):
                yield Contribution(owner, dept, quarter.label, denominator=Decimal(1), account=account)
