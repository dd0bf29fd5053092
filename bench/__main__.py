"""Command line of the benchmark: `python -m bench [--orders N] [--only load,queries,pages,funnels,reading]`."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import department, funnels, loading, pages, queries, reading
from bench.report import HEADING, Line

PARTS = ("load", "queries", "pages", "funnels", "reading")


def main(arguments: list[str]) -> int:
    """Measure and print; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000, help="order lines to load")
    parser.add_argument("--only", default=",".join(PARTS), help="comma-separated parts; queries and pages load first")
    given = parser.parse_args(arguments)
    wanted = set(given.only.split(","))
    if unknown := wanted - set(PARTS):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    print(f"{given.orders:,} orders\n{HEADING}", flush=True)
    for line in _lines(given.orders, wanted):
        print(line, flush=True)
    return 0


def _lines(orders: int, wanted: set[str]) -> Iterator[Line]:
    if wanted & {"load", "queries", "pages"}:
        with tempfile.TemporaryDirectory(prefix="kac-bench-") as name:
            store = Path(name) / "store"
            store.mkdir()
            yield from loading.measure(department.write(Path(name), orders), store)
            for part, measured in (("queries", queries), ("pages", pages)):
                yield from measured.measure(store) if part in wanted else ()
    yield from funnels.measure() if "funnels" in wanted else ()
    yield from reading.measure(orders) if "reading" in wanted else ()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
