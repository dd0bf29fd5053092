"""Command line of the benchmark: `python -m bench [--orders N] [--only load,queries,pages,funnels]`."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench import department, funnels, loading, pages, queries
from bench.report import HEADING

PARTS = ("load", "queries", "pages", "funnels")


def main(arguments: list[str]) -> int:
    """Measure and print; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000, help="order lines to load")
    parser.add_argument("--only", default=",".join(PARTS), help="comma-separated parts; the load is always done")
    given = parser.parse_args(arguments)
    wanted = set(given.only.split(","))
    if unknown := wanted - set(PARTS):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory(prefix="kac-bench-") as name:
        store = Path(name) / "store"
        store.mkdir()
        paths = department.write(Path(name), given.orders)
        print(f"{given.orders:,} orders\n{HEADING}", flush=True)
        for line in loading.measure(paths, store):
            print(line, flush=True)
        for part, measured in (("queries", queries), ("pages", pages)):
            for line in measured.measure(store) if part in wanted else ():
                print(line, flush=True)
        for line in funnels.measure() if "funnels" in wanted else ():
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
