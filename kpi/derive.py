"""Everything that follows from the folded rows: the steps in order, then the contributions of each metric."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb

from kpi import cadence, catalogue, file_fields, flags, junk, parameters, process, stage_days
from kpi.catalogue import every, metrics
from kpi.parameters import checked, defaults

FOLDER = Path(__file__).parent


class BrokenMartError(RuntimeError):
    """A derived table contradicts itself; the version is not published. The message says which and how."""


@dataclass(frozen=True)
class Settings:
    """What people decided and a build takes over: parameters, decisions in force, the folder of their own processes."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    decisions: Sequence[Mapping[str, object]] = ()
    processes: Path | None = None


def derive(con: duckdb.DuckDBPyConnection, settings: Settings | None = None) -> None:
    """Rebuild all derived tables of `core` and the marts on a writable facts file; raise `BrokenMartError`."""
    settings = settings or Settings()
    _take_over(con, settings)
    _working_days(con)
    process.register(con, *([settings.processes] if settings.processes else []))
    for path in sorted((FOLDER / "steps").glob("*.sql")):
        con.execute(path.read_text(encoding="utf-8"))
    stage_days.derive(con)
    file_fields.derive(con)
    junk.mark(con)
    file_fields.spans(con)
    for metric in every().values():
        con.execute(f"create or replace table mart.contribution_{metric.name} as {metric.sql}")
    credited = " union ".join(
        f"select rep_id, account_id from mart.contribution_{name} where rep_id is not null "
        "and account_id is not null and (numerator <> 0 or denominator <> 0)"
        for name in metrics()
    )
    con.execute(f"create or replace table core.credited as {credited}")
    flags.derive(con)
    con.execute("create or replace table core.derived_by as select $code as code", {"code": code()})
    _check(con)


@cache
def code() -> str:
    """Fingerprint of everything that says how facts follow from rows; facts with another one are to be derived anew."""
    modules = (cadence, catalogue, file_fields, flags, junk, parameters, process, stage_days)
    paths = {Path(str(module.__file__)) for module in modules} | {Path(__file__)}
    for folder in (FOLDER, FOLDER.parent / "data" / "entities"):
        paths |= {*folder.rglob("*.sql"), *folder.rglob("*.toml")}
    told = hashlib.sha256()
    for path in sorted(paths):
        told.update(path.read_bytes())
    return told.hexdigest()


def _take_over(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    values = {**defaults(), **checked(settings.parameters)}
    con.execute("create or replace table core.parameter(name varchar, value varchar)")
    con.executemany("insert into core.parameter values (?, ?)", [*values.items()])
    con.execute(
        "create or replace table core.decision(kind varchar, subject varchar, value varchar, reason varchar, "
        "decided_at timestamp, decided_by varchar)"
    )
    for decision in settings.decisions:
        keys = ("kind", "subject", "value", "reason", "decided_at", "decided_by")
        con.execute("insert into core.decision values (?, ?, ?, ?, ?, ?)", [decision[key] for key in keys])


def _working_days(con: duckdb.DuckDBPyConnection) -> None:
    """List the working days around all plans, where plans are cut by them; the calendar is no table of the facts."""
    con.execute("create or replace temp table working_day(day date)")
    asked = "select value from core.parameter where name = 'part_quarter' and value = 'working_days'"
    span = con.execute(
        "select date_trunc('month', min(period_start)), max(period_end) + interval 1 month from delivered.sales_plan "
        f"where exists ({asked})"
    ).fetchone()
    if span and span[0]:
        first, last = (moment.date() if isinstance(moment, datetime) else moment for moment in span)
        days = [first + timedelta(n) for n in range((last - first).days)]
        working = [day for day in days if cadence.is_working_day(day)]
        con.execute("insert into working_day select unnest($days)", {"days": working})


CHECKS = {
    "an order line is credited twice": "select sale_key from core.sale group by sale_key having count(*) > 1",
    "an account has two owners on one day": (
        "select a.account_id from core.tenure a join core.tenure b on a.account_id = b.account_id "
        "and a.from_date < b.to_date and b.from_date < a.to_date "
        "and (a.from_date, a.to_date, a.rep_id) < (b.from_date, b.to_date, b.rep_id)"
    ),
    "an account is in a churn base twice": (
        "select account_id from mart.contribution_churn "
        "group by account_id, quarter having sum(denominator) > 1 or sum(numerator) > 1"
    ),
    "an account is new twice": (
        "select account_id from mart.contribution_new_development "
        "group by account_id, quarter having sum(numerator) > 1"
    ),
    "a file is judged twice": (
        "select account_id from mart.contribution_file_completeness "
        "group by account_id, quarter, day having count(*) > 1"
    ),
    "a plan month is counted twice": (
        "select rep_id from core.plan_month where rep_id is not null "
        "group by rep_id, account_id, month_start having count(*) > 1"
    ),
}


def _check(con: duckdb.DuckDBPyConnection) -> None:
    for fault, sql in CHECKS.items():
        found = con.execute(f"{sql} limit 3").fetchall()
        if found:
            raise BrokenMartError(f"{fault}: {', '.join(str(row[0]) for row in found)} …; nothing was published.")
