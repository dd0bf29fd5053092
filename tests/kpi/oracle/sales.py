"""Order lines with their sign, their credit and whether they count."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from tests.kpi.oracle.facts import Department, Row, day
from tests.kpi.oracle.people import People


@dataclass(frozen=True)
class Sale:
    """One order line: `kind` is 正式, 试单, 退货 or 赠送; `signed` is what it adds to sales."""

    key: str
    account: str | None
    rep: str | None
    named: str | None
    order_no: str
    original: str | None
    day: date
    kind: str
    signed: Decimal
    credit_day: date
    credit_named: str | None
    row: Row


def cancelled(row: Row) -> bool:
    """Say whether the status of an order line means that it never was."""
    return row.get("status") == "取消"


def kind_of(row: Row) -> str:
    """Return the canonical type of a line; a negative amount is a return whatever its type."""
    kind: str = row.get("order_type") or "正式"
    if kind == "赠送":
        return kind
    if kind == "退货" or row["amount"] < 0:
        return "退货"
    return "试单" if kind == "试单" else "正式"


@dataclass
class Ledger:
    """All sales of one set of facts."""

    facts: Department
    people: People

    @cached_property
    def _first_lines(self) -> dict[str, dict[str | None, Row]]:
        lines: dict[str, dict[str | None, Row]] = defaultdict(dict)
        for row in sorted(self.facts.rows("orders"), key=lambda row: (row["order_no"], str(row.get("line_no") or ""))):
            lines[row["order_no"]].setdefault(row.get("account_id"), row)
        return lines

    def _original(self, row: Row) -> Row | None:
        by_account = self._first_lines.get(row.get("orig_order_no") or "", {})
        sole = next(iter(by_account.values())) if len(by_account) == 1 else None
        return by_account.get(row.get("account_id"), sole)

    def _origin(self, row: Row) -> Row:
        """Return the order that a return names, else the row itself."""
        original = self._original(row)
        return original if original is not None and kind_of(row) == "退货" else row

    def _credit(self, row: Row) -> str | None:
        original = self._original(row)
        if original is not None and original is not row and kind_of(row) == "退货":
            return self._credit(original)
        return row.get("rep_id") or self.people.owner(row.get("account_id"), day(row["order_date"]))

    @cached_property
    def sales(self) -> list[Sale]:
        """The lines that count, oldest first."""
        lines = []
        for row in self.facts.rows("orders"):
            if row["amount"] is None or row["order_date"] is None:
                continue
            rep, kind, moment = self._credit(row), kind_of(row), day(row["order_date"])
            if cancelled(row) or kind == "赠送" or moment > self.people.data_date(self.people.dept(rep)):
                continue
            signed = -abs(row["amount"]) if kind == "退货" else row["amount"]
            lines.append(
                Sale(
                    row["_key"],
                    row.get("account_id"),
                    rep,
                    row.get("rep_id"),
                    row["order_no"],
                    row.get("orig_order_no"),
                    moment,
                    kind,
                    signed,
                    day(self._origin(row)["order_date"]),
                    self._origin(row).get("rep_id"),
                    row,
                )
            )
        return sorted(lines, key=lambda sale: (sale.day, sale.key))

    @cached_property
    def by_account(self) -> dict[str, list[Sale]]:
        """The lines of each account, oldest first."""
        accounts: dict[str, list[Sale]] = defaultdict(list)
        for sale in self.sales:
            if sale.account:
                accounts[sale.account].append(sale)
        return accounts

    def order_days(self, account: str) -> list[date]:
        """Return the distinct days on which an account ordered something for money."""
        days = {s.day for s in self.by_account.get(account, []) if s.kind in ("正式", "试单") and s.signed > 0}
        return sorted(days)

    def formal(self, account: str) -> list[Sale]:
        """Return the formal order lines of an account that were for money."""
        return [sale for sale in self.by_account.get(account, []) if sale.kind == "正式" and sale.signed > 0]
