"""The funnels over many stage events, beside one plain query of the same question over the events themselves."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb

from bench.queries import fetch
from bench.report import Line, median
from data.entity import entities
from data.store import Store, Viewer
from kpi.funnel import funnel
from kpi.process import processes
from loaders.build import Request, load

EVENTS = 500_000
PER_ACCOUNT = 5
TIMES = 5
VIEWS = ("cohort", "period", "risk", "snapshot")
ACCOUNTS = """
select 'A' || lpad(i::varchar, 7, '0') as account_id, '客户' || i as account_name, 'B' as account_class,
       'R' || lpad((1 + i % 20)::varchar, 3, '0') as rep_id,
       date '2025-01-01' + (hash('c' || i) % 300)::int as created_at
from range({accounts}) t(i)
"""
# Each account passes its stages in order until it drops out; every seventh goes back once.
STAGES = """
select 'A' || lpad((i // {per})::varchar, 7, '0') as account_id, 'a' as model,
       if(i // {per} % 7 = 0 and i % {per} = 3, 2, 1 + i % {per}) as stage_no,
       date '2025-01-01' + (hash('c' || (i // {per})) % 300)::int + 14 * (i % {per})::int
       + (hash('d' || i) % 10)::int as entered_at
from range({events}) t(i)
"""
# The question as anyone would ask it of the events: who reached a stage, who came further, who is still in it.
RAW = """
with reached as (
    select account_id, stage_no, min(cast(entered_at as date)) as entered_on
    from core.stage_history
    where model = 'a'
    group by account_id, stage_no
),
furthest as (
    select account_id, max(stage_no) as top_no from reached group by account_id
)
select r.stage_no, count(*), count(*) filter (where f.top_no > r.stage_no),
       median(n.entered_on - r.entered_on)
from reached r
join furthest f on f.account_id = r.account_id
left join reached n on n.account_id = r.account_id and n.stage_no = r.stage_no + 1
group by r.stage_no
order by r.stage_no
"""


def write(folder: Path, events: int) -> list[Path]:
    """Write accounts and stage events as CSV exports with Chinese headers."""
    sizes = {"accounts": events // PER_ACCOUNT, "events": events, "per": PER_ACCOUNT}
    paths = []
    with duckdb.connect() as con:
        for name, query in (("account", ACCOUNTS), ("stage_history", STAGES)):
            rows = con.sql(query.format(**sizes))
            labels = ", ".join(f'{column} as "{entities()[name].fields[column].zh}"' for column in rows.columns)
            paths.append(folder / f"{name}.csv")
            rows.project(labels).write_csv(str(paths[-1]), header=True)
    return paths


def measure(events: int = EVENTS) -> Iterator[Line]:
    """Load the events, then yield a line a model and view: the served funnel beside the plain query of one model."""
    with tempfile.TemporaryDirectory(prefix="kac-bench-") as name:
        store = Store(Path(name) / "store")
        load(store, Request(write(Path(name), events)))
        with duckdb.connect(store.facts(store.version), read_only=True) as con:
            floor = median(partial(fetch, con, RAW), TIMES)
        with store.open(Viewer("bench", "system")) as cursor:
            for letter in processes():
                for view in VIEWS:
                    took = median(partial(funnel, cursor, letter, view=view), TIMES)
                    yield Line(
                        f"funnel {letter} {view}", took, floor, f"{events:,} stage events; floor: one plain query"
                    )
