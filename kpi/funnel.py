"""Funnels over the stays and stages that the steps derived (domain.md §5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypedDict, Unpack

import duckdb

from kpi.intervals import wilson
from kpi.refusals import UnknownNameError
from kpi.survival import SHOWN_FROM, STILL, median

FOLDER = Path(__file__).parent / "funnels"
FATES = ("advanced", "terminated", "back", "open")
FATE_COUNTS = ", ".join(f"count(*) filter (where f.fate = '{fate}')" for fate in FATES)
OF_ACCOUNT = {"region", "tier", "industry", "source"}
GROUPS = {
    "rep": "f.rep_id",
    "dept": "f.dept",
    "account": "f.account_id",
    "region": "c.region",
    "tier": "c.account_class",
    "industry": "c.industry",
    "source": "c.source",
    "quarter": "q.quarter",
}
STATES = ("在途", "成交", "终止", "流失", "未进入")
UNITS = ("auto", "account", "deal")

COUNTED = """
where (cast($rep as varchar) is null or f.rep_id = $rep) and (cast($dept as varchar) is null or f.dept = $dept)
  and (f.deal is not null or $unit <> 'deal') and (f.deal is null or $unit <> 'account')
  and (f.deal is not null or $unit <> 'auto' or f.account_id not in (select account_id from covered))
