"""Sales against plan, by calendar quarter and by the plan's own period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from kpi.cadence import is_working_day
from tests.kpi.oracle.actuals import Actual, Actuals
from tests.kpi.oracle.calendar import DAY, Quarter, add_months, quarter_of
from tests.kpi.oracle.contribution import Contribution
from tests.kpi.oracle.facts import Delivered, Department, Row, day, day_or_none
from tests.kpi.oracle.people import People

RAMP = "0,30,60,100"


@dataclass(frozen=True)
class Planned:
    """Whose plan a line is: a rep's, an account's (of a named rep or of whoever holds it), a department's, or all."""

    rep: str | None = None
    account: str | None = None
    dept: str | None = None


@dataclass(frozen=True)
class Line:
    """One plan line: whose it is, its period and every version of its value."""

    whose: Planned
    start: date
    end: date
    versions: tuple[Delivered, ...]

    @property
    def months(self) -> list[date]:
        """The first days of the months the line covers."""
        found, moment = [], date(self.start.year, self.start.month, 1)
        while moment < self.end:
            found.append(moment)
            moment = add_months(moment, 1)
        return found

    def regular(self, first_month: int) -> bool:
        """Say whether the line covers one whole month or whole fiscal quarters."""
        if self.start.day != 1 or self.end.day != 1 or self.end <= self.start:
            return False
        opens = quarter_of(self.start, first_month).start == self.start
        return len(self.months) == 1 or (opens and len(self.months) in (3, 6, 12))

    def in_force(self, moment: date, rule: str = "quarter_start") -> Row:
        """Return the version in force on a day: the newest known by then, else the first known."""
        by_then = [version for version in self.versions if known(version) <= moment or rule == "latest"]
        if by_then and rule != "first":
            return max(by_then, key=lambda version: (known(version), number(version), version.rank)).row
        first = min((known(version), number(version)) for version in self.versions)
        same = [version for version in self.versions if (known(version), number(version)) == first]
        return max(same, key=lambda version: version.rank).row


def known(version: Delivered) -> date:
    """Say when a version of a plan was known; one without any date always was."""
    return day_or_none(version.row.get("approved_at")) or version.exported_on or date.min


def half_open(start: date, end: date) -> date:
    """Return the end of a period: as given from month to month, else the day after its last day."""
    return end if start.day == 1 and end.day == 1 and end > start else end + DAY


def in_force(versions: list[Delivered]) -> list[Delivered]:
    """Return what is left of a line's deliveries: one without version, approval or export date replaces all before."""
    plain = [v.rank[:3] for v in versions if known(v) == date.min and v.row.get("version") is None]
    return [v for v in versions if not plain or v.rank[:3] >= max(plain)]


def whose(row: Row) -> Planned:
    """Say whose plan a row states."""
    rep, account = row.get("rep_id") or None, row.get("account_id") or None
    return Planned(rep, account, None if rep or account else row.get("dept") or None)


def plan_metric(facts: Department) -> str:
    """Return which plans the numerator is held against."""
    asked = facts.setting("plan_numerator", "orders")
    paid = any(row.row.get("metric") == "回款" for row in facts.delivered.get("sales_plan", []))
    return "销量" if asked == "quantity" else "回款" if asked == "cash" and paid else "销售额"


def lines(facts: Department, metric: str) -> list[Line]:
    """Return the plan lines of one kind."""
    found: dict[tuple[Planned, date, date], list[Delivered]] = defaultdict(list)
    for delivered in facts.delivered.get("sales_plan", []):
        row = delivered.row
        if (row.get("metric") or "销售额") == metric:
            start = day(row["period_start"])
            found[whose(row), start, half_open(start, day(row["period_end"]))].append(delivered)
    return [Line(*line, tuple(in_force(versions))) for line, versions in found.items()]


def number(version: Delivered) -> int:
    """Return the number of a version; one without a number comes first."""
    return version.row.get("version") or 0


def working(first: date, end: date) -> int:
    """Count the working days of [first, end)."""
    return sum(is_working_day(first + timedelta(number)) for number in range((end - first).days))


