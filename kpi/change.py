"""Why a number moved: the change of a KPI split into named causes that add up exactly.

Method: a value is N / D (a mean of rates is a ratio too: every contribution brings its rate and one vote). Every unit
(an account, or a person's plan) brings a change of N and of D, and is given a cause. With both orders of changing N
and D averaged (the Shapley value of the two), the change of the rate is
    ΔN · ½(1/D₁ + 1/D₂)  −  ΔD · ½(N₁ + N₂) / (D₁·D₂),
which is linear in ΔN and ΔD: the causes' shares add up to the change without a rest.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from kpi.catalogue import Metric, every
from kpi.refusals import RefusedQuestionError
from kpi.rollup import UNASSIGNED

SPLIT = {"ratio", "mean", "sum"}
FOLDER = Path(__file__).parent
Unit: TypeAlias = "tuple[str, ...]"


class UnexplainedError(RefusedQuestionError):
    """A metric whose roll-up is not a sum or a ratio cannot be split into causes."""

    def __init__(self, metric: Metric) -> None:
        super().__init__(
            f"「{metric.title('zh')}」既不是比率也不是合计，不能拆分为原因。",
            f"{metric.title('en')} is neither a ratio nor a sum and cannot be split into causes.",
        )


@dataclass(frozen=True)
class Scope:
    """Whose number: one rep (or 未归属), one department, or everybody's."""

    rep: str | None = None
    dept: str | None = None

    @property
    def condition(self) -> tuple[str, list[str]]:
        """The scope as a condition on contributions `c`; a department's plan is no person's, as in `kpi.rollup`."""
        plan = "not (c.source_entity = 'sales_plan' and c.account_id is null and c.{0} is null)"
        asked = {"rep_id": self.rep, "dept": self.dept}
        parts = [f"coalesce(c.{name}, '未归属') = ? and {plan.format(name)}" for name, value in asked.items() if value]
        return " and ".join(parts) or "true", [value for value in asked.values() if value]


@dataclass(frozen=True)
class Amount:
    """What one unit brings to a number; of a mean also the weights its rate is made of."""

    numerator: Fraction = Fraction(0)
    denominator: Fraction = Fraction(0)
    filled: Fraction = Fraction(0)
    due: Fraction = Fraction(0)

    def __bool__(self) -> bool:
        return bool(self.numerator or self.denominator)

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.filled + other.filled,
            self.due + other.due,
        )


Side: TypeAlias = "dict[Unit, Amount]"
NOTHING = Amount()


@dataclass
class Cause:
    """One step of the waterfall: its code, its share of the change (None without a rate), and whose it is."""

    code: str
    numerator: Fraction = Fraction(0)
    denominator: Fraction = Fraction(0)
    effect: Fraction | None = None
    units: set[Unit] = field(default_factory=set)

    @property
    def accounts(self) -> list[str]:
        """The accounts behind the cause."""
        return sorted(unit[1] for unit in self.units if unit[0] == "account")


@dataclass(frozen=True)
class Change:
    """A number before and after, and the causes between; `before + Σ effects = after`, exactly."""

    metric: Metric
    before: tuple[Fraction, Fraction]
    after: tuple[Fraction, Fraction]
    causes: tuple[Cause, ...]

    def value(self, side: tuple[Fraction, Fraction]) -> Fraction | None:
        """Give the value of a side; None without a base."""
        if self.metric.rollup == "sum":
            return side[0]
        return side[0] / side[1] if side[1] else None


