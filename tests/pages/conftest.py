"""What tests of pages share."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _main_stays() -> Iterator[None]:
    """Put `__main__` back: a tested script takes its place, and processes started later would run that script."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
