"""Each KPI's query over the whole store, and its served value, beside one pass over the orders."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb

from bench.report import Line, median
from data.store import Store, Viewer
from kpi.catalogue import metrics
from kpi.rollup import value

FLOOR = "SELECT rep_id, date_trunc('quarter', order_date), sum(amount) FROM core.orders GROUP BY ALL"
TIMES = 5


def fetch(con: duckdb.DuckDBPyConnection, query: str) -> None:
    """Run a query and fetch all of its rows."""
    con.execute(query).fetchall()


def measure(folder: Path) -> Iterator[Line]:
    """Yield two lines a metric: computing all its contributions, and serving it by rep and quarter."""
    store = Store(folder)
    with duckdb.connect(store.facts(store.version), read_only=True) as con:
        floor = median(partial(fetch, con, FLOOR), TIMES)
        for name, metric in metrics().items():
            query = metric.path.read_text(encoding="utf-8").rstrip().rstrip(";")
            counted = f"SELECT count(*), sum(numerator), sum(denominator) FROM (\n{query}\n)"
            took = median(partial(fetch, con, counted), TIMES)
            yield Line(f"compute {name}", took, floor, "floor: one pass over the orders")
    with store.open(Viewer("bench", "system")) as cursor:
        for name in metrics():
            took = median(partial(value, cursor, name, by=("rep", "quarter")), TIMES)
            yield Line(f"serve {name} by rep, quarter", took, floor)
