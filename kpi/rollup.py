"""The one place that aggregates contributions into values, and lists the contributions behind a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from kpi.catalogue import Metric, every
from kpi.intervals import wilson
from kpi.periods import latest
from kpi.refusals import UnknownNameError

SMALL = 10
SPREAD = (("p75", 0.75), ("p90", 0.9))
UNASSIGNED = "未归属"
DIMENSIONS = {
    "rep": "coalesce(c.rep_id, '未归属')",
    "dept": "coalesce(c.dept, '未归属')",
    "quarter": "c.quarter",
    "month": "strftime(c.day, '%Y-%m')",
    "region": "coalesce(a.region, o.region, '')",
    "tier": "coalesce(s.account_class, '')",
    "account": "c.account_id",
    "plan_period": "strftime(l.period_start, '%Y-%m-%d') || '/' || strftime(l.period_end, '%Y-%m-%d')",
}
OF_ACCOUNT = {"region", "tier", "account"}
# Reasons that say why a group has no base, in place of the metric's own word for it.
TOLD = "max(case c.reason when 'no_data' then '数据不足' when 'to_divide' then '待分解' end)"
LABELS = {"rep": ("rep_name", "max(m.rep_name)"), "account": ("account_name", "max(a.account_name)")}


@dataclass(frozen=True)
class _Question:
    metric: Metric
    by: tuple[str, ...]
    start: date | None
    end: date | None
    rep: str | None
    where: Mapping[str, str]


def value(
    cur: duckdb.DuckDBPyConnection,
    name: str,
    by: Sequence[str] = (),
    start: date | None = None,
    end: date | None = None,
    rep: str | None = None,
    where: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Aggregate one metric on a cursor of `Store.open`.

    Returns one row per group: the `by` keys (with `rep_name` or `account_name` beside a number), `numerator`,
    `denominator`, `value` (a fraction; None without a base), `n`, `low`, `high` (Wilson), `status`
    (docs/definitions.md "Statuses"). `start` and `end` are half-open. A stock metric not asked by quarter answers
    for its latest quarter. Raises `KeyError` for an unknown metric, `UnknownNameError` for an unknown group.
    """
    metric = every()[name]
    conditions = dict(where or {})
    for key in (*by, *conditions):
        if key not in DIMENSIONS:
            raise UnknownNameError("group", key, DIMENSIONS)
    if metric.conditional:
        metric = metric.under(dict(cur.execute("select name, value from parameter").fetchall()))
    question = _Question(metric, tuple(by), start, end, rep, conditions)
    if metric.grain == "stock" and {"month", "plan_period"} & {*by, *conditions}:
        return [_row(question, dict.fromkeys(by), (None, None, 0, 0, None, None), "数据不足")]
    raw = _stock(cur, question) if metric.grain == "stock" else _flow(cur, question)
    return sorted(raw, key=lambda row: tuple(str(row[key]) for key in by))


def _joins(keys: set[str]) -> str:
    parts = []
    if "rep" in keys:
        parts.append("left join member m on m.rep_id = c.rep_id")
    if keys & {"region", "account"}:
        parts.append("left join account a on a.account_id = c.account_id")
    if "region" in keys:
        parts.append("left join sale o on c.source_entity = 'orders' and o.sale_key = c.source_key")
    if "tier" in keys:
        parts.append(
            "left join account_state s on s.account_id = c.account_id and s.from_date <= c.day and c.day < s.to_date"
        )
    if "plan_period" in keys:
        parts.append("left join plan_line l on l.plan_id = c.plan_id")
    return " ".join(parts)


def _own_plans(keys: set[str]) -> list[str]:
    """Leave out the plans that stand above a group: a department's is no rep's, a person's is no region's."""
    above = []
    if OF_ACCOUNT & keys:
        above.append("c.account_id is null")
    if "rep" in keys:
        above.append("c.rep_id is null and c.account_id is null")
    if "dept" in keys:
        above.append("c.dept is null and c.account_id is null")
    return [f"not (c.source_entity = 'sales_plan' and {each})" for each in above]


def _filters(question: _Question) -> tuple[list[str], list[Any]]:
    clauses = _own_plans({*question.by, *question.where} | ({"rep"} if question.rep else set()))
    values: list[Any] = []
    for key, wanted in question.where.items():
        clauses.append(f"{DIMENSIONS[key]} = ?")
        values.append(wanted)
    if question.rep is not None:
        clauses.append("c.rep_id is null" if question.rep == UNASSIGNED else "c.rep_id = ?")
        values.extend([] if question.rep == UNASSIGNED else [question.rep])
    return clauses, values


