"""How long stays in a stage last in the whole store: `core.stage_days`, which everyone may compare with."""

from __future__ import annotations

from collections import defaultdict

import duckdb

from kpi.survival import SHOWN_FROM, STILL, curve, quantile

SHARES = (0.5, 0.8)
STAYS = f"""
select e.model, e.stage_no, coalesce(e.left_on, c.data_date) - e.entered_on as days,
       case when e.left_on is null then '{STILL}' else 'left' end as cause, count(*) as stays
from (
    select model, stage_no, entered_on, left_on, pass, episode from core.stage_entry
    union all
    select model, stage_no, entered_on, left_on, pass, episode from core.deal_entry
) e
cross join core.clock c
where e.pass = 1 or e.episode
group by all
"""


def derive(con: duckdb.DuckDBPyConnection) -> None:
    """Create `core.stage_days(model, stage_no, stays, median_days, p80_days)`; no quantiles under five stays (§5.4)."""
    stays: dict[tuple[str, int], list[tuple[int, str, int]]] = defaultdict(list)
    for model, stage_no, days, cause, number in con.execute(STAYS).fetchall():
        stays[model, stage_no].append((days, cause, number))
    con.execute(
        "create or replace table core.stage_days "
        "(model varchar, stage_no int, stays int, median_days int, p80_days int)"
    )
    for (model, stage_no), found in sorted(stays.items()):
        number = sum(each for _, _, each in found)
        points = curve(found) if number >= SHOWN_FROM else []
        limits = [quantile(points, share) for share in SHARES]
        con.execute("insert into core.stage_days values (?, ?, ?, ?, ?)", [model, stage_no, number, *limits])
