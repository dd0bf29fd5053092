"""Sales against plan, by calendar quarter and by the plan's own period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from tests.kpi.oracle.calendar import DAY, Quarter, add_months, quarter_of
from tests.kpi.oracle.contribution import Contribution
from tests.kpi.oracle.facts import Delivered, Department, Row, day, day_or_none
from tests.kpi.oracle.people import People
from tests.kpi.oracle.sales import Ledger

RAMP = "0,30,60,100"


@dataclass(frozen=True)
class Line:
    """One plan line of a rep: its period and every version of its value."""

    rep: str
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

    def in_force(self, moment: date) -> Row:
        """Return the version in force on a day: the newest known by then, else the first known."""
        by_then = [version for version in self.versions if known(version) <= moment]
        if by_then:
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


def lines(facts: Department) -> list[Line]:
    """Return the reps' plan lines for sales."""
    found: dict[tuple[str, date, date], list[Delivered]] = defaultdict(list)
    for delivered in facts.delivered.get("sales_plan", []):
        row = delivered.row
        if row.get("rep_id") and not row.get("account_id") and (row.get("metric") or "销售额") == "销售额":
            start = day(row["period_start"])
            found[row["rep_id"], start, half_open(start, day(row["period_end"]))].append(delivered)
    return [Line(*line, tuple(in_force(versions))) for line, versions in found.items()]


def number(version: Delivered) -> int:
    """Return the number of a version; one without a number comes first."""
    return version.row.get("version") or 0


@dataclass
class Plans:
    """The plans of one set of facts."""

    facts: Department
    people: People

    @cached_property
    def _reps(self) -> dict[str, Row]:
        return {row["rep_id"]: row for row in self.facts.rows("rep")}

    @cached_property
    def lines(self) -> dict[str, list[Line]]:
        """The plan lines of each rep."""
        found: dict[str, list[Line]] = defaultdict(list)
        for line in lines(self.facts):
            found[line.rep].append(line)
        return found

    def served(self, rep: str, month: date) -> Decimal:
        """Return the share of a month's plan that a rep's days and months of service carry."""
        row, end = self._reps.get(rep, {}), add_months(month, 1)
        hired, left = day_or_none(row.get("hired_at")), day_or_none(row.get("left_at"))
        first = max(month, hired) if hired else month
        last = min(end, left + DAY) if left else end
        days = Decimal(max((last - first).days, 0))
        return days / Decimal((end - month).days) * self._ramp(hired, month)

    def _ramp(self, hired: date | None, month: date) -> Decimal:
        if not hired:
            return Decimal(1)
        steps = str(self.facts.setting("ramp", RAMP)).split(",")
        service = (month.year - hired.year) * 12 + month.month - hired.month
        return Decimal(steps[max(0, min(service, len(steps) - 1))]) / 100

    def finest(self, rep: str, month: date) -> Line | None:
        """Return the line that speaks for a rep's month: of those that cover it, the one over fewest months."""
        covering = [line for line in self.lines.get(rep, []) if month in line.months]
        return min(covering, key=lambda line: len(line.months), default=None)

    def month(self, line: Line, month: date, quarter: Quarter) -> Decimal:
        """Return what a line asks for in one of its months, in the version in force when the quarter began."""
        row = line.in_force(quarter.start)
        share = Decimal(row["plan_value"]) / len(line.months)
        return share if row.get("prorated") else share * self.served(line.rep, month)

    def calendar(self, rep: str) -> bool:
        """Say whether a rep's plan can be read by calendar quarter."""
        first_month = int(self.facts.setting("fiscal_year_start_month", 1))
        return all(line.regular(first_month) for line in self.lines.get(rep, []))

    def quarter(self, rep: str, quarter: Quarter) -> Iterator[tuple[Line, Decimal]]:
        """Return each line with what it asks for in a month of a quarter."""
        for month in (add_months(quarter.start, number) for number in range(3)):
            if self.calendar(rep) and (line := self.finest(rep, month)):
                yield line, self.month(line, month, quarter)

    def holding(self, rep: str, moment: date) -> Line | None:
        """Return the line to whose period an order of a rep belongs."""
        if self.calendar(rep):
            return self.finest(rep, date(moment.year, moment.month, 1))
        lines = [line for line in self.lines.get(rep, []) if line.start <= moment < line.end]
        return min(lines, key=lambda line: (line.start, line.end), default=None)


def by_quarter(facts: Department, people: People, ledger: Ledger, quarters: list[Quarter]) -> Iterator[Contribution]:
    """Return order lines over monthly plans."""
    plans = Plans(facts, people)
    for quarter in quarters:
        for sale in ledger.sales:
            if quarter.start <= sale.day < quarter.end:
                dept = people.dept(sale.rep)
                yield Contribution(sale.rep, dept, quarter.label, numerator=sale.signed, account=sale.account)
        for rep in plans.lines:
            if quarter.start <= people.data_date(dept := people.dept(rep)):
                for _, value in plans.quarter(rep, quarter):
                    yield Contribution(rep, dept, quarter.label, denominator=value)


def by_period(facts: Department, people: People, ledger: Ledger, quarters: list[Quarter]) -> Iterator[Contribution]:
    """Return order lines and plans by the period of the plan line that they belong to."""
    plans = Plans(facts, people)
    for rep, found in plans.lines.items():
        asked = [(line, Decimal(line.in_force(line.start)["plan_value"])) for line in found]
        if plans.calendar(rep):
            asked = [pair for quarter in quarters for pair in plans.quarter(rep, quarter)]
        for line, value in asked:
            yield Contribution(rep, people.dept(rep), "", denominator=value, period=(line.start, line.end))
    for sale in ledger.sales:
        held = plans.holding(sale.rep, sale.day) if sale.rep else None
        if held:
            dept, period = people.dept(sale.rep), (held.start, held.end)
            yield Contribution(sale.rep, dept, "", numerator=sale.signed, account=sale.account, period=period)
