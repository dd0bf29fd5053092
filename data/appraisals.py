"""The appraisal's records: steps of a department's quarter, only ever added, chained by their hashes; own schemes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.connect import claim, reading
from data.records import ChangedError, ReasonError, Records
from data.tables import APPRAISAL_STEP, SCHEME_VERSION

UNDATED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Step:
    """One step: who did what as whom, about which person and topic; `digest` covers it and all steps before it."""

    kind: str
    who: str
    role: str
    value: Mapping[str, Any]
    rep_id: str = ""
    topic: str = ""
    seq: int = 0
    at: datetime = UNDATED
    digest: str = ""


@dataclass(frozen=True)
class StoredScheme:
    """A scheme that the company wrote; in force once the head has signed it too."""

    name: str
    document: Mapping[str, Any]
    proposed_by: str
    proposed_at: datetime
    why: str
    signed_by: str | None
    signed_at: datetime | None


class Appraisals:
    """The steps of every quarter, and the company's schemes, in the records' database."""

    def __init__(self, records: Records) -> None:
        self.engine = records.engine

    def steps(self, dept: str, quarter: str) -> list[Step]:
        """Give the steps of a department's quarter, oldest first."""
        with reading(self.engine) as connection:
            return [_step(row) for row in connection.execute(_wanted(dept, quarter)).mappings()]

    def quarters(self, dept: str) -> list[str]:
        """Give the quarters of a department that have steps, oldest first."""
        wanted = select(APPRAISAL_STEP.c.quarter).where(APPRAISAL_STEP.c.dept == dept).distinct()
        with reading(self.engine) as connection:
            return sorted(connection.execute(wanted).scalars())

    def places(self) -> list[tuple[str, str]]:
        """Give every department and quarter that has steps, the newest quarter first."""
        wanted = select(APPRAISAL_STEP.c.dept, APPRAISAL_STEP.c.quarter).distinct()
        with reading(self.engine) as connection:
            found = [(str(dept), str(quarter)) for dept, quarter in connection.execute(wanted)]
        return sorted(found, key=lambda place: (place[1], place[0]), reverse=True)

    def of_kinds(self, kinds: Sequence[str], upto: str = "") -> list[tuple[str, str, Step]]:
        """Give the steps of some kinds with department and quarter, by quarter: `upto` and with one, or all."""
        table = APPRAISAL_STEP.c
        wanted = select(APPRAISAL_STEP).where(table.kind.in_(kinds)).order_by(table.quarter, table.dept, table.seq)
        wanted = wanted.where(table.quarter <= upto) if upto else wanted
        with reading(self.engine) as connection:
            return [(row["dept"], row["quarter"], _step(row)) for row in connection.execute(wanted).mappings()]

    def add(self, dept: str, quarter: str, decide: Callable[[Sequence[Step]], Iterable[Step]]) -> list[Step]:
        """Add the steps that `decide` makes of those so far; nobody else can add any in between.

        What `decide` raises undoes everything. Raises `ChangedError` where another process was faster.
        """
        try:
            with self.engine.begin() as connection:
                claim(connection, "appraisal", dept, quarter)
                before = [_step(row) for row in connection.execute(_wanted(dept, quarter)).mappings()]
                last, added = (before[-1] if before else Step("", "", "", {})), []
                for step in decide(before):
                    last = _chained(step, last)
                    added.append(last)
                    row = {**vars(last), "value": _json(last.value), "dept": dept, "quarter": quarter}
                    connection.execute(insert(APPRAISAL_STEP).values(row))
                return added
        except IntegrityError as error:
            raise ChangedError(str(error.orig)) from error

    def schemes(self, *, drafts: bool = False) -> list[StoredScheme]:
        """Give the company's schemes in force, oldest first; with `drafts`, those too that the head has not signed."""
        wanted = select(SCHEME_VERSION).order_by(SCHEME_VERSION.c.proposed_at, SCHEME_VERSION.c.name)
        with reading(self.engine) as connection:
            found = [_scheme(row) for row in connection.execute(wanted).mappings()]
        return [scheme for scheme in found if drafts or scheme.signed_by is not None]

    def propose(self, name: str, document: Mapping[str, Any], *, who: str, why: str) -> None:
        """Store a new scheme; a name is never used twice (`ChangedError`), and a reason is needed."""
        if not why.strip():
            raise ReasonError("a reason is needed")
        row = {"name": name, "document": _json(document), "proposed_by": who, "proposed_at": _now(), "why": why}
        try:
            with self.engine.begin() as connection:
                connection.execute(insert(SCHEME_VERSION).values(row))
        except IntegrityError as error:
            raise ChangedError(name) from error

    def sign(self, name: str, *, who: str) -> None:
        """Put a proposed scheme in force; never by who proposed it, never twice (`ChangedError`)."""
        table = SCHEME_VERSION.c
        signed = update(SCHEME_VERSION).where(table.name == name, table.signed_by.is_(None), table.proposed_by != who)
        with self.engine.begin() as connection:
            if not connection.execute(signed.values(signed_by=who, signed_at=_now())).rowcount:
                raise ChangedError(name)


def broken(steps: Sequence[Step]) -> int | None:
    """Give the number of the first step whose hash does not follow from the steps before it; None where all do."""
    last = Step("", "", "", {})
    for step in steps:
        if _chained(step, last).digest != step.digest:
            return step.seq
        last = step
    return None


def _wanted(dept: str, quarter: str) -> Any:  # noqa: ANN401 - a select of SQLAlchemy
    table = APPRAISAL_STEP.c
    return select(APPRAISAL_STEP).where(table.dept == dept, table.quarter == quarter).order_by(table.seq)


def _chained(step: Step, last: Step) -> Step:
    said = _json(step.value)
    at = (step.at if step.at.year > 1 else _now()).replace(microsecond=0)
    parts = (last.digest, at.isoformat(), step.who, step.role, step.kind, step.rep_id, step.topic, said)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return replace(step, seq=last.seq + 1, at=at, digest=digest)


def _step(row: RowMapping) -> Step:
    cells = {name: row[name] for name in Step.__dataclass_fields__}
    return Step(**(cells | {"value": json.loads(row["value"])}))


def _scheme(row: RowMapping) -> StoredScheme:
    cells = {name: row[name] for name in StoredScheme.__dataclass_fields__}
    return StoredScheme(**(cells | {"document": json.loads(row["document"])}))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _now() -> datetime:
    return datetime.now(UTC)