def _select(question: _Question, source: str, clauses: list[str], values: list[Any]) -> tuple[str, list[Any]]:
    keys = {*question.by, *question.where}
    groups = [f'{DIMENSIONS[key]} as "{key}"' for key in question.by]
    labels = [f"{LABELS[key][1]} as {LABELS[key][0]}" for key in question.by if key in LABELS]
    measures = (
        "sum(c.numerator) as numerator, sum(c.denominator) as denominator, count(*) filter (where "
        "c.denominator <> 0) as n_base, "
        "count(*) filter (where c.numerator <> 0 or c.denominator <> 0) as n_rows, "
        "avg(cast(c.numerator as double) / cast(c.denominator as double)) filter (where c.denominator <> 0) as mean, "
        f"{TOLD} as told"
    )
    if question.metric.rollup == "median":
        measures = measures.replace(
            "avg(cast(c.numerator as double) / cast(c.denominator as double))", "median(c.numerator)"
        )
        measures += "".join(
            f", quantile_cont(c.numerator, {share}) filter (where c.denominator <> 0) as {name}"
            for name, share in SPREAD
        )
    by = ", ".join(str(place) for place in range(1, len(question.by) + 1))
    sql = (
        f"select {', '.join([*groups, *labels, measures])} from {source} c {_joins(keys)} "
        f"where {' and '.join(clauses) or 'true'}" + (f" group by {by}" if by else "")
    )
    return sql, values


def _stock(cur: duckdb.DuckDBPyConnection, question: _Question) -> list[dict[str, Any]]:
    clauses, values = _filters(question)
    if question.start:
        clauses.append("c.period_start >= ?")
        values.append(question.start)
    if question.end:
        clauses.append("c.period_start < ?")
        values.append(question.end)
    source = f"contribution_{question.metric.name}"
    if "quarter" not in {*question.by, *question.where}:
        bounds = " and ".join(clause for clause in clauses if "period_start" in clause) or "true"
        clauses.append(f"c.period_start = (select max(period_start) from quarter c where {bounds})")
        values.extend(bound for bound in (question.start, question.end) if bound)
    return _fetch(cur, question, *_select(question, source, clauses, values))


def _flow(cur: duckdb.DuckDBPyConnection, question: _Question) -> list[dict[str, Any]]:
    clauses, values = _filters(question)
    calendar = (
        "(c.period_start is null or exists (select 1 from quarter q where q.period_start = c.period_start "
        "and q.period_end = c.period_end))"
    )
    if question.start:
        clauses.append(f"case when {calendar} then c.day else c.period_start end >= ?")
        values.append(question.start)
    if question.end:
        clauses.append(f"case when {calendar} then c.day < ? else c.period_end <= ? end")
        values.extend([question.end, question.end])
    source = f"contribution_{question.metric.name}"
    if "plan_period" in question.by:
        clauses.append("l.period_start is not null")
        return _fetch(cur, question, *_select(question, source, clauses, values))
    if {"quarter", "month"} & set(question.by):
        clauses.append("c.quarter is not null")
        clauses.append("c.day <= (select max(as_of) from period)" if "month" in question.by else "true")
        return _fetch(cur, question, *_select(question, source, clauses, values))
    return _pooled(cur, question, source, clauses, values)


def _pooled(
    cur: duckdb.DuckDBPyConnection, question: _Question, source: str, clauses: list[str], values: list[Any]
) -> list[dict[str, Any]]:
    """Pool a flow over several periods: only cells (group × quarter or plan period) that have a base enter."""
    groups = [f'{DIMENSIONS[key]} as "{key}"' for key in question.by]
    labels = [f"{LABELS[key][1]} as {LABELS[key][0]}" for key in question.by if key in LABELS]
    by = "".join(f", {place}" for place in range(1, len(question.by) + 1))
    names = "".join(f", max({LABELS[key][0]}) as {LABELS[key][0]}" for key in question.by if key in LABELS)
    cells = (
        f"select {', '.join([*groups, *labels, 'c.period_start as p0, c.period_end as p1'])}, "
        "sum(c.numerator) as numerator, "
        f"sum(c.denominator) as denominator, count(*) filter (where c.numerator <> 0 or c.denominator <> 0) as n_rows, "
        f"{TOLD} as told "
        f"from {source} c {_joins({*question.by, *question.where})} where {' and '.join(clauses) or 'true'} "
        f"group by p0, p1{by}"
    )
    keys = ", ".join(f'"{key}"' for key in question.by)
    sql = (
        f"select {keys + ', ' if keys else ''}sum(case when denominator <> 0 then numerator else 0 end) as numerator, "
        "sum(denominator) as denominator, count(*) filter (where denominator <> 0) as n_base, "
        "coalesce(sum(n_rows), 0) as n_rows, "
        "null as mean, max(told) as told, sum(case when denominator <> 0 then 0 else numerator end) as "
        f"without_base{names} "
        f"from ({cells})" + (f" group by {keys}" if keys else "")
    )
    return _fetch(cur, question, sql, values)