def explain(
    metric: Metric, before: Side, after: Side, causes: Iterable[tuple[str, Unit, Fraction, Fraction]]
) -> Change:
    """Gather pieces (code, unit, change of N, change of D) into causes, largest first, and give each its share."""
    ends = tuple(
        (sum(a.numerator for a in side.values()), sum(a.denominator for a in side.values())) for side in (before, after)
    )
    (n1, d1), (n2, d2) = [(Fraction(n), Fraction(d)) for n, d in ends]
    found: dict[str, Cause] = {}
    for code, unit, numerator, denominator in causes:
        if numerator or denominator:
            cause = found.setdefault(code, Cause(code))
            cause.numerator += numerator
            cause.denominator += denominator
            cause.units.add(unit)
    for cause in found.values():
        if metric.rollup == "sum":
            cause.effect = cause.numerator
        elif d1 and d2:
            cause.effect = cause.numerator * (1 / d1 + 1 / d2) / 2 - cause.denominator * (n1 + n2) / (2 * d1 * d2)
    order = sorted(found.values(), key=lambda cause: (-abs(cause.effect or cause.numerator), cause.code))
    return Change(metric, (n1, d1), (n2, d2), tuple(order))


def side(cur: duckdb.DuckDBPyConnection, metric: Metric, quarter: str, scope: Scope, key: str = "account") -> Side:
    """Read what every unit brings to a number; `key` is account or row (of the source)."""
    if metric.rollup not in SPLIT:
        raise UnexplainedError(metric)
    wanted, values = scope.condition
    found = cur.execute(
        f"select {UNITS[key]}, {_measured(metric)} from contribution_{metric.name} c "
        f"where c.quarter = ? and {wanted} group by all",
        [quarter, *values],
    ).fetchall()
    gathered: Side = {}
    for *unit, times, above, below in found:
        amount = _amount(metric, times, above, below)
        gathered[tuple(unit)] = gathered.get(tuple(unit), NOTHING) + amount
    return {unit: amount for unit, amount in gathered.items() if amount}


# What moves a number: an account, a person where no account is named, a line of a plan.
UNITS = {
    "account": "case when c.source_entity = 'sales_plan' then 'plan' when c.account_id is null then 'rep' "
    "else 'account' end, coalesce(c.account_id, c.rep_id, ''), ''",
    "row": "coalesce(c.source_entity, ''), coalesce(c.account_id, c.rep_id, ''), coalesce(c.source_key, '')",
}


def _measured(metric: Metric) -> str:
    """Sum in the database what adds up there; equal rates of a mean come with their number."""
    if metric.rollup == "mean":
        return "count(*), c.numerator, c.denominator"
    return "1, sum(c.numerator), sum(c.denominator)"


def _amount(metric: Metric, times: int, above: Any, below: Any) -> Amount:  # noqa: ANN401 - Decimals
    top, bottom = Fraction(above), Fraction(below)
    if metric.rollup != "mean":
        return Amount(top, bottom)
    return Amount(times * top / bottom, Fraction(times), times * top, times * bottom) if bottom else NOTHING


def change(
    cur: duckdb.DuckDBPyConnection,
    name: str,
    before: str,
    after: str,
    rep: str | None = None,
    dept: str | None = None,
) -> Change:
    """Split the change of a metric between two quarters; raise `UnexplainedError` where it is no ratio or sum."""
    metric, scope = every()[name], Scope(rep, dept)
    old, new = (side(cur, metric, quarter, scope) for quarter in (before, after))
    facts = _facts(cur, before, after, scope)
    pieces = [
        piece
        for unit in {**old, **new}
        for piece in _pieces(metric, unit, old.get(unit, NOTHING), new.get(unit, NOTHING), facts.get(unit[1], {}))
    ]
    return explain(metric, old, new, pieces)


def _pieces(
    metric: Metric, unit: Unit, old: Amount, new: Amount, facts: Mapping[str, bool]
) -> list[tuple[str, Unit, Fraction, Fraction]]:
    numerator, denominator = new.numerator - old.numerator, new.denominator - old.denominator
    if unit[0] == "plan":
        return [(planned(old, new), unit, numerator, denominator)]
    if unit[0] == "rep":
        return [("without_account", unit, numerator, denominator)]
    if is_file(metric, old, new):
        return weighed(unit, old, new)
    if metric.grain == "stock" and metric.rollup == "ratio":
        counted = "counted" if numerator > 0 else "counted_before"
        return [
            (counted, unit, numerator, Fraction(0)),
            (_moved(old.denominator, new.denominator, facts), unit, Fraction(0), denominator),
        ]
    return [(_moved(old, new, facts), unit, numerator, denominator)]


