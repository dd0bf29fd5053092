"""What stands on a person's form beside the score: quarter before, promotion, comments, agreement, correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from data.appraisals import Step
from kpi import standing
from kpi.eyes import Eyes
from kpi.history import Difference, Promotion, Sealed, difference, promotion


@dataclass(frozen=True)
class Opinion:
    """A comment on the form: what was said, by whom, on what day."""

    text: str
    who: str
    day: str


@dataclass(frozen=True)
class Beside:
    """All of it; empty for a draft. `opinions` by `head`, `hr`, `own`; `answer`: agree, appeal or nothing, `on` a day.

    `corrected` is the score of the correction in force (final, grade, coefficient), `revision` its number.
    """

    difference: Difference | None = None
    promotion: Promotion | None = None
    opinions: Mapping[str, Opinion] = field(default_factory=dict)
    answer: str = ""
    on: str = ""
    revision: int = 1
    corrected: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


def questions(cur: duckdb.DuckDBPyConnection, rep_id: str) -> dict[str, int]:
    """Count what the detectors ask about a person, by quarter; nothing on a version that is older than they are."""
    asked = "select quarter, count(*) from flag where rep_id = ? and quarter is not null group by quarter"
    try:
        return dict(cur.execute(asked, [rep_id]).fetchall())
    except duckdb.CatalogException:
        return {}


def beside(
    cur: duckdb.DuckDBPyConnection, eyes: Eyes, card: Mapping[str, Any], past: Sequence[Sealed], quarter: str
) -> Beside:
    """Gather it for a card that these eyes may read; `past` are the person's sealed quarters, this one too."""
    rep_id = card["rep_id"]
    kept, score = eyes.sealed(rep_id), eyes.score(rep_id)
    corrected = dict(kept["score"] or {}) if kept and kept["revision"] > 1 else {}
    final = score.final if score else None
    said = {who: _opinion(step) for who, step in eyes.opinions(rep_id).items()}
    answer, on = _answer(eyes.steps, rep_id)
    why = next((s.value["reason"] for s in reversed(eyes.steps) if s.kind == "approve" and s.rep_id == rep_id), "")
    return Beside(
        difference(past, card, final, quarter),
        promotion(past, questions(cur, rep_id)),
        said,
        answer,
        on,
        kept["revision"] if kept else 1,
        corrected,
        why,
    )


def _opinion(step: Step) -> Opinion:
    return Opinion(str(step.value["reason"]), step.who, f"{step.at:%Y-%m-%d}")


def _answer(steps: Sequence[Step], rep_id: str) -> tuple[str, str]:
    """Say how the person answered to the result as it stands."""
    agreed = standing.agreement(steps, rep_id)
    filed = [each.filed for each in standing.appeals(steps).values() if each.filed.rep_id == rep_id]
    if agreed is not None:
        return "agree", f"{agreed.at:%Y-%m-%d}"
    return ("appeal", f"{filed[-1].at:%Y-%m-%d}") if filed else ("", "")