@dataclass
class Plans:
    """The plans of one set of facts."""

    facts: Department
    people: People
    metric: str

    @cached_property
    def _reps(self) -> dict[str, Row]:
        return {row["rep_id"]: row for row in self.facts.rows("rep")}

    @cached_property
    def all_lines(self) -> dict[Planned, list[Line]]:
        """The plan lines by whose they are."""
        found: dict[Planned, list[Line]] = defaultdict(list)
        for line in lines(self.facts, self.metric):
            found[line.whose].append(line)
        return found

    @cached_property
    def lines(self) -> dict[str, list[Line]]:
        """Each rep's own plan lines."""
        return {each.rep: found for each, found in self.all_lines.items() if each.rep and not each.account}

    def rule(self) -> str:
        """Return which version of a plan the settings choose."""
        return str(self.facts.setting("plan_version", "quarter_start"))

    def served(self, rep: str, month: date) -> Decimal:
        """Return the share of a month's plan that a rep's days and months of service carry."""
        row, end = self._reps.get(rep, {}), add_months(month, 1)
        hired, left = day_or_none(row.get("hired_at")), day_or_none(row.get("left_at"))
        rule, start = self.facts.setting("part_quarter", "month_days"), month
        if rule == "quarter_days":
            quarter = quarter_of(month, int(self.facts.setting("fiscal_year_start_month", 1)))
            start, end = quarter.start, quarter.end
        first = max(start, hired) if hired else start
        last = max(first, min(end, left + DAY) if left else end)
        if rule == "working_days":
            share = Decimal(working(first, last)) / Decimal(working(start, end))
        else:
            share = Decimal((last - first).days) / Decimal((end - start).days)
        return (Decimal(1) if rule == "none" else share) * self._ramp(hired, month)

    def _ramp(self, hired: date | None, month: date) -> Decimal:
        if not hired:
            return Decimal(1)
        steps = str(self.facts.setting("ramp", RAMP)).split(",")
        service = (month.year - hired.year) * 12 + month.month - hired.month
        # Months before the hiring carry no ramp; their days in service are none.
        return Decimal(steps[min(service, len(steps) - 1)]) / 100 if service >= 0 else Decimal(1)

    def finest(self, whose: Planned, month: date) -> Line | None:
        """Return the line that speaks for a month: of those that cover it, the one over fewest months."""
        covering = [line for line in self.all_lines.get(whose, []) if month in line.months]
        return min(covering, key=lambda line: len(line.months), default=None)

    def stated(self, line: Line, quarter: Quarter) -> Decimal:
        """Return what a line asks for in one of its months, in the version in force when the quarter began."""
        return Decimal(line.in_force(quarter.start, self.rule())["plan_value"]) / len(line.months)

    def month(self, line: Line, month: date, quarter: Quarter) -> Decimal:
        """Return what a line asks of its rep in one of its months."""
        share, rep = self.stated(line, quarter), line.whose.rep
        return (
            share
            if line.in_force(quarter.start, self.rule()).get("prorated") or not rep
            else share * self.served(rep, month)
        )

    def calendar(self, whose: Planned) -> bool:
        """Say whether a plan can be read by calendar quarter: all of its lines, or none."""
        first_month = int(self.facts.setting("fiscal_year_start_month", 1))
        return all(line.regular(first_month) for line in self.all_lines.get(whose, []))

    def in_service(self, rep: str, month: date) -> bool:
        """Say whether somebody was here in a month."""
        row = self._reps.get(rep, {})
        hired, left = day_or_none(row.get("hired_at")), day_or_none(row.get("left_at"))
        return (not hired or hired < add_months(month, 1)) and (not left or left >= month)

    def of_whom(self, line: Line, month: date, quarter: Quarter) -> list[tuple[str | None, Decimal]]:
        """Return whom a line of a rep or an account burdens with how much: by days where it names nobody."""
        if line.whose.rep:
            return [(line.whose.rep, self.month(line, month, quarter))]
        days = [month + DAY * number for number in range((add_months(month, 1) - month).days)]
        held = [self.people.owner(line.whose.account, moment) for moment in days]
        stated = self.stated(line, quarter)
        return [(rep, stated * held.count(rep) / len(days)) for rep in dict.fromkeys(held)]

    def of_month(self, whose: Planned, month: date) -> Line | None:
        """Return the line of a calendar plan that speaks for a month."""
        return self.finest(whose, month) if self.calendar(whose) else None

    def holding(self, rep: str, moment: date) -> Line | None:
        """Return the line of a rep's own plan to whose period an order of the rep belongs."""
        if self.calendar(Planned(rep)):
            return self.finest(Planned(rep), date(moment.year, moment.month, 1))
        lines = [line for line in self.lines.get(rep, []) if line.start <= moment < line.end]
        return min(lines, key=lambda line: (line.start, line.end), default=None)


