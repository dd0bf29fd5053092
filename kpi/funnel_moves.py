"""What happened between the stages: actual moves, why developments were terminated, and what was spent on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Unpack

import duckdb

from kpi.funnel import COUNTED, Options, dicts, query, question

ENDS = ("won", "terminated", "churned", "open")
SPENT = ("visits", "samples", "expenses")
OUTCOMES = ("terminated", "won", "open")


def _over(
    con: duckdb.DuckDBPyConnection,
    name: str,
    select: str,
    model: str,
    period: tuple[date | None, date | None],
    view: str,
    options: Options,
) -> list[dict[str, Any]]:
    _, values = question(con, model, period, view, options)
    return dicts(con.execute(f"{query('_asked')}, fate as ({query(name)}) {select}", values))


def moves(
    con: duckdb.DuckDBPyConnection,
    model: str,
    start: date | None = None,
    end: date | None = None,
    view: str = "cohort",
    **options: Unpack[Options],
) -> list[dict[str, Any]]:
    """Count the moves between stages: of stays begun in [start, end), or left in it where `view` is `period`.

    Rows: `source` stage, `kind` (`forward`, `back` or one of `ENDS`), `target` stage (None for an end), `units`.
    """
    return _over(
        con,
        "_moves",
        f"select f.source_no as source, f.kind, f.target_no as target, count(*) as units from fate f {COUNTED} "
        "group by all order by source, target nulls last, kind",
        model,
        (start, end),
        "period" if view == "period" else "cohort",
        options,
    )


def reasons(found: Sequence[dict[str, Any]]) -> list[tuple[str, int]]:
    """Count why the members of `kpi.funnel.members` were terminated, the commonest first; '' where nothing was said."""
    counted: dict[str, int] = defaultdict(int)
    for row in found:
        if row["fate"] == "terminated":
            counted[row["reason"] or ""] += 1
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def spending(
    con: duckdb.DuckDBPyConnection,
    model: str,
    start: date | None = None,
    end: date | None = None,
    **options: Unpack[Options],
) -> list[dict[str, Any]]:
    """Sum what was spent on developments closed in [start, end), and on those still open at its end (domain.md §8a.14).

    Money is spent on accounts, also on those whose deals are counted one by one.
    Rows by outcome and stage (of the termination, the win, or today; None where no stage was entered): `outcome` of
    `OUTCOMES`, `stage`, `units`, `visits`, `samples`, `expenses` and their `total` in 元.
    """
    sums = ", ".join(f"sum(f.{name}) as {name}" for name in SPENT)
    return _over(
        con,
        "_spent",
        f"select f.outcome, f.stage_no as stage, count(*) as units, {sums}, "
        f"sum(f.visits + f.samples + f.expenses) as total from fate f {COUNTED} "
        "group by all order by outcome, stage nulls last",
        model,
        (start, end),
        "cohort",
        {**options, "unit": "account"},
    )


def cost_per_won(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Say what a won account cost: `won` units, `lost` money (before termination), `own` and `full` cost per won one.

    `own` spreads what was spent on the won, `full` also what was spent on the terminated; None where nobody was won.
    """
    total: dict[str, Decimal] = defaultdict(Decimal)
    units: dict[str, int] = defaultdict(int)
    for row in rows:
        total[row["outcome"]] += row["total"]
        units[row["outcome"]] += row["units"]
    won = units["won"]
    return {
        "won": won,
        "terminated": units["terminated"],
        "lost": total["terminated"],
        "own": total["won"] / won if won else None,
        "full": (total["won"] + total["terminated"]) / won if won else None,
    }


def evidence(con: duckdb.DuckDBPyConnection, accounts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Say what the gate of stage a2 has of some accounts, and their next step (domain.md §2a), by account.

    Values: `champion`, `sample`, `information`, `need` (true or false), `next_step`, `next_date`.
    """
    rows = dicts(con.execute(query("_evidence"), {"accounts": list(accounts)})) if accounts else []
    return {row["account_id"]: row for row in rows}


def undecided(con: duckdb.DuckDBPyConnection, model: str, **options: Unpack[Options]) -> list[dict[str, Any]]:
    """List developments in force whose gate (有则进入下一阶段，无则终止) was never decided (domain.md §2a, §2.2).

    Rows: `account_id`, `account_name`, `rep_id`, `stage`, `since`, `passed` (true where a later stage was entered
    without the decision; false where it is still awaited). Empty for a model without a gate.
    """
    return _over(
        con,
        "_undecided",
        f"select f.account_id, c.account_name, f.rep_id, f.stage_no as stage, f.day as since, f.passed from fate f "
        f"left join account c on c.account_id = f.account_id {COUNTED} order by f.passed desc, f.day, f.account_id",
        model,
        (None, None),
        "snapshot",
        options,
    )