def _fetch(cur: duckdb.DuckDBPyConnection, question: _Question, sql: str, values: list[Any]) -> list[dict[str, Any]]:
    result = cur.execute(sql, values)
    names = [column[0] for column in result.description or []]
    measured = ("numerator", "denominator", "n_base", "n_rows", "mean", "told")
    rows = []
    for found in result.fetchall():
        cells = dict(zip(names, found, strict=True))
        numbers = tuple(cells.pop(key) for key in measured)
        without = cells.pop("without_base", None)
        if not question.by and numbers[0] is None:
            numbers = (0, 0, 0, 0, None, None)
        row = _row(question, cells, numbers, None)
        if without and not row["denominator"]:
            row["numerator"] = without
        elif without:
            row["numerator_without_base"] = without
        rows.append(row)
    return rows


def _row(question: _Question, keys: dict[str, Any], numbers: tuple[Any, ...], status: str | None) -> dict[str, Any]:
    numerator, denominator, n_base, n_rows, mean, told = numbers
    metric = question.metric
    stock = metric.grain == "stock"
    rate = None
    low = high = None
    if denominator:
        rate = mean if metric.rollup in {"mean", "median"} else float(numerator / denominator)
        if metric.interval == "wilson" and 0 <= numerator <= denominator and denominator == int(denominator):
            low, high = wilson(int(numerator), int(denominator))
    n = int(n_base if stock else n_rows)
    if status is None:
        small = metric.interval == "wilson" and n < SMALL
        status = (told or metric.no_base) if not denominator else "样本过小" if small else "ok"
    return {
        **keys,
        "numerator": numerator,
        "denominator": denominator,
        "value": None if rate is None else round(rate, 12),
        "n": n,
        "low": low,
        "high": high,
        "status": status,
    }


def rows(
    cur: duckdb.DuckDBPyConnection,
    name: str,
    quarter: str | None = None,
    rep: str | None = None,
    dept: str | None = None,
    plan_period: str | None = None,
) -> list[dict[str, Any]]:
    """List the contributions of one metric, with the account's and rep's names and each row's file, sheet and row.

    `quarter` is a label or `latest`; None lists every quarter. `plan_period`
    (`2014-03-01/2014-07-01`) lists what belongs to the plans of that period. Numerators and denominators of the list
    add up to `value` for the same question; rows with both 0 were left out, for the stated reason.
    """
    metric = every()[name]
    clauses, values = ["true", *_own_plans({key for key, asked in (("rep", rep), ("dept", dept)) if asked})], []
    if quarter is not None:
        clauses.append("c.quarter = ?")
        values.append(latest(cur) if quarter == "latest" else quarter)
    if plan_period is not None:
        clauses.append(
            "c.plan_id in (select plan_id from plan_line where period_start = ?::date and period_end = ?::date)"
        )
        values.extend(plan_period.split("/"))
    if rep is not None:
        clauses.append("c.rep_id is null" if rep == UNASSIGNED else "c.rep_id = ?")
        values.extend([] if rep == UNASSIGNED else [rep])
    if dept is not None:
        clauses.append("coalesce(c.dept, '未归属') = ?")
        values.append(dept)
    source = f"contribution_{metric.name}"
    entities = [
        row[0]
        for row in cur.execute(
            f"select distinct c.source_entity from {source} c where {' and '.join(clauses)}", values
        ).fetchall()
        if row[0]
    ]
    origin = " union all ".join(
        f"select '{e}' as source_entity, _key as source_key, _sheet, _row from \"{e}\"" for e in entities
    )
    origin = origin or "select null as source_entity, null as source_key, null as _sheet, null as _row"
    result = cur.execute(
        f"select c.*, a.account_name, m.rep_name, f.name as file, t.sheet, o._row as source_row from {source} c "
        f"left join account a on a.account_id = c.account_id left join member m on m.rep_id = c.rep_id "
        f"left join ({origin}) o on o.source_entity = c.source_entity and o.source_key = c.source_key "
        f"left join source_sheet t on t.sheet_id = o._sheet left join source_file f on f.file_id = t.file_id "
        f"where {' and '.join(clauses)} order by c.quarter, c.rep_id, c.numerator = 0, c.denominator = 0, "
        "c.day, c.account_id, c.source_key",
        values,
    )
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def distribution(cur: duckdb.DuckDBPyConnection, name: str, quarter: str) -> dict[str, float] | None:
    """Quartiles of the reps' values, for comparing oneself; None for fewer than five reps (domain.md §8a.13).

    Takes a cursor of the system viewer and gives nothing away but the three quartiles.
    """
    found = sorted(
        row["value"]
        for row in value(cur, name, by=("rep", "quarter"), where={"quarter": quarter})
        if row["value"] is not None
    )
    if len(found) < 5:
        return None
    return {key: found[round((len(found) - 1) * share)] for key, share in (("q1", 0.25), ("median", 0.5), ("q3", 0.75))}