def by_quarter(people: People, actuals: Actuals, quarters: list[Quarter]) -> Iterator[Contribution]:
    """Return what counts over monthly plans."""
    plans, found = Plans(actuals.facts, people, plan_metric(actuals.facts)), list(actuals.all())
    for quarter in quarters:
        for actual in found:
            if quarter.start <= actual.day < quarter.end:
                dept = people.dept(actual.rep)
                yield Contribution(actual.rep, dept, quarter.label, numerator=actual.signed, account=actual.account)
        for month in (add_months(quarter.start, number) for number in range(3)):
            for _, row in asked(plans, month, quarter):
                yield row


def asked(plans: Plans, month: date, quarter: Quarter) -> Iterator[tuple[Line, Contribution]]:
    """Return what plans ask for in a month: people's and accounts', a whole's where nothing below is planned."""
    people = plans.people
    below = [each for each in below_whole(plans, month, quarter) if quarter.start <= people.data_date(each[1].dept)]
    yield from below
    planned = {found.dept for _, found in below}
    for whole in sorted(plans.all_lines, key=lambda each: each.dept or "\uffff"):
        line = None if whole.rep or whole.account else plans.of_month(whole, month)
        free = whole.dept not in planned if whole.dept else not planned
        if line and free and quarter.start <= people.data_date(whole.dept):
            planned.add(whole.dept)
            yield (
                line,
                Contribution(None, whole.dept, quarter.label, denominator=plans.stated(line, quarter), undivided=True),
            )
            for rep, dept in people.departments.items():
                if whole.dept in {None, dept} and plans.in_service(rep, month):
                    yield line, Contribution(rep, dept, quarter.label, told="待分解")


def below_whole(plans: Plans, month: date, quarter: Quarter) -> Iterator[tuple[Line, Contribution]]:
    """Return the plans of reps and of accounts in a month; those of accounts are within a rep's own plan."""
    people = plans.people
    for whose in plans.all_lines:
        line = plans.of_month(whose, month)
        if line is None or not (whose.rep or whose.account):
            continue
        for rep, value in plans.of_whom(line, month, quarter):
            own = bool(whose.account and rep and plans.of_month(Planned(rep), month))
            yield (
                line,
                Contribution(
                    rep,
                    people.dept(rep),
                    quarter.label,
                    denominator=Decimal(0) if own else value,
                    account=whose.account,
                ),
            )


def by_period(people: People, actuals: Actuals, quarters: list[Quarter]) -> Iterator[Contribution]:
    """Return what counts and the plans of reps by the period of the plan line that they belong to."""
    plans = Plans(actuals.facts, people, plan_metric(actuals.facts))
    for rep, found in plans.lines.items():
        if not plans.calendar(Planned(rep)):
            for line in found:
                value = Decimal(line.in_force(line.start, plans.rule())["plan_value"])
                yield Contribution(rep, people.dept(rep), "", denominator=value, period=(line.start, line.end))
    months = [(add_months(quarter.start, number), quarter) for quarter in quarters for number in range(3)]
    by_month = {month: list(asked(plans, month, quarter)) for month, quarter in months}
    for line, row in (pair for found in by_month.values() for pair in found):
        yield replace(row, quarter="", account=None, period=(line.start, line.end))
    for sale in actuals.all():
        held = plans.holding(sale.rep, sale.day) if sale.rep else None
        held = held or over(by_month.get(sale.day.replace(day=1), []), sale, people.dept(sale.rep))
        if held:
            dept, period = people.dept(sale.rep), (held.start, held.end)
            yield Contribution(sale.rep, dept, "", numerator=sale.signed, account=sale.account, period=period)


def over(month: list[tuple[Line, Contribution]], sale: Actual, dept: str | None) -> Line | None:
    """Return the line above a sale of a rep without an own plan: the account's, the department's or the company's."""
    accounts = [line for line, row in month if row.account and (row.account, row.rep) == (sale.account, sale.rep)]
    # Of several lines for one account, one that names a rep comes first, then the earlier period.
    accounts.sort(key=lambda line: (line.whose.rep is None, line.start, line.end))
    wholes = {row.dept: line for line, row in month if row.undivided}
    return accounts[0] if accounts else wholes.get(dept, wholes.get(None))
