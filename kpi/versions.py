"""Why a number of one quarter moved from one version of the facts to a later one: new data, corrections, rules."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from data.store import Store, Viewer
from kpi.catalogue import Metric, every
from kpi.change import NOTHING, Amount, Change, Scope, Side, Unit, explain, is_file, planned, side, weighed
from kpi.derive import Settings, derive
from kpi.refusals import UnknownNameError

Piece = tuple[str, Unit, Fraction, Fraction]


@dataclass(frozen=True)
class Basis:
    """What a version was made of: loads in force, settings, decisions."""

    loads: frozenset[int]
    parameters: tuple[tuple[str, str], ...]
    decisions: tuple[tuple[str, ...], ...]


def basis(cur: duckdb.DuckDBPyConnection) -> Basis:
    """Read what the version behind a cursor was made of."""
    return Basis(
        frozenset(row[0] for row in cur.execute("select load_id from source_load where in_force").fetchall()),
        tuple(cur.execute("select name, value from parameter order by name").fetchall()),
        tuple(cur.execute("select kind, subject, value from decision order by kind, subject").fetchall()),
    )


def kept(store: Store) -> list[int]:
    """Give the numbers of the versions that the store still holds."""
    return sorted(int(path.name[6:12]) for path in store.folder.glob("facts-*.duckdb"))


def compared(
    store: Store, pair: tuple[int, int], name: str, quarter: str, rep: str | None = None, dept: str | None = None
) -> Change:
    """Split how a metric of a quarter moved between two kept versions; rules and data are told apart by recomputing.

    Raises `UnknownNameError`.
    """
    for number in pair:
        if number not in kept(store):
            raise UnknownNameError("version", number, kept(store))
    viewer = Viewer("", "system")
    old, new = (store.open(viewer, number) for number in pair)
    if _rule(basis(old), basis(new)) and basis(old).loads != basis(new).loads:
        with recomputed(store, pair[1], pair[0], viewer) as middle:
            return between(old, new, name, quarter, rep, dept, middle)
    return between(old, new, name, quarter, rep, dept)


def between(
    old: duckdb.DuckDBPyConnection,
    new: duckdb.DuckDBPyConnection,
    name: str,
    quarter: str,
    rep: str | None = None,
    dept: str | None = None,
    under_old_rules: duckdb.DuckDBPyConnection | None = None,
) -> Change:
    """Split how a metric of a quarter moved between two versions, each behind a cursor of `Store.open`.

    Where data and rules (or decisions) both changed, `under_old_rules` (see `recomputed`) tells them apart; without it
    everything is `rule_and_data`.
    """
    metric, scope = every()[name], Scope(rep, dept)
    rule = _rule(basis(old), basis(new))
    data = basis(old).loads != basis(new).loads
    before, after = (_side(cur, metric, quarter, scope) for cur in (old, new))
    if rule and not data:
        return explain(metric, before, after, _all(rule, before, after))
    if rule and under_old_rules is None:
        return explain(metric, before, after, _all("rule_and_data", before, after))
    middle = under_old_rules or new
    between_data = _side(middle, metric, quarter, scope)
    pieces = _data_pieces(old, middle, metric, quarter, scope, before, between_data)
    return explain(metric, before, after, [*pieces, *_all(rule or "rule_changed", between_data, after)])


def _rule(old: Basis, new: Basis) -> str:
    if old.parameters != new.parameters:
        return "rule_changed"
    return "decided" if old.decisions != new.decisions else ""


def _side(cur: duckdb.DuckDBPyConnection, metric: Metric, quarter: str, scope: Scope) -> Side:
    return side(cur, metric, quarter, scope, "row" if metric.grain == "flow" else "account")


def _all(code: str, old: Side, new: Side) -> list[Piece]:
    """Give every unit's change one cause."""
    return [
        (code, unit, after.numerator - before.numerator, after.denominator - before.denominator)
        for unit in {**old, **new}
        for before, after in [(old.get(unit, NOTHING), new.get(unit, NOTHING))]
    ]


