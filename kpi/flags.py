"""Questions about the data (待核实): the detectors of `kpi/detectors`, their rows, reasons and sources, and counts."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from kpi import catalogue
from kpi.rollup import UNASSIGNED

FOLDER = Path(__file__).parent
_HEADER = re.compile(r"^-- (\w+): (.+)$")
REQUIRED = ("title", "question", "line", "unit", "order")
SAID = re.compile(r"\{(\w+)\}")


class DetectorFileError(ValueError):
    """A detector file is not usable; the message names the file and the fault."""


@dataclass(frozen=True)
class Detector:
    """One detector of domain.md §7: its wording, its thresholds, and the query of its evidence rows.

    A row of the query holds `account_id, rep_id, day, reason, number, base, other_id, detail, source_entity,
    source_key`: who is asked, about what day, why (a code of `flag_reasons.toml`), the numbers, and where from.
    """

    name: str
    path: Path
    header: dict[str, str]

    def _worded(self, key: str, language: str) -> str:
        chinese, _, english = self.header[key].partition(" | ")
        return english if language == "en" else chinese

    def title(self, language: str = "zh") -> str:
        """Give its name on screen."""
        return self._worded("title", language)

    def question(self, language: str = "zh") -> str:
        """Give the question that it asks."""
        return self._worded("question", language)

    def unit(self, language: str = "zh") -> str:
        """Give the unit of `number`."""
        return self._worded("unit", language)

    def line(self, language: str = "zh") -> str:
        """Say from where on it asks, with its thresholds."""
        return SAID.sub(lambda found: str(self.thresholds[found[1]]), self._worded("line", language))

    @property
    def thresholds(self) -> dict[str, int]:
        """The numbers of its line, which the query takes as parameters."""
        return {name: int(value) for name, value in (pair.split("=") for pair in self.header.get("with", "").split())}

    @property
    def sql(self) -> str:
        """The query of the evidence rows."""
        return self.path.read_text(encoding="utf-8")


def read(path: Path) -> Detector:
    """Read one detector file; raise `DetectorFileError` where its header is incomplete."""
    lines = path.read_text(encoding="utf-8").splitlines()
    header = {found[1]: found[2] for line in lines if (found := _HEADER.match(line))}
    if missing := [key for key in REQUIRED if key not in header]:
        raise DetectorFileError(f"{path.name}: the header lacks {missing}; it has {sorted(header)}.")
    return Detector(path.stem, path, header)


@cache
def detectors() -> dict[str, Detector]:
    """All detectors by name, in the order of their headers."""
    found = [read(path) for path in (FOLDER / "detectors").glob("*.sql")]
    return {each.name: each for each in sorted(found, key=lambda each: (int(each.header["order"]), each.name))}


TABLE = """
create or replace table mart.flag(
    detector varchar, account_id varchar, rep_id varchar, dept varchar, quarter varchar, day date, reason varchar,
    number decimal(18, 4), base decimal(18, 4), other_id varchar, detail varchar,
    source_entity varchar, source_key varchar
)
"""


def derive(con: duckdb.DuckDBPyConnection) -> None:
    """Ask every detector of a derived facts file and keep what it found in `mart.flag`; no metric reads that table."""
    con.execute(TABLE)
    for detector in detectors().values():
        con.execute(
            f"insert into mart.flag select '{detector.name}', f.account_id, f.rep_id, coalesce(m.dept, '未归属'), "
            "q.quarter, f.day, f.reason, f.number, f.base, f.other_id, f.detail, f.source_entity, f.source_key "
            f"from ({detector.sql}) f left join core.member m on m.rep_id = f.rep_id "
            "left join core.quarter q on q.period_start <= f.day and f.day < q.period_end",
            detector.thresholds,
        )


def flags(
    cur: duckdb.DuckDBPyConnection,
    quarter: str | None = None,
    rep: str | None = None,
    dept: str | None = None,
    detector: str | None = None,
) -> list[dict[str, Any]]:
    """List what the detectors ask about, on a cursor of `Store.open`; the columns of `mart.flag` and names and sources.

    `quarter` None lists every quarter. Adds account_name, rep_name, other_name, file, sheet and source_row.
    """
    asked = {"quarter": quarter, "rep": rep, "dept": dept, "detector": detector}
    result = cur.execute(_with_sources(cur), asked)
    names = [column[0] for column in result.description or []]
    found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    order = list(detectors())
    return sorted(found, key=lambda row: (order.index(row["detector"]), row["rep_id"] or "", row["day"]))


WANTED = (
    "(cast($quarter as varchar) is null or f.quarter = $quarter) "
    "and (cast($dept as varchar) is null or f.dept = $dept) "
    "and (cast($detector as varchar) is null or f.detector = $detector) "
    f"and (cast($rep as varchar) is null or coalesce(f.rep_id, '{UNASSIGNED}') = $rep)"
)


def _with_sources(cur: duckdb.DuckDBPyConnection) -> str:
    kinds = [
        row[0]
        for row in cur.execute("select distinct source_entity from flag where source_entity is not null").fetchall()
    ]
    origin = " union all ".join(
        f"select '{kind}' as source_entity, _key as source_key, _sheet, _row from \"{kind}\"" for kind in kinds
    )
    origin = origin or "select null as source_entity, null as source_key, null as _sheet, null as _row"
    return (
        "select f.*, a.account_name, m.rep_name, coalesce(b.account_name, n.rep_name) as other_name, s.name as file, "
        "t.sheet, o._row as source_row from flag f left join account a on a.account_id = f.account_id "
        "left join member m on m.rep_id = f.rep_id left join account b on b.account_id = f.other_id "
        f"left join member n on n.rep_id = f.other_id left join ({origin}) o on o.source_entity = f.source_entity "
        "and o.source_key = f.source_key left join source_sheet t on t.sheet_id = o._sheet "
        f"left join source_file s on s.file_id = t.file_id where {WANTED} "
        "order by f.day, f.account_id, f.reason, f.source_key, f.detail"
    )


def counts(
    cur: duckdb.DuckDBPyConnection, quarter: str | None = None, rep: str | None = None, dept: str | None = None
) -> list[dict[str, Any]]:
    """Count questions by rep and detector: rep_id (None: nobody's), rep_name, detector, questions, accounts."""
    result = cur.execute(
        "select f.rep_id, max(m.rep_name) as rep_name, f.detector, count(*) as questions, "
        f"count(distinct f.account_id) as accounts from flag f left join member m on m.rep_id = f.rep_id "
        f"where {WANTED} group by f.rep_id, f.detector order by f.rep_id, f.detector",
        {"quarter": quarter, "rep": rep, "dept": dept, "detector": None},
    )
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@cache
def _reasons() -> dict[str, dict[str, str]]:
    return tomllib.loads((FOLDER / "flag_reasons.toml").read_text(encoding="utf-8"))


def worded(row: dict[str, Any], language: str = "zh") -> str:
    """Say in words why a row is asked about, with its numbers."""
    wording = _reasons().get(row["reason"], {}).get(language)
    if wording is None:
        return catalogue.reason(row["reason"], language)
    return wording.format(
        number=_plain(row["number"]),
        base=_plain(row["base"]),
        share=_share(row["number"], row["base"]),
        other=row.get("other_name") or row["other_id"] or {"zh": "另一户", "en": "another account"}[language],
    )


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):,f}".rstrip("0").rstrip(".")


def _share(value: Decimal | None, base: Decimal | None) -> str:
    return "" if value is None or not base else f"{(100 * value / base).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"
