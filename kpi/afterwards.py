"""After the seal: what a sealed quarter would score with today's facts, and which rows make the difference."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import duckdb

from data.appraisals import Step
from data.records import Records
from data.store import Store, Viewer
from kpi import standing
from kpi.card import Line, line_points
from kpi.catalogue import metrics
from kpi.kept import reread
from kpi.parameters import defaults
from kpi.quarter import rules
from kpi.scheme import Item, Scheme, document, known
from kpi.scoring import Rules, scorecard

Key = tuple[str, str, str, str]
Found = Mapping[Key, "Row"]


@dataclass(frozen=True)
class Row:
    """One contribution as it counts: its quarter, account, day, reason and both numbers; `scored` of the numerator."""

    quarter: str
    account_id: str
    day: str
    reason: str
    numerator: Decimal
    denominator: Decimal
    scored: Decimal


@dataclass(frozen=True)
class Changed:
    """One row that is not what it was: before, now, and what it alone moves the item's points by."""

    metric: str
    key: Key
    before: Row | None
    now: Row | None
    points: Decimal | None

    @property
    def account_id(self) -> str:
        """The account concerned; empty for a plan line."""
        row = self.now or self.before
        return row.account_id if row else ""

    @property
    def source(self) -> str:
        """The kind of export the row came from."""
        return self.key[0]


@dataclass(frozen=True)
class After:
    """A person's sealed system score beside the would-be one, and what lies between, by row and rule."""

    rep_id: str
    rep_name: str
    revision: int
    sealed: Decimal | None
    now: Decimal | None
    items: tuple[tuple[str, Decimal | None, Decimal | None], ...]
    rows: tuple[Changed, ...]
    rule_changes: tuple[tuple[str, str, str], ...]

    @property
    def differs(self) -> bool:
        """Whether anything is not what it was."""
        return bool(self.rows or self.rule_changes) or self.sealed != self.now


def after_seal(store: Store, records: Records, steps: Sequence[Step], people: Iterable[str]) -> list[After]:
    """Compare sealed quarters with the facts in force; a sealed number is read, never computed again."""
    now = store.open(Viewer("", "system"))
    found = []
    for rep_id in people:
        kept = standing.sealed(steps, rep_id)
        if kept is None:
            continue
        then = store.open(Viewer("", "system"), kept["facts"]["version"])
        found.append(_compared(then, now, kept, rules(records)))
    return found


def _compared(
    then: duckdb.DuckDBPyConnection, now: duckdb.DuckDBPyConnection, kept: Mapping[str, Any], decided: Rules
) -> After:
    card, facts = kept["card"], kept["facts"]
    scheme = standing.scheme_of(card)
    today = scorecard(now, card["rep_id"], card["quarter"], scheme, decided)
    by_metric = {line.metric: line.score for line in today.lines}
    before = {line.metric: line for line in reread(card).lines}
    rows: list[Changed] = []
    for line in today.lines:
        if line.item.metric:
            rows += _rows(then, now, scheme, (before[line.metric], line), (card["rep_id"], card["quarter"]))
    items = tuple((item["metric"], _number(item["score"]), by_metric.get(item["metric"])) for item in card["items"])
    changes = _rule_changes(now, facts.get("parameters", {}), scheme, decided)
    sealed = _number(card["total"])
    return After(
        card["rep_id"], card["rep_name"], kept["revision"], sealed, today.total, items, tuple(rows), tuple(changes)
    )


def _number(found: str | None) -> Decimal | None:
    return None if found is None else Decimal(found)


def _rows(
    then: duckdb.DuckDBPyConnection,
    now: duckdb.DuckDBPyConnection,
    scheme: Scheme,
    lines: tuple[Line, Line],
    whose: tuple[str, str],
) -> list[Changed]:
    line = lines[1]
    before, after = (
        contributions(cur, each.item, *whose, each.unscored) for cur, each in zip((then, now), lines, strict=True)
    )
    base = _points(scheme, line, whose[1], before)
    changed = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        swapped = {k: row for k, row in before.items() if k != key} | ({key: new} if new else {})
        moved = _points(scheme, line, whose[1], swapped)
        effect = moved - base if moved is not None and base is not None else None
        changed.append(Changed(line.metric, key, old, new, effect))
    return changed


