"""The metrics by name, read from the headers of `kpi/metrics/*.sql`, and the wording of reasons and statuses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kpi import junk

FOLDER = Path(__file__).parent
_HEADER = re.compile(r"^-- (\w+): (.+)$")
ROLLUPS = {"ratio", "mean", "sum", "median", "distinct", "latest"}
REQUIRED = ("title", "question", "formula", "unit", "better", "rollup", "grain", "no_base", "parts")


class MetricFileError(ValueError):
    """A metric file is not usable; the message names the file and the fault."""


@dataclass(frozen=True)
class Metric:
    """One KPI: its wording, how its contributions aggregate, and the query that gives them.

    `grain` is `stock` (one row per account and quarter; never pooled over quarters) or `flow` (one row
    per event). `better` is higher or lower. `interval` is wilson or none. `target` is a fraction.
    """

    name: str
    path: Path
    header: dict[str, str]

    def _worded(self, key: str, language: str) -> str:
        chinese, _, english = self.header[key].partition(" | ")
        return english if language == "en" and english else chinese

    def title(self, language: str = "zh") -> str:
        """Give the metric's name on screen."""
        return self._worded("title", language)

    def question(self, language: str = "zh") -> str:
        """Give the question that it answers."""
        return self._worded("question", language)

    def formula(self, language: str = "zh") -> str:
        """Numerator ÷ denominator in words."""
        return self._worded("formula", language)

    def parts(self, language: str = "zh") -> tuple[str, str]:
        """Say what numerator and denominator are, with units."""
        above, _, below = self._worded("parts", language).partition(",")
        return above, below

    @property
    def unit(self) -> str:
        """The unit of the value: percent."""
        return self.header["unit"]

    @property
    def better(self) -> str:
        """Which direction is good: higher or lower."""
        return self.header["better"]

    @property
    def rollup(self) -> str:
        """How contributions aggregate: one of `ROLLUPS`."""
        return self.header["rollup"]

    @property
    def grain(self) -> str:
        """Either `stock` or `flow`."""
        return self.header["grain"]

    @property
    def interval(self) -> str:
        """Either `wilson` or `none`."""
        return self.header.get("interval", "none")

    @property
    def target(self) -> float | None:
        """The default target as a fraction."""
        return float(self.header["target"]) if "target" in self.header else None

    def under(self, parameters: Mapping[str, str]) -> Metric:
        """Return the metric as settings in force make it: a header `rollup_if: name=value ratio` replaces `rollup`."""
        header = dict(self.header)
        for key in ("rollup", "interval"):
            condition, _, instead = header.get(f"{key}_if", "").partition(" ")
            name, _, wanted = condition.partition("=")
            if name and parameters.get(name) == wanted:
                header[key] = instead
        return Metric(self.name, self.path, header)

    @property
    def conditional(self) -> bool:
        """Whether settings change how the metric aggregates."""
        return any(key.endswith("_if") for key in self.header)

    @property
    def supporting(self) -> bool:
        """Whether it is shown beside the KPIs and never scored."""
        return self.header.get("kind") == "supporting"

    @property
    def no_base(self) -> str:
        """The status where there is no denominator."""
        return self.header["no_base"]

    @property
    def sql(self) -> str:
        """The query of the contributions."""
        return self.path.read_text(encoding="utf-8")


def read(path: Path) -> Metric:
    """Read one metric file; raise `MetricFileError` where its header is incomplete."""
    header: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        match = _HEADER.match(line)
        if not match:
            break
        header[match[1]] = match[2].strip()
    if missing := [key for key in REQUIRED if key not in header]:
        raise MetricFileError(f"{path.name}: the header lacks {missing}; it has {sorted(header)}.")
    if header["rollup"] not in ROLLUPS:
        raise MetricFileError(f"{path.name}: rollup {header['rollup']!r} is unknown; known are {sorted(ROLLUPS)}.")
    return Metric(path.stem, path, header)


ORDER = ("plan_completion", "file_completeness", "churn", "new_development")


@cache
def metrics() -> dict[str, Metric]:
    """All metrics by name: the four KPIs first, others after them by name."""
    found = {path.stem: read(path) for path in sorted((FOLDER / "metrics").glob("*.sql"))}
    return {
        name: found[name] for name in sorted(found, key=lambda n: (ORDER.index(n) if n in ORDER else len(ORDER), n))
    }


@cache
def supporting() -> dict[str, Metric]:
    """Give the supporting indicators by name: shown beside the KPIs, never scored (domain.md §3.5)."""
    return {path.stem: read(path) for path in sorted((FOLDER / "supporting").glob("*.sql"))}


def every() -> dict[str, Metric]:
    """All KPIs, then all supporting indicators."""
    return {**metrics(), **supporting()}


@cache
def _reasons() -> dict[str, dict[str, str]]:
    return {**junk.reasons(), **tomllib.loads((FOLDER / "reasons.toml").read_text(encoding="utf-8"))}


def reason(code: str | None, language: str = "zh", **values: object) -> str:
    """Word a reason or status code; an unknown code is shown as it is.

    Placeholders (`{date}`, `{days}` …) are filled from `values`.
    """
    wording = _reasons().get(code or "", {}).get(language, code or "")
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], "")), wording)
