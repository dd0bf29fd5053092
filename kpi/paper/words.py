"""Words of the printed appraisal in both languages."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def _all() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def word(name: str, language: str, **values: object) -> str:
    """Give a word of the form in `zh` or `en`."""
    return _all()[name][language].format(**values)
