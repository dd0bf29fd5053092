"""Writes the sample exports: `python -m data.sample [FOLDER]`."""

import sys
from pathlib import Path

from data.sample import FOLDER, loads


def main(arguments: list[str]) -> int:
    """Write all batches and name them; give the exit code."""
    folder = Path(arguments[0]) if arguments else FOLDER
    for batch in loads(folder):
        sys.stdout.write(f"{batch.quarter}  {batch.exported_on}  {len(batch.files)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
