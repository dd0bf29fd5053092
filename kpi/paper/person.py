"""One person as the paper needs them: the card by value, ratings, the rows it was scored from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import duckdb

from data.appraisals import Step
from kpi import standing
from kpi.afterwards import Row, contributions
from kpi.kept import reread
from kpi.paper.beside import Beside
from kpi.scheme import Item, Scheme

Marks = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Person:
    """A card as written down (`kpi.quarter.written`), ratings by (item, role), rows by item, what is beside."""

    card: Mapping[str, Any]
    marks: Marks
    rows: Mapping[str, Sequence[Row]]
    beside: Beside = field(default_factory=Beside)

    @property
    def scheme(self) -> Scheme:
        """The scheme of the card."""
        return standing.scheme_of(self.card)

    def item(self, line: Mapping[str, Any]) -> Item:
        """Give the scheme's item behind a line, with the target that it was judged by."""
        found = next(each for each in self.scheme.items if (each.metric or each.rating) == line["metric"])
        return replace(found, target=Decimal(line["target"]))


@dataclass(frozen=True)
class Sheaf:
    """What a file is made of: the people, and what stands at its head (version, data date, hash, filters …)."""

    people: tuple[Person, ...]
    quarter: str
    facts: Mapping[str, str]
    language: str = "zh"


def person(
    cur: duckdb.DuckDBPyConnection, card: Mapping[str, Any], marks: Marks, beside: Beside | None = None
) -> Person:
    """Gather a person's rows on a cursor of the version that the card was scored with."""
    rows: dict[str, Sequence[Row]] = {}
    for line in reread(card).lines:
        if line.item.metric:
            found = contributions(cur, line.item, card["rep_id"], card["quarter"], line.unscored)
            rows[line.metric] = list(found.values())
    return Person(card, marks, rows, beside or Beside())


def marks_of(steps: Sequence[Step], rep_id: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Give the ratings in force of a person by (item, role)."""
    return {
        (item, role): step.value | {"who": step.who} if isinstance(step.value, dict) else step.value
        for (rep, item, role), step in standing.ratings(steps).items()
        if rep == rep_id
    }


def number(found: object) -> Decimal | None:
    """Give a written number back; None where there was none."""
    return None if found in {None, ""} else Decimal(str(found))
