"""The settings of the definitions: what may be set to what, and setting them with who and why."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from data.records import Records, Setting
from kpi.refusals import RefusedQuestionError

FILE = Path(__file__).parent / "parameters.toml"
LONGEST_LIST = 24


class ParameterError(RefusedQuestionError):
    """A setting cannot have that value: `name`, `given`, and in both languages what it may be."""

    def __init__(self, name: str, given: str, zh: str, en: str) -> None:
        super().__init__(f"「{name}」不能设为「{given}」：{zh}", f"{name} cannot be {given!r}: {en}")
        self.name, self.given = name, given


@dataclass(frozen=True)
class Parameter:
    """One setting: its wording, its default, what it may be, the rule it comes from, the metrics that follow it."""

    name: str
    zh: str
    en: str
    default: str
    type: str
    source: str
    metrics: tuple[str, ...]
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    least: int | None = None
    most: int | None = None
    zero: bool = False

    def label(self, language: str = "zh") -> str:
        """Give its name on screen."""
        return self.en if language == "en" else self.zh

    def worded(self, value: str, language: str = "zh") -> str:
        """Give a value in words; what is no choice stands for itself."""
        return self.choices[value][language] if value in self.choices else value

    def check(self, value: str) -> str:
        """Return a value as it is stored; raise `ParameterError` where it cannot be one."""
        text = value.strip()
        fault = self._fault(text)
        if fault:
            raise ParameterError(self.name, value, *fault)
        return ",".join(part.strip() for part in text.split(",")) if self.type in {"list", "percents"} else text

    def _fault(self, text: str) -> tuple[str, str] | None:
        if self.type == "choice":
            listed = ", ".join(self.choices)
            return None if text in self.choices else (f"可选 {listed}", f"choose one of {listed}")
        parts = text.split(",") if self.type in {"list", "percents"} else [text]
        if self.type == "list":
            return None if all(part.strip() for part in parts) else ("用逗号分隔，不能有空项", "separate by commas")
        return next((fault for part in parts if (fault := self._number_fault(part.strip()))), None)

    def _number_fault(self, text: str) -> tuple[str, str] | None:
        least, most = (0, 100) if self.type == "percents" else (self.least, self.most)
        try:
            number = Decimal(text)
        except InvalidOperation:
            return "请填数字", "write a number"
        whole = self.type != "number"
        if not number.is_finite() or (whole and (number != number.to_integral_value() or not text.isdecimal())):
            return "请填整数", "write a whole number"
        if (self.zero and not number) or not (
            (least is not None and number < least) or (most is not None and number > most)
        ):
            return None
        or_zero_zh, or_zero_en = ("，或 0", ", or 0") if self.zero else ("", "")
        if most is None:
            return f"不小于 {least}{or_zero_zh}", f"at least {least}{or_zero_en}"
        return f"在 {least} 与 {most} 之间{or_zero_zh}", f"between {least} and {most}{or_zero_en}"


@cache
def parameters() -> dict[str, Parameter]:
    """Every setting by name, in the order of `kpi/parameters.toml`."""
    raw: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: Parameter(name, **{**told, "metrics": tuple(told["metrics"])}) for name, told in raw.items()}


def defaults() -> dict[str, str]:
    """Every setting with its default value."""
    return {name: parameter.default for name, parameter in parameters().items()}


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """Return settings as they are stored; names that this release does not know are left out.

    Raises `ParameterError` for a value that a setting cannot have.
    """
    known = parameters()
    return {name: known[name].check(value) for name, value in given.items() if name in known}


def change(records: Records, name: str, value: str | None, *, who: str, why: str, seen: int | None = None) -> Setting:
    """Store a new version of a setting; None goes back to the default (see `Records.set_parameter`).

    Raises `ParameterError` for an unknown setting or a value it cannot have, besides what the records raise.
    """
    parameter = parameters().get(name)
    if parameter is None:
        raise ParameterError(name, value or "", "没有这个设置", "there is no such setting")
    stored = None if value is None else parameter.check(value)
    return records.set_parameter(name, stored, who=who, why=why, seen=seen)
