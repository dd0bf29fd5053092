"""Our orders against finance's: both totals, the difference, and the orders that make it up."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from loaders import reading, stage
from loaders.identity import person_norm
from loaders.messages import Refused, text
from loaders.read import tables
from loaders.schema import prepare

PAIRED = 1500


@dataclass(frozen=True)
class Finance:
    """What a finance file says of a period: order number (as written) to 元, rows outside it, rows not readable."""

    amounts: dict[str, Decimal]
    outside: int
    unread: int


@dataclass(frozen=True)
class Between:
    """One order on which the two sides differ, in 元; `why` is `only_ours`, `only_theirs` or `amount`.

    `left_out` is what we hold of the order but do not count, and `reason` the code why (kpi/reasons.toml).
    """

    order_no: str
    why: str
    ours: Decimal
    theirs: Decimal
    account: str = ""
    day: date | None = None
    left_out: Decimal = Decimal(0)
    reason: str | None = None

    @property
    def difference(self) -> Decimal:
        """Ours less theirs."""
        return self.ours - self.theirs


def finance(path: Path, name: str, start: date, end: date) -> Finance:
    """Read finance's orders dated from `start` to `end`, both included; nothing is loaded.

    Raises `Refused` where the file cannot be read or no table of it has order numbers, dates and amounts.
    """
    with tempfile.TemporaryDirectory(prefix="kac-finance-") as scratch, duckdb.connect(":memory:") as con:
        prepare(con)
        taken, blocked = 0, []
        for table in tables(path, Path(scratch), name):
            for staged in reading.mapped(con, table, "orders", {}, lambda _signature: None):
                if asked := stage.blocking(staged):
                    blocked += asked
                    continue
                taken += 1
                stage.deliver(con, taken, staged)
        if not taken:
            zh, en = (text(blocked[0], lang) if blocked else name for lang in ("zh", "en"))
            raise Refused("nothing_taken", {"file": name, "why": zh, "why_en": en})
        return _summed(con, start, end)


def _summed(con: duckdb.DuckDBPyConnection, start: date, end: date) -> Finance:
    signed = "case when order_type = '退货' then -abs(amount) else amount end"
    inside = "cast(order_date as date) between ? and ?"
    rows = con.execute(
        f"select order_no, sum({signed}) from delivered.orders where {inside} and amount is not null group by order_no",
        [start, end],
    ).fetchall()
    outside = con.execute(f"select count(*) from delivered.orders where not ({inside})", [start, end]).fetchone()
    unread = con.execute("select count(distinct (sheet_id, row_no)) from meta.error where rejected").fetchone()
    amounts: dict[str, Decimal] = {}
    for order_no, amount in rows:
        amounts[order_no] = amounts.get(order_no, Decimal(0)) + amount
    return Finance(amounts, outside[0] if outside else 0, unread[0] if unread else 0)


def between(ours: Sequence[Mapping[str, Any]], theirs: Mapping[str, Decimal]) -> list[Between]:
    """List the orders on which both sides differ; their differences add up to that of the totals.

    `ours` as `kpi.week.ours` gives them. Order numbers match without regard to width, case and spaces.
    """
    mine = _by_number([(order["order_no"], order) for order in ours])
    named = {person_norm(number): number for number in theirs}
    found = dict.fromkeys(named, Decimal(0))
    for number, amount in theirs.items():
        found[person_norm(number)] += amount
    listed = []
    for key in sorted({*mine, *found}):
        held = mine.get(key, [])
        counted = sum((order["amount"] for order in held), Decimal(0))
        said = found.get(key, Decimal(0))
        if counted != said:
            listed.append(_differing(named.get(key, ""), held, counted, said if key in found else None))
    return sorted(listed, key=lambda row: (-abs(row.difference), row.order_no))


def _by_number(pairs: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for number, order in pairs:
        grouped.setdefault(person_norm(number), []).append(order)
    return grouped


def _differing(number: str, held: Sequence[Mapping[str, Any]], counted: Decimal, said: Decimal | None) -> Between:
    counts = any(order["amount"] for order in held)
    first: Mapping[str, Any] = held[0] if held else {}
    return Between(
        order_no=first.get("order_no", number),
        why="only_ours" if said is None else "amount" if counts else "only_theirs",
        ours=counted,
        theirs=said or Decimal(0),
        account=first.get("account") or "",
        day=first.get("day"),
        left_out=sum((order["left_out"] for order in held), Decimal(0)),
        reason=next((order["reason"] for order in held if order["reason"]), None),
    )


def candidates(ours: Sequence[Mapping[str, Any]], difference: Decimal) -> list[list[Mapping[str, Any]]]:
    """List what could explain a difference to a total without rows: one order, else two, of just that amount.

    Ours above finance's: orders that we count; below: orders that we hold but left out. Two are tried among the
    newest 1,500 orders.
    """
    field = "amount" if difference > 0 else "left_out"
    wanted = abs(difference)
    if not wanted:
        return []
    able = [order for order in ours if order[field] and order[field] <= wanted]
    alone = [[order] for order in able if order[field] == wanted]
    newest = sorted(able, key=lambda order: (order["day"], order["order_no"]), reverse=True)[:PAIRED]
    return alone or [list(pair) for pair in combinations(newest, 2) if pair[0][field] + pair[1][field] == wanted]
