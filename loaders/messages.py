"""What loaders tell people: a code with values, worded in Chinese or English from `messages*.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Note:
    """Something noticed in a file: `code` is a section of `messages*.toml`, `values` fill its placeholders."""

    code: str
    values: dict[str, Any] = field(default_factory=dict, hash=False)


class Refused(Exception):  # noqa: N818 - the word for it all over the floors
    """A file cannot be taken; `code` and `values` as in `Note`, worded by `text`."""

    def __init__(self, code: str, values: dict[str, Any] | None = None) -> None:
        """Keep the code and what fills its placeholders."""
        super().__init__(code, values or {})
        self.code = code
        self.values: dict[str, Any] = values or {}

    def __str__(self) -> str:
        """Give both wordings, for logs and uncaught errors."""
        return f"{text(self, 'zh')} | {text(self, 'en')}"


@cache
def wordings() -> dict[str, dict[str, str]]:
    """Every message by code, from all `messages*.toml` beside this module; each has `zh` and `en`."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("messages*.toml")):
        for code, wording in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if code in found:
                raise ValueError(f"{path.name}: message {code} is declared twice; give it another code.")
            found[code] = wording
    return found


def text(note: Note | Refused, lang: str = "zh") -> str:
    """Word a note or refusal in `zh` or `en`; a missing value shows as its name in braces."""
    wording = wordings()[note.code]["en" if lang == "en" else "zh"]
    return wording.format_map(_Values(note.values))


class _Values(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