def _data_pieces(
    old: duckdb.DuckDBPyConnection,
    new: duckdb.DuckDBPyConnection,
    metric: Metric,
    quarter: str,
    scope: Scope,
    before: Side,
    after: Side,
) -> list[Piece]:
    whole = [_side(cur, metric, quarter, Scope()) if scope != Scope() else {} for cur in (old, new)]
    elsewhere = [
        {unit[1:] for unit, amount in each.items() if amount != own.get(unit)}
        for each, own in zip(whole, (before, after), strict=True)
    ]
    days = _days(new, metric, quarter)
    reach = _reach(old, quarter)
    pieces: list[Piece] = []
    for unit in {**before, **after}:
        was, now = before.get(unit, NOTHING), after.get(unit, NOTHING)
        moved = (not was and unit[1:] in elsewhere[0], not now and unit[1:] in elsewhere[1])
        if metric.grain == "flow":
            late = reach is not None and days.get(unit, date.max) <= reach
            cause = planned(was, now) if unit[0] == "sales_plan" else _row_cause(was, now, moved, late=late)
            pieces.append((cause, unit, *_difference(was, now)))
        else:
            pieces += _account_pieces(metric, unit, was, now, moved)
    return pieces


def _difference(was: Amount, now: Amount) -> tuple[Fraction, Fraction]:
    return now.numerator - was.numerator, now.denominator - was.denominator


def _row_cause(was: Amount, now: Amount, moved: tuple[bool, bool], *, late: bool) -> str:
    if moved[0] or moved[1]:
        return "credited_in" if moved[0] else "credited_out"
    if was and now:
        return "corrected"
    return "removed" if was else "entered_late" if late else "arrived"


def _account_pieces(metric: Metric, unit: Unit, was: Amount, now: Amount, moved: tuple[bool, bool]) -> list[Piece]:
    if is_file(metric, was, now):
        return weighed(unit, was, now)
    numerator, denominator = _difference(was, now)
    base = _base_cause(was, now, moved)
    if metric.rollup == "mean":
        return [(base, unit, numerator, denominator)]
    counted = "counted" if numerator > 0 else "no_longer"
    return [(counted, unit, numerator, Fraction(0)), (base, unit, Fraction(0), denominator)]


def _base_cause(was: Amount, now: Amount, moved: tuple[bool, bool]) -> str:
    if moved[0] or moved[1]:
        return "credited_in" if moved[0] else "credited_out"
    if was.denominator and now.denominator:
        return "corrected"
    return "entered_base" if now.denominator else "left_base"


def _days(cur: duckdb.DuckDBPyConnection, metric: Metric, quarter: str) -> dict[Unit, date]:
    found = cur.execute(
        "select coalesce(c.source_entity, ''), coalesce(c.account_id, c.rep_id, ''), coalesce(c.source_key, ''), "
        f"max(c.day) from contribution_{metric.name} c where c.quarter = ? group by 1, 2, 3",
        [quarter],
    ).fetchall()
    return {tuple(row[:3]): row[3] for row in found if row[3] is not None}


def _reach(cur: duckdb.DuckDBPyConnection, quarter: str) -> date | None:
    """Give the last day that the older version knew of the quarter."""
    found = cur.execute("select max(as_of) from period where quarter = ?", [quarter]).fetchone()
    return found[0] if found else None


@contextmanager
def recomputed(store: Store, version: int, like: int, viewer: Viewer) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the facts of one version derived with the settings and decisions of another; a copy, thrown away after."""
    rules = store.open(Viewer("", "system"), like)
    names = ("kind", "subject", "value", "reason", "decided_at", "decided_by")
    decided = rules.execute(f"select {', '.join(names)} from decision").fetchall()
    parameters = dict(rules.execute("select name, value from parameter").fetchall())
    with TemporaryDirectory(prefix="recomputed-", dir=store.folder) as folder:
        copy = Store(Path(folder))
        shutil.copyfile(store.facts(version), copy.facts(version))
        with duckdb.connect(str(copy.facts(version))) as con:
            derive(con, Settings(parameters, [dict(zip(names, row, strict=True)) for row in decided]))
        yield copy.open(viewer, version)
