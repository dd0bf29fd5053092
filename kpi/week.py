"""What the clerk's week asks of the facts: which exports are due, which orders vanished, what our sales are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

FEEDS = ("account", "visit", "stage_history", "orders", "payment", "sales_plan", "complaint")
STALE = timedelta(days=7)
QUESTION = "order_vanished"
QUESTION_ACCOUNT = "account_vanished"
VOID = "作废"
KEEP = "保留"

_FEEDS = """
select s.entity, max(coalesce(l.exported_on, l.loaded_at::date)) as exported_on,
       arg_max(l.exported_on is not null, coalesce(l.exported_on, l.loaded_at::date)) as said,
       arg_max(l.load_id, l.loaded_at) as load_id
from source_load l
join source_load_sheet ls using (load_id)
join source_sheet s using (sheet_id)
where l.in_force and l.complete
group by s.entity
"""
_VANISHED = """
select v.order_no, any_value(v.day) as day, sum(v.amount) as amount, count(*) as lines,
       any_value(coalesce(a.account_name, v.account_id)) as account, any_value(coalesce(m.rep_name, v.rep_id)) as rep,
       max(v.load_id) as load_id, any_value(v.decided) as decided, any_value(v.reason) as reason,
       any_value(v.decided_by) as decided_by
from vanished_order v
left join account a on a.account_id = v.account_id
left join member m on m.rep_id = v.rep_id
group by v.order_no
order by any_value(v.decided) is not null, day, v.order_no
"""
_VANISHED_ACCOUNTS = """
select v.account_id, a.account_name as account, m.rep_name as rep, v.load_id, v.decided, v.reason, v.decided_by,
       (select max(s.day) from sale s where s.account_id = v.account_id and s.counts) as last_order
from vanished_account v
left join account a on a.account_id = v.account_id
left join member m on m.rep_id = a.rep_id
order by v.decided is not null, v.account_id
"""
_OURS = """
select s.order_no, min(s.day) as day, sum(case when s.counts then s.amount else 0 end) as amount,
       sum(case when s.counts then 0 else s.amount end) as left_out,
       max(case when not s.counts then s.reason end) as reason,
       any_value(coalesce(a.account_name, s.account_id)) as account
from sale s
left join account a on a.account_id = s.account_id
where s.day between ? and ?
group by s.order_no
order by s.order_no
"""


def feeds(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """List the exports expected each week: entity, exported_on, load_id, state (screens of the clerk).

    `state`: `ok`; `late` where more than 7 days older than the data date (a plan: where it has no line for the
    quarter of that date); `missing` where none was ever loaded. `said` is false where the newest file told no date and
    the day of loading stands in. Loads called partial deliver nothing that is due.
    """
    known = {row["entity"]: row for row in _rows(cursor, _FEEDS)}
    now = _rows(cursor, "select data_date from clock")[0]["data_date"]
    planned = _rows(
        cursor,
        "select count(*) > 0 as planned from plan_month p join quarter q on p.month_start >= q.period_start "
        "and p.month_start < q.period_end where ? >= q.period_start and ? < q.period_end",
        [now, now],
    )[0]["planned"]
    listed = []
    for name in FEEDS:
        found = known.get(name)
        day = found["exported_on"] if found else None
        late = not planned if name == "sales_plan" else bool(day and now and now - day > STALE)
        listed.append(
            {
                "entity": name,
                "exported_on": day,
                "said": bool(found and found["said"]),
                "load_id": found["load_id"] if found else None,
                "state": "missing" if day is None else "late" if late else "ok",
            }
        )
    return listed


def vanished_accounts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """List the accounts gone from a later export of all accounts, the unanswered first.

    Each: account_id, account, rep, last_order (its last order day), load_id of the export that lacks it, and
    decided, reason, decided_by as `vanished` gives them.
    """
    return _rows(cursor, _VANISHED_ACCOUNTS) if _there(cursor, "vanished_account") else []


def vanished(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """List the orders gone from a later complete export, the unanswered first.

    Each: order_no, day, amount (元, the lines gone), lines, account, rep, load_id of the export that lacks it, and
    decided, reason, decided_by of the answer this version was built with. None where the version is older than
    the question.
    """
    return _rows(cursor, _VANISHED) if _there(cursor, "vanished_order") else []


def _there(cursor: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = _rows(cursor, "select count(*) as n from duckdb_views() where view_name = ? and temporary", [name])
    return bool(found[0]["n"])


def unpublished(
    questions: Sequence[Mapping[str, Any]], answers: Mapping[str, str], key: str = "order_no"
) -> dict[str, str]:
    """Give the answers in force (by `key`, to 作废 or 保留) that the published version does not apply yet."""
    built = {row[key]: row["decided"] for row in questions}
    return {order: answer for order, answer in answers.items() if order in built and built[order] != answer}


def ours(cursor: duckdb.DuckDBPyConnection, start: date, end: date) -> list[dict[str, Any]]:
    """List our orders dated from `start` to `end`, both included: order_no, day, account, amount that counts (元).

    `left_out` is the amount of the order's lines that do not count, `reason` the code why (kpi/reasons.toml).
    """
    return _rows(cursor, _OURS, [start, end])


def total(orders: Sequence[Mapping[str, Any]]) -> Decimal:
    """Sum what counts of some orders, in 元."""
    return sum((order["amount"] for order in orders), Decimal(0))


def _rows(cursor: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    result = cursor.execute(sql, list(values))
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
