"""A small store in memory: entity tables filled by a test, then the steps that derive milestones and stages."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data.entity import entities
from kpi import process

STEPS = sorted((Path(process.__file__).parent / "steps").glob("5[0-9]_*.sql"))

OTHERS = {
    "clock": "data_date date",
    "parameter": "name varchar, value varchar",
    "sale": "sale_key varchar, account_id varchar, rep_id varchar, day date, amount decimal(18, 4), "
    "order_type varchar, counts boolean",
    "spell": "account_id varchar, day date, next_day date, active_to date, declared_on date, source_key varchar",
    "account_state": "account_id varchar, from_date date, to_date date, status varchar, known_on date, "
    "terminated_at date",
    "tenure": "account_id varchar, rep_id varchar, dept varchar, from_date date, to_date date, basis varchar",
    "member": "rep_id varchar, rep_name varchar, dept varchar",
    "quarter": "quarter varchar, period_start date, period_end date",
}

Rows = Sequence[Mapping[str, Any]]


def world(today: date, **tables: Rows) -> duckdb.DuckDBPyConnection:
    """Return a connection whose `core` holds the given rows and what steps 50 to 59 derive from them."""
    con = duckdb.connect()
    con.execute("create schema core; set search_path = 'core'")
    for entity in entities().values():
        columns = ", ".join(f'"{field.name}" {field.sql_type}' for field in entity.fields.values())
        con.execute(f'create table core."{entity.name}" (_key varchar, {columns}, _sheet varchar, _row bigint)')
    for name, columns in OTHERS.items():
        con.execute(f"create table core.{name} ({columns})")
    con.execute("insert into core.clock values (?)", [today])
    for name, rows in tables.items():
        fill(con, name, rows)
    process.register(con)
    for step in STEPS:
        con.execute(step.read_text(encoding="utf-8"))
    return con


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: Rows) -> None:
    """Insert rows given as mappings; a key is made up where the table wants one."""
    for number, row in enumerate(rows, 1):
        keyed = {"_key": f"{table}-{number}", "_sheet": "s", "_row": number} if table in entities() else {}
        full = {**keyed, **row}
        names = ", ".join(f'"{name}"' for name in full)
        con.execute(f'insert into core."{table}" ({names}) values ({", ".join("?" * len(full))})', list(full.values()))


def stages(con: duckdb.DuckDBPyConnection, account: str) -> dict[str, tuple[int, date]]:
    """Return the stage in which an account stands in each model, and since when."""
    rows = con.execute(
        "select model, stage_no, entered_on from core.stage_entry where account_id = ? and not episode "
        "qualify row_number() over (partition by model order by cycle_no desc, position desc) = 1",
        [account],
    ).fetchall()
    return {model: (stage_no, entered_on) for model, stage_no, entered_on in rows}
