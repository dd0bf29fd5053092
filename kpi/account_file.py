"""One account for its page: the choice of accounts, the file, owners, stages, order rhythm and what came in."""

from __future__ import annotations

import json
from typing import Any

import duckdb

from data.entity import entities
from kpi import funnel

SIGNS = {
    "orders": "order_date",
    "payment": "due_at",
    "visit": "visit_at",
    "complaint": "opened_at",
    "contract": "signed_at",
}
DETAILS = ("kdm", "champion", "competitor", "value_assessment")


def _dicts(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def accounts(
    cur: duckdb.DuckDBPyConnection, find: str = "", rep: str | None = None, dept: str | None = None, limit: int = 500
) -> list[dict[str, Any]]:
    """List accounts by number: account_id, account_name, rep_name.

    `find` is part of the number, of the name, or of what the account's extra fields say.

    `rep` and `dept` limit to those who hold the account on the data date.
    """
    return _dicts(
        cur.execute(
            "select a.account_id, a.account_name, m.rep_name from account a cross join clock c "
            "left join tenure t on t.account_id = a.account_id and t.from_date <= c.data_date "
            "and c.data_date < t.to_date left join member m on m.rep_id = t.rep_id "
            "where (cast($rep as varchar) is null or t.rep_id = $rep) "
            "and (cast($dept as varchar) is null or t.dept = $dept) "
            "and (contains(lower(a.account_id), lower($find)) or contains(lower(a.account_name), lower($find)) "
            "or coalesce(list_bool_or([contains(lower(e), lower($find)) for e in "
            "cast(json_extract_string(a.extra, '$.*') as varchar[])]), false)) "
            "order by a.account_id limit $limit",
            {"find": find, "rep": rep, "dept": dept, "limit": limit},
        )
    )


def account(cur: duckdb.DuckDBPyConnection, account_id: str) -> dict[str, Any] | None:
    """Give the account's own row as this viewer may see it; None where it is not theirs to see."""
    found = _dicts(cur.execute("select * from account where account_id = ?", [account_id]))
    return found[0] if found else None


def extras(cur: duckdb.DuckDBPyConnection, account_id: str) -> dict[str, str]:
    """Give the account's columns that no field knows, header to value, as this viewer may see them."""
    found = cur.execute("select extra from account where account_id = ? and extra is not null", [account_id]).fetchone()
    return {str(name): str(said) for name, said in json.loads(found[0]).items()} if found else {}


def states(cur: duckdb.DuckDBPyConnection, account_id: str) -> dict[str, Any]:
    """Give what the account is today: account_class, is_key, status, owner and data_date."""
    found = _dicts(
        cur.execute(
            "select k.account_class, k.is_key, k.status, t.rep_id, m.rep_name, c.data_date from clock c "
            "left join account_state k on k.account_id = $account "
            "and k.from_date <= c.data_date and c.data_date < k.to_date "
            "left join tenure t on t.account_id = $account and t.from_date <= c.data_date and c.data_date < t.to_date "
            "left join member m on m.rep_id = t.rep_id",
            {"account": account_id},
        )
    )
    return found[0]


def owners(cur: duckdb.DuckDBPyConnection, account_id: str) -> list[dict[str, Any]]:
    """List who held the account: rep_id, rep_name, from_date, until (its last day; None: still), basis."""
    return _dicts(
        cur.execute(
            "select t.rep_id, m.rep_name, case when t.from_date > date '1900-01-01' then t.from_date end as from_date, "
            "case when t.to_date < date '9999-01-01' then t.to_date - 1 end as until, t.basis from tenure t "
            "left join member m on m.rep_id = t.rep_id where t.account_id = ? order by t.from_date",
            [account_id],
        )
    )


def rhythm(cur: duckdb.DuckDBPyConnection, account_id: str) -> dict[str, Any] | None:
    """Give the last order day with its window (`core.spell`), `silent_days` and `days_left` on the data date.

    None where the account never ordered. domain.md §8a.1.
    """
    found = _dicts(
        cur.execute(
            "select s.day, s.gaps, s.median_gap, s.window_days, s.window_basis, s.churn_date, s.declared_on, "
            "s.active_to, c.data_date, c.data_date - s.day as silent_days, s.active_to - c.data_date as days_left "
            "from spell s cross join clock c where s.account_id = ? and s.day <= c.data_date "
            "order by s.day desc limit 1",
            [account_id],
        )
    )
    return found[0] if found else None


def order_days(cur: duckdb.DuckDBPyConnection, account_id: str) -> list[dict[str, Any]]:
    """List order days with the amount that counted: day, amount."""
    return _dicts(
        cur.execute(
            "select day, sum(amount) as amount from sale where account_id = ? and counts group by day order by day",
            [account_id],
        )
    )


def stages(cur: duckdb.DuckDBPyConnection, account_id: str) -> list[dict[str, Any]]:
    """Say where the account stands in every model: the rows of `kpi.funnel.standing` with the model's names."""
    titles = {row["model"]: row for row in _dicts(cur.execute("select model, name_zh, name_en from model"))}
    return [
        row | {"model_zh": titles[row["model"]]["name_zh"], "model_en": titles[row["model"]]["name_en"]}
        for row in funnel.standing(cur, account_id)
    ]


def fields(cur: duckdb.DuckDBPyConnection, account_id: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Judge each weighted field of the file on the data date, by (entity, field).

    Values hold `weight`, `due_on` (None: not due), `filled` and the `reason` why a value does not count. Fields that
    no export ever delivered do not appear, nor do assessment fields of customers (domain.md §8a.5).
    """
    found = _dicts(
        cur.execute(
            "select r.entity, r.field, r.weight, case when d.due_on <= c.data_date then d.due_on end as due_on, "
            "coalesce(f.filled, false) as filled, f.reason from file_rule r cross join clock c "
            "left join file_due d on d.account_id = $account and d.stage = r.stage "
            "left join file_field f on f.account_id = $account and f.field = r.field and f.entity = r.entity "
            "and f.from_date <= c.data_date and c.data_date < f.to_date "
            "left join file k on k.account_id = $account "
            "where r.entity <> 'value_assessment' or k.customer_from is null or k.customer_from > c.data_date",
            {"account": account_id},
        )
    )
    return {(row["entity"], row["field"]): row for row in found}


def rows_of(cur: duckdb.DuckDBPyConnection, name: str, account_id: str) -> list[dict[str, Any]]:
    """List an entity's rows of the account as this viewer may see them, the newest first; without S fields."""
    entity = entities()[name]
    shown = ", ".join(f'"{field.name}"' for field in entity.fields.values() if field.visibility != "S")
    order = f'"{SIGNS[name]}" desc nulls last, ' if name in SIGNS else ""
    present = cur.execute("select 1 from duckdb_views() where temporary and view_name = ?", [name]).fetchone()
    if not present:
        return []
    return _dicts(cur.execute(f'select {shown} from "{name}" where account_id = ? order by {order}_key', [account_id]))