"""


class Options(TypedDict, total=False):
    """How to limit and split a funnel.

    `by` names groups of `GROUPS`; `within` counts days after entry (cohort only); `rep` and `dept` limit.
    `unit` is `account` (an account's cycle), `deal`, or `auto`: deals where an account has several, else accounts.
    """

    by: Sequence[str]
    within: int | None
    rep: str | None
    dept: str | None
    unit: str


def funnel(
    con: duckdb.DuckDBPyConnection,
    model: str,
    start: date | None = None,
    end: date | None = None,
    view: str = "cohort",
    **options: Unpack[Options],
) -> list[dict[str, Any]]:
    """Count the units of one model (`a` or `five_stage`) by stage in [start, end), seen as `view` (`kpi/funnels/`).

    Rows by group and stage: `stage`, `name_zh`, `name_en`, `entered` = `advanced` + `terminated` + `back` + `open`,
    `skipped`, `conversion` with `low` and `high` (Wilson 95 %), `median_days` (Kaplan–Meier; None under five stays or
    never reached), `n_at_risk` (stays behind the median), `amount` (expected, snapshot only). A conditional stage (b6)
    counts episodes. Conversion is None without a base, in a snapshot and in a last stage that nobody wins (b7).
    Raise `ValueError` naming what exists when the model, view or group is unknown. domain.md §5.
    """
    by = tuple(options.get("by", ()))
    sql, values = question(con, model, (start, end), view, options)
    groups = "".join(f"{GROUPS[name]} as by_{name}, " for name in by)
    counted = con.execute(
        f"{sql} select {groups} f.stage_no, count(*), {FATE_COUNTS}, count(*) filter (where f.skipped), sum(f.amount) "
        f"from fate f {joins(by)} {COUNTED} group by all",
        values,
    ).fetchall()
    days = stays(con, values, by)
    found = {(tuple(row[: len(by)]), row[len(by)]): row[len(by) + 1 :] for row in counted}
    rows = []
    for group in sorted({key for key, _ in found} or ({()} if not by else set()), key=str):
        for stage_no, *names in stages_of(con, values["model"]):
            counts = found.get((group, stage_no), (0,) * 6 + (None,))
            rows.append(dict(zip(by, group, strict=True)) | _row(view, stage_no, names, counts, days[group, stage_no]))
    return rows


def members(
    con: duckdb.DuckDBPyConnection,
    model: str,
    stage: int,
    kind: str | None = None,
    view: str = "cohort",
    *,
    start: date | None = None,
    end: date | None = None,
    **options: Unpack[Options],
) -> list[dict[str, Any]]:
    """List the units behind a bar: those of one `stage` with the fate `kind` (all of `FATES` where None).

    Rows: `account_id`, `account_name`, `deal`, `cycle_no`, `rep_id`, `dept`, `day` (entered, or left in view `period`),
    `until`, `fate`, `reason` of a termination, `skipped`, `amount`.
    """
    sql, values = question(con, model, (start, end), view, options)
    return dicts(
        con.execute(
            f"{sql} select f.account_id, c.account_name, f.deal, f.cycle_no, f.rep_id, f.dept, f.day, f.until, f.fate, "
            f"case when f.fate = 'terminated' then f.reason end as reason, f.skipped, f.amount from fate f "
            f"left join account c on c.account_id = f.account_id {COUNTED} and f.stage_no = $stage "
            f"and (cast($kind as varchar) is null or f.fate = $kind) order by f.day, f.account_id, f.deal, f.cycle_no",
            {**values, "stage": stage, "kind": kind},
        )
    )


def standing(con: duckdb.DuckDBPyConnection, account_id: str | None = None) -> list[dict[str, Any]]:
    """Say where an account (each one where None) stands in every model in its latest cycle (domain.md §2.1).

    Rows by account and model: `stage` (None where no entry milestone exists), `name_zh`, `name_en`, `state` (one of
    `STATES`), `since`, `days` in stage, `won_on`, `ended_on`, `end_reason`, `skipped` stage numbers,
    `cycle_no`, `won_back`, and the `source`, `source_entity`, `source_key` of the entry.
    """
    return dicts(con.execute(query("_standing"), {"account": account_id}))


def reconciliation(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Count accounts by state in each model; `accounts` is the sum of the states and equal in all models."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in standing(con):
        found[row["model"]][row["state"]] += 1
    return [
        {"model": model, "accounts": states.total(), **{state: states[state] for state in STATES}}
        for model, states in sorted(found.items())
    ]


def wins(
    con: duckdb.DuckDBPyConnection,
    model: str,
    start: date | None = None,
    end: date | None = None,
    view: str = "cohort",
    **options: Unpack[Options],
) -> list[dict[str, Any]]:
    """Count how developments end: of those begun in [start, end), or closed in it where `view` is `period`.

    Rows by group: `entered` = `won` + `lost` + `open`; `win_rate` = won ÷ entered with `low` and `high` (Wilson 95 %),
    `median_days_won` and `mean_days_closed` from the first day in the model, `amount_won` (deals only). domain.md §5.1.
    """
    by = tuple(options.get("by", ()))
    _, values = question(con, model, (start, end), view, options)
    groups = "".join(f'{GROUPS[name]} as "{name}", ' for name in by)
    rows = dicts(
        con.execute(
            f"{query('_asked')}, fate as ({query('_wins')}) select {groups} count(*) as entered, "
            "count(*) filter (where f.fate = 'won') as won, count(*) filter (where f.fate = 'lost') as lost, "
            "count(*) filter (where f.fate = 'open') as open, "
            "median(f.days) filter (where f.fate = 'won') as median_days_won, avg(f.days) as mean_days_closed, "
            "sum(f.amount) filter (where f.fate = 'won') as amount_won "
            f"from fate f {joins(by)} {COUNTED} group by all order by all",
            values,
        )
    )
    for row in rows:
        row["win_rate"] = row["won"] / row["entered"] if row["entered"] else None
        row["low"], row["high"] = wilson(row["won"], row["entered"]) if row["entered"] else (None, None)
    return rows


def dicts(relation: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the rows of an executed query as dicts."""
    names = [column[0] for column in relation.description or ()]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def _row(
    view: str, stage_no: int, names: list[Any], counts: Sequence[Any], stays: list[tuple[int, str, int]]
) -> dict[str, Any]:
    entered, advanced, terminated, back, still, skipped, amount = counts
    name_zh, name_en, conditional, final = names
    rated = entered > 0 and view != "snapshot" and not final
    low, high = wilson(advanced, entered) if rated else (None, None)
    known = sum(number for _, _, number in stays)
    return {
        "stage": stage_no, "name_zh": name_zh, "name_en": name_en, "conditional": conditional, "entered": entered,
        "advanced": advanced, "terminated": terminated, "back": back, "open": still, "skipped": skipped,
        "conversion": advanced / entered if rated else None, "low": low, "high": high,
        "median_days": median(stays), "n_at_risk": known, "hidden": known < SHOWN_FROM,
        "amount": amount if view == "snapshot" else None,
    }  # fmt: skip


def question(
    con: duckdb.DuckDBPyConnection, model: str, period: tuple[date | None, date | None], view: str, options: Options
) -> tuple[str, dict[str, Any]]:
    """Return a query that ends in the table `fate` of a view, and its values; refuse unknown names."""
    model = _letter(con, model)
    one_of("view", view, sorted(path.stem for path in FOLDER.glob("[!_]*.sql")))
    one_of("unit", options.get("unit", "auto"), UNITS)
    for name in options.get("by", ()):
        one_of("group", name, sorted(GROUPS))
    values = {
        "model": model, "start": period[0], "end": period[1], "rep": options.get("rep"), "dept": options.get("dept"),
        "within": options.get("within") if view == "cohort" else None, "unit": options.get("unit", "auto"),
        "view": view,
    }  # fmt: skip
    return f"{query('_asked')}, fate as ({query(view)})", values


def _letter(con: duckdb.DuckDBPyConnection, model: str) -> str:
    known = dict(con.execute("select distinct model_name, model from stage order by model").fetchall())
    letter: str = known.get(model, model)
    one_of("model", letter, [*known.values(), *known])
    return letter


def one_of(what: str, asked: object, known: Sequence[object]) -> None:
    """Refuse a name that does not exist with what there is."""
    if asked not in known:
        raise UnknownNameError(what, asked, known)


@cache
def query(name: str) -> str:
    """Return one query of `kpi/funnels/`."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def joins(by: Sequence[str]) -> str:
    """Return what the groups of a query over `fate` need joined."""
    account = "left join account c on c.account_id = f.account_id" if OF_ACCOUNT & set(by) else ""
    quarter = "left join quarter q on f.day >= q.period_start and f.day < q.period_end" if "quarter" in by else ""
    return f"{account} {quarter}"


def stages_of(con: duckdb.DuckDBPyConnection, model: str) -> list[tuple[Any, ...]]:
    """Return stage_no, name_zh, name_en, conditional, final of the enabled stages of a model's letter."""
    return con.execute(
        "select stage_no, name_zh, name_en, conditional, final from stage "
        "where model = ? and enabled order by stage_no",
        [model],
    ).fetchall()


def stays(
    con: duckdb.DuckDBPyConnection, values: dict[str, Any], by: tuple[str, ...]
) -> dict[tuple[tuple[Any, ...], int], list[tuple[int, str, int]]]:
    """First stays by group and stage as (days, way of leaving, how many); those still in run to the data date."""
    sql = f"{query('_asked')}, fate as ({query('_stays')})"
    groups = "".join(f"{GROUPS[name]} as by_{name}, " for name in by)
    rows = con.execute(
        f"{sql} select {groups} f.stage_no, f.days, case f.fate when 'open' then '{STILL}' else f.fate end, count(*) "
        f"from fate f {joins(by)} {COUNTED} group by all",
        values,
    ).fetchall()
    found: dict[tuple[tuple[Any, ...], int], list[tuple[int, str, int]]] = defaultdict(list)
    for row in rows:
        stage_no, days, cause, number = row[len(by) :]
        found[tuple(row[: len(by)]), stage_no].append((days, cause, number))
    return found
