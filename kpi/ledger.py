"""Orders and payments: plan, orders, cash, invoices and receivables by rep, and the dividing of a department's plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

import duckdb

from kpi.overview import listed

MONEY = (
    "plan", "orders", "returns", "invoiced", "cash", "receivable", "overdue",
    "late_30", "late_60", "late_90", "late_more",
)  # fmt: skip
NUMERATORS = ("orders", "cash", "invoiced")
BUCKETS = ("late_30", "late_60", "late_90", "late_more")
DIVIDED = "plan_allocation"
CENT = Decimal("0.01")


def by_rep(
    cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None, rep: str | None = None
) -> list[dict[str, Any]]:
    """Sum the ledger by rep: rep_id, rep_name and `MONEY` (元)."""
    sums: dict[str, dict[str, Any]] = {}
    for row in listed(cur, "ledger", quarter, dept, rep):
        own = sums.setdefault(
            row["rep_id"], {"rep_id": row["rep_id"], "rep_name": row["rep_name"], **dict.fromkeys(MONEY, Decimal(0))}
        )
        for name in MONEY:
            own[name] += row[name]
    return [sums[key] for key in sorted(sums)]


def by_account(
    cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None, rep: str | None = None
) -> list[dict[str, Any]]:
    """List the ledger by rep and account, the largest orders first; plans that name no account are left to `by_rep`."""
    rows = [row for row in listed(cur, "ledger", quarter, dept, rep) if row["account_id"]]
    return sorted(rows, key=lambda row: (-row["orders"], row["account_id"]))


def total(rows: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Sum `MONEY` over rows."""
    return {name: sum((row[name] for row in rows), Decimal(0)) for name in MONEY}


def undivided(cur: duckdb.DuckDBPyConnection, quarter: str, dept: str | None = None) -> list[dict[str, Any]]:
    """List a department's or the company's plans that touch a quarter: plan_id, dept, period, plan_value, divided."""
    result = cur.execute(
        "select l.plan_id, l.dept, l.period_start, l.period_end, l.plan_value, not exists (select 1 from plan_share s "
        "where s.plan_id = l.plan_id and s.quarter = q.quarter and s.reason = 'plan_undivided') as divided "
        "from plan_line l join quarter q on q.quarter = $quarter and l.period_start < q.period_end "
        "and l.period_end > q.period_start where l.rep_id is null and l.account_id is null and l.calendar "
        "and (cast($dept as varchar) is null or coalesce(l.dept, $dept) = $dept) "
        "order by l.dept, l.period_start, l.plan_id",
        {"quarter": quarter, "dept": dept},
    )
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def people(cur: duckdb.DuckDBPyConnection, plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List who may get a share of a plan: rep_id, rep_name, `last_year` = their orders of those months a year ago."""
    result = cur.execute(
        "select m.rep_id, m.rep_name, coalesce(sum(s.amount), 0) as last_year from member m left join sale s "
        "on s.rep_id = m.rep_id and s.counts and s.day >= cast($start - interval 1 year as date) "
        "and s.day < cast($end - interval 1 year as date) where coalesce(m.role, '专员') = '专员' "
        "and (cast($dept as varchar) is null or m.dept = $dept) and (m.hired_at is null or m.hired_at < $end) "
        "and (m.left_at is null or m.left_at >= $start) group by m.rep_id, m.rep_name order by m.rep_id",
        {"start": plan["period_start"], "end": plan["period_end"], "dept": plan["dept"]},
    )
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def proposal(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Divide an amount by weights, to the cent and without a rest; without any weight in equal parts."""
    positive = [max(weight, Decimal(0)) for weight in weights]
    if not any(positive):
        positive = [Decimal(1)] * len(positive)
    whole = sum(positive)
    shares = [(amount * weight / whole).quantize(CENT, ROUND_DOWN) for weight in positive]
    rest = int((amount - sum(shares, Decimal(0))) / CENT)
    return [share + CENT * (place < rest) for place, share in enumerate(shares)]


def stated(shares: Mapping[str, Decimal]) -> str:
    """Write the shares of a plan as the value of a decision of kind `DIVIDED` about its plan_id."""
    return json.dumps({rep: str(share) for rep, share in sorted(shares.items())})


def read(value: str) -> dict[str, Decimal]:
    """Read the shares of a decision."""
    return {rep: Decimal(share) for rep, share in json.loads(value).items()}