CONTRIBUTIONS = """
select coalesce(c.source_entity, ''), coalesce(c.source_key, ''), coalesce(c.account_id, ''),
       cast(c.period_start as varchar), c.quarter, coalesce(c.account_id, ''),
       cast(c.day as varchar), c.reason, sum(c.numerator), sum(c.denominator)
from contribution_{metric} c
join quarter q on q.quarter = ?
where c.rep_id = ? and c.quarter is not null and c.period_start >= {start} and c.period_start < q.period_end
group by all
having sum(c.numerator) <> 0 or sum(c.denominator) <> 0
"""


def contributions(
    cur: duckdb.DuckDBPyConnection,
    item: Item,
    rep_id: str,
    quarter: str,
    unscored: frozenset[tuple[str, str]] = frozenset(),
) -> dict[Key, Row]:
    """Give the contributions that an item was scored from: the quarter's, or the year's to date where it needs them.

    `unscored` are losses (account, last order day) that the headline counts and the score does not.
    """
    start = "q.year_start" if over_the_year(item) else "q.period_start"
    sql = CONTRIBUTIONS.format(metric=metrics()[item.metric].name, start=start)
    return {
        (entity, source, account, f"{period} {number}"): _row(unscored if item.metric == "churn" else (), *cells)
        for number, (entity, source, account, period, *cells) in _numbered(cur.execute(sql, [quarter, rep_id]))
    }


def _row(unscored: Collection[tuple[str, str]], *cells: Any) -> Row:  # noqa: ANN401 - cells of a query
    quarter, account, day, why, numerator, denominator = cells
    scored = Decimal(0) if (account, day) in unscored else numerator
    return Row(quarter, account, day, why, numerator, denominator, scored)


def _numbered(cur: duckdb.DuckDBPyConnection) -> Iterable[tuple[int, tuple[Any, ...]]]:
    """Tell rows that share a key apart by a number, so that months of one plan line stay apart."""
    seen: dict[tuple[Any, ...], int] = {}
    for row in sorted(cur.fetchall()):
        seen[row[:4]] = seen.get(row[:4], 0) + 1
        yield seen[row[:4]], row


def over_the_year(item: Item) -> bool:
    """Tell whether an item looks at the year to date."""
    return item.over_the_year


def _points(scheme: Scheme, line: Line, quarter: str, rows: Found) -> Decimal | None:
    """Give an item's points from rows alone: as scored, suspected losses left out where the scheme says so."""
    own = [row for row in rows.values() if row.quarter == quarter]
    if line.item.planned and line.item.target == 1 and line.denominator:
        reached = sum((row.numerator for row in rows.values()), Decimal(0))
        return line_points(scheme, replace(line, rate=reached / line.denominator))
    rate = _rate(line, own)
    if rate is None:
        return None
    base = sum((row.denominator for row in own), Decimal(0))
    year = _rate(line, _with_base(rows.values())) if line.item.year_to_date_share else None
    return line_points(scheme, replace(line, rate=rate, denominator=base, year_rate=year))


def _with_base(rows: Iterable[Row]) -> list[Row]:
    """Keep the quarters that have a base, as pooling does."""
    kept = list(rows)
    based = {row.quarter for row in kept if row.denominator}
    return [row for row in kept if row.quarter in based]


def _rate(line: Line, rows: Sequence[Row]) -> Decimal | None:
    based = [row for row in rows if row.denominator]
    if not based:
        return None
    if metrics()[line.metric].rollup == "mean":
        return sum((row.numerator / row.denominator for row in based), Decimal(0)) / len(based)
    return sum((row.scored for row in rows), Decimal(0)) / sum((row.denominator for row in based), Decimal(0))


def _rule_changes(
    cur: duckdb.DuckDBPyConnection,
    parameters: Mapping[str, str],
    scheme: Scheme,
    decided: Rules,
) -> list[tuple[str, str, str]]:
    """List settings, and the scheme, that are not what they were: name, then, now; a new one had its default."""
    before = {**defaults(), **parameters}
    current = dict(cur.execute("select name, value from parameter order by name").fetchall())
    changed = [
        (name, str(before.get(name, "-")), str(current.get(name, "-")))
        for name in sorted(before.keys() | current.keys())
        if before.get(name) != current.get(name)
    ]
    standing_now = known(decided.stored).get(scheme.name)
    if standing_now is not None and document(standing_now) != document(scheme):
        changed.append((scheme.name, f"v{scheme.version}", f"v{standing_now.version}"))
    return changed
