"""The four KPIs of a department, by rep, department, quarter and plan period."""

from __future__ import annotations

from datetime import date

from tests.kpi.oracle import churn, file_completeness, new_development, plan_completion
from tests.kpi.oracle.accounts import Files
from tests.kpi.oracle.calendar import Quarter, quarters, store_date
from tests.kpi.oracle.contribution import Contribution, Figure, figures
from tests.kpi.oracle.facts import Department, day
from tests.kpi.oracle.people import People
from tests.kpi.oracle.sales import Ledger

METRICS = ("plan_completion", "file_completeness", "churn", "new_development")


def all_quarters(facts: Department) -> list[Quarter]:
    """Return the quarters from the first order or plan to the data date."""
    last = store_date(facts)
    days = [day(row["order_date"]) for row in facts.rows("orders") if row["order_date"]]
    days += [day(row["period_start"]) for row in facts.rows("sales_plan")]
    return list(quarters(facts, min([*days, last]), last))


def contributions(facts: Department, metric: str) -> list[Contribution]:
    """Return the rows behind one metric, over all quarters."""
    people, files = People(facts), Files(facts)
    ledger, found = Ledger(facts, people), all_quarters(facts)
    activity = churn.Activity(facts, files, ledger)
    if metric == "plan_completion":
        return list(plan_completion.by_quarter(facts, people, ledger, found))
    if metric == "file_completeness":
        completeness = file_completeness.Completeness(facts, people, ledger, files)
        return list(file_completeness.contributions(facts, completeness, found))
    if metric == "churn":
        return list(churn.contributions(people, activity, found))
    return list(new_development.contributions(facts, people, ledger, files, activity, found))


def by_rep(metric: str, rows: list[Contribution]) -> dict[tuple[object, ...], Figure]:
    """Return (rep, quarter) to figure."""
    return figures(metric, (row for row in rows if not row.undivided), lambda row: (row.rep, row.quarter))


def by_dept(metric: str, rows: list[Contribution]) -> dict[tuple[object, ...], Figure]:
    """Return (department, quarter) to figure."""
    return figures(metric, (row for row in rows if not row.undivided or row.dept), lambda row: (row.dept, row.quarter))


def by_period(facts: Department) -> dict[tuple[date, date], Figure]:
    """Return plan period to figure of plan completion."""
    people = People(facts)
    rows = plan_completion.by_period(facts, people, Ledger(facts, people), all_quarters(facts))
    return figures("plan_completion", rows, lambda row: row.period or ())  # type: ignore[return-value]
