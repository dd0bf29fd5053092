"""The same number by the owners of then (as credited) and by those of today, with the accounts that changed hands."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import duckdb

from kpi.catalogue import every

QUERY = """
with today as (
    select t.account_id, t.rep_id, t.dept
    from tenure t cross join clock c
    where t.from_date <= c.data_date and c.data_date < t.to_date
)
select c.account_id, a.account_name, coalesce(c.rep_id, '未归属') as was, w.rep_name as was_name,
       coalesce(c.dept, '未归属') as was_dept,
       coalesce(t.rep_id, c.rep_id, '未归属') as now, coalesce(m.rep_name, w.rep_name) as now_name,
       coalesce(t.dept, c.dept, '未归属') as now_dept,
       sum(c.numerator) as numerator, sum(c.denominator) as denominator{each}
from {source} c
left join today t on t.account_id = c.account_id
left join account a on a.account_id = c.account_id
left join member w on w.rep_id = c.rep_id
left join member m on m.rep_id = t.rep_id
where c.quarter = ?
group by all
having sum(c.numerator) <> 0 or sum(c.denominator) <> 0
order by c.account_id
"""


@dataclass(frozen=True)
class Owners:
    """Numerator and denominator by the owners of then and by those of today; `moved`: the accounts in between."""

    as_was: tuple[Fraction, Fraction]
    as_is: tuple[Fraction, Fraction]
    moved: list[dict[str, Any]]


def owners(
    cur: duckdb.DuckDBPyConnection, name: str, quarter: str, rep: str | None = None, dept: str | None = None
) -> Owners:
    """Compare both ways of counting a metric's quarter for a rep, a department or everyone.

    `moved` rows: account_id, account_name, was, was_name, now, now_name, numerator, denominator. A contribution without
    an account, or of an account that nobody holds today, stays with whom it was credited to.
    """
    mean = every()[name].rollup == "mean"
    # Rates of a mean are not added up first: an account may bring several.
    each = ", c.source_key as contribution" if mean else ""
    result = cur.execute(QUERY.format(source=f"contribution_{every()[name].name}", each=each), [quarter])
    names = [column[0] for column in result.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def within(row: dict[str, Any], when: str) -> bool:
        return rep in {None, row[when]} and dept in {None, row[f"{when}_dept"]}

    moved = [row for row in rows if row["was"] != row["now"] and (within(row, "was") or within(row, "now"))]
    kept = {when: [row for row in rows if within(row, when)] for when in ("was", "now")}
    return Owners(_total(kept["was"], mean=mean), _total(kept["now"], mean=mean), moved)


def _total(rows: list[dict[str, Any]], *, mean: bool) -> tuple[Fraction, Fraction]:
    if not mean:
        return sum((Fraction(row["numerator"]) for row in rows), Fraction(0)), sum(
            (Fraction(row["denominator"]) for row in rows), Fraction(0)
        )
    judged = [row for row in rows if row["denominator"]]
    rates = (Fraction(row["numerator"]) / Fraction(row["denominator"]) for row in judged)
    return sum(rates, Fraction(0)), Fraction(len(judged))
