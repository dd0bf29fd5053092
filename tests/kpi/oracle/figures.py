"""The four KPIs of a department, by rep, department, quarter and plan period."""

from __future__ import annotations

from datetime import date

from tests.kpi.oracle import churn, file_completeness, new_development, plan_completion
from tests.kpi.oracle.accounts import Files
from tests.kpi.oracle.actuals import Actuals
from tests.kpi.oracle.calendar import Quarter, quarters, store_date
from tests.kpi.oracle.contribution import Contribution, Figure, Rule, figures, rule
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
    people = People(facts)
    ledger, found = Ledger(facts, people), all_quarters(facts)
    files = Files(facts, ledger)
    activity = churn.Activity(facts, files, ledger)
    if metric == "plan_completion":
        return list(plan_completion.by_quarter(people, Actuals(facts, people, ledger), found))
    if metric == "file_completeness":
        completeness = file_completeness.Completeness(facts, people, ledger, files)
        return list(file_completeness.contributions(facts, completeness, found))
    news = new_development.News(facts, people, ledger, files)
    new = list(new_development.new_accounts(news, found))
    if metric == "churn":
        return list(churn.contributions(people, activity, found, new))
    return [*new, *new_development.base(news, activity, found)]


def by_rep(how: Rule, rows: list[Contribution]) -> dict[tuple[object, ...], Figure]:
    """Return (rep, quarter) to figure."""
    return figures(how, (row for row in rows if not row.undivided), lambda row: (row.rep, row.quarter))


def by_dept(how: Rule, rows: list[Contribution]) -> dict[tuple[object, ...], Figure]:
    """Return (department, quarter) to figure."""
    return figures(how, (row for row in rows if not row.undivided or row.dept), lambda row: (row.dept, row.quarter))


def by_period(facts: Department) -> dict[tuple[date, date], Figure]:
    """Return plan period to figure of plan completion."""
    people = People(facts)
    actuals = Actuals(facts, people, Ledger(facts, people))
    rows = plan_completion.by_period(people, actuals, all_quarters(facts))
    how = rule("plan_completion", facts)
    return figures(how, rows, lambda row: row.period or ())  # type: ignore[return-value]