def planned(old: Amount, new: Amount) -> str:
    """Name what happened to a line of a plan."""
    return "plan_changed" if old and new else "plan_added" if new else "plan_gone"


def is_file(metric: Metric, old: Amount, new: Amount) -> bool:
    """Say whether both sides are one account's file, whose rate moves by what is filled in and by what falls due."""
    return metric.grain == "stock" and metric.rollup == "mean" and old.denominator == new.denominator == 1


def weighed(unit: Unit, old: Amount, new: Amount) -> list[tuple[str, Unit, Fraction, Fraction]]:
    """Split the change of one account's own rate into what was filled in or lost and what fell due, in the same way."""
    filled = (new.filled - old.filled) * (1 / old.due + 1 / new.due) / 2
    due = new.numerator - old.numerator - filled
    return [("filled" if filled > 0 else "emptied", unit, filled, Fraction(0)), ("due", unit, due, Fraction(0))]


def _moved(old: Amount | Fraction, new: Amount | Fraction, facts: Mapping[str, bool]) -> str:
    if old and new:
        worth = [each.numerator if isinstance(each, Amount) else each for each in (old, new)]
        return "grew" if worth[1] > worth[0] else "shrank"
    reasons = ("moved_in", "new", "won_back", "status_in", "opened") if new else ("moved_out", "status_out", "lost")
    return next((code for code in reasons if facts.get(code)), "resumed" if new else "paused")


def _facts(cur: duckdb.DuckDBPyConnection, before: str, after: str, scope: Scope) -> dict[str, dict[str, bool]]:
    rep = None if scope.rep == UNASSIGNED else scope.rep
    result = cur.execute(
        (FOLDER / "change.sql").read_text(encoding="utf-8"),
        {"before": before, "after": after, "rep": rep, "dept": scope.dept},
    )
    names = [column[0] for column in result.description or []]
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for row in result.fetchall():
        found[row[0]] = dict(zip(names[1:], row[1:], strict=True))
    return found


def points(found: Change) -> list[Decimal] | None:
    """Give before, each cause and after in percentage points, two decimals that add up as shown; None without a rate.

    Each step is the difference of two rounded levels, so nobody who adds what is on the screen finds a rest.
    """
    first, last = found.value(found.before), found.value(found.after)
    if first is None or last is None:
        return None
    levels = [first]
    for cause in found.causes:
        levels.append(levels[-1] + (cause.effect or 0))
    shown = [_hundredths(level) for level in levels]
    return [shown[0], *(after - before for before, after in pairwise(shown)), shown[-1]]


def _hundredths(rate: Fraction) -> Decimal:
    whole = rate * 100
    return (Decimal(whole.numerator) / Decimal(whole.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((FOLDER / "change_reasons.toml").read_text(encoding="utf-8"))


def worded(code: str, metric: Metric, language: str = "zh") -> str:
    """Name a cause; `{part}` is what the metric's numerator counts."""
    part = metric.parts(language)[0].split("(")[0].strip()
    return _words()[code][language].format(part=part)


def steps(found: Change, language: str = "zh") -> list[dict[str, Any]]:
    """Give the waterfall as rows: before, each cause, after: cause, words, numerator, denominator, effect, accounts."""
    ends = (("before", found.before), ("after", found.after))
    first, last = (Cause(code, *side, found.value(side)) for code, side in ends)
    return [
        {
            "cause": each.code,
            "words": worded(each.code, found.metric, language),
            "numerator": float(each.numerator),
            "denominator": float(each.denominator),
            "effect": None if each.effect is None else float(each.effect),
            "accounts": each.accounts,
        }
        for each in (first, *found.causes, last)
    ]
