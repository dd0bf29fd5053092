"""Accounts that became customers and 大客户, over the opening base."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from tests.kpi.oracle.accounts import Files
from tests.kpi.oracle.calendar import Quarter
from tests.kpi.oracle.churn import Activity
from tests.kpi.oracle.contribution import Contribution
from tests.kpi.oracle.facts import Department
from tests.kpi.oracle.people import People
from tests.kpi.oracle.sales import Ledger, Sale


def taken_back(ledger: Ledger, sale: Sale, grace: timedelta) -> bool:
    """Say whether the whole order of a line was returned within 30 days."""
    lines = ledger.by_account[sale.account or ""]
    ordered = sum(line.signed for line in lines if line.order_no == sale.order_no and line.signed > 0)
    returned = sum(
        -line.signed
        for line in lines
        if line.kind == "退货" and sale.day <= line.day <= sale.day + grace
        if meant(ledger, line) == sale.order_no
    )
    return returned >= ordered


def meant(ledger: Ledger, back: Sale) -> str | None:
    """Return the order a return belongs to: the one it names, else the account's latest formal one."""
    before = [sale for sale in ledger.formal(back.account or "") if sale.day <= back.day]
    latest = max(before, key=lambda sale: (sale.day, sale.order_no), default=None)
    return back.original or (latest.order_no if latest else None)


def first_formal(ledger: Ledger, account: str) -> Sale | None:
    """Return the first formal order of an account that it kept."""
    grace = timedelta(days=int(ledger.facts.setting("return_days", 30)))
    return next((sale for sale in ledger.formal(account) if not taken_back(ledger, sale, grace)), None)


def new_date(files: Files, ledger: Ledger, account: str) -> tuple[date, Sale] | None:
    """Say when an account became a new 大客户, and by which order; None where it never did."""
    first = first_formal(ledger, account)
    became = files.became_key(account, first.day) if first else None
    if first is None or became is None:
        return None
    apart = timedelta(days=int(files.facts.setting("upgrade_days", 365)))
    return (became, first) if became - first.day <= apart else None


def contributions(
    facts: Department, people: People, ledger: Ledger, files: Files, activity: Activity, quarters: list[Quarter]
) -> Iterator[Contribution]:
    """Return one row per new account, one per account of the opening base."""
    developed = {row["account_id"]: row.get("developed_by") for row in facts.rows("account")}
    for account in sorted(ledger.by_account):
        if found := new_date(files, ledger, account):
            moment, sale = found
            rep = developed.get(account) or sale.named or people.owner(account, moment)
            quarter = next((q for q in quarters if q.start <= moment < q.end), None)
            if quarter and moment <= people.data_date(people.dept(rep)):
                yield Contribution(rep, people.dept(rep), quarter.label, numerator=Decimal(1), account=account)
    for quarter in quarters:
        for account in activity.base(quarter):
            rep = people.owner(account, quarter.start)
            if quarter.start <= people.data_date(dept := people.dept(rep)):
                yield Contribution(rep, dept, quarter.label, denominator=Decimal(1), account=account)
