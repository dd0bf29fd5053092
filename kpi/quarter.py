"""A department's quarter in the app: the rules in force, locking with its inputs, and steps taken on the records."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from data.appraisals import Appraisals, Step
from data.entity import entities
from data.records import ChangedError, Records
from data.store import Store, Viewer
from kpi import appraisal, exclusion, standing
from kpi.appraisal import Actor, RefusedError
from kpi.card import Scorecard
from kpi.kept import reread, written_down
from kpi.scheme import parse
from kpi.scoring import Rules, scorecards

__all__ = [
    "Ask",
    "act",
    "batch",
    "exclude",
    "inputs",
    "lock",
    "locked_until",
    "reread",
    "rules",
    "steps",
    "worded",
    "written",
]

FEEDS = {"orders": ("订单", "orders"), "account": ("客户档案", "accounts")}
SCORED_BY = {("plan_numerator", "cash"): "payment", ("new_event", "payment"): "payment"}
SCORED_BY |= {("plan_numerator", "contract"): "contract", ("new_event", "contract"): "contract"}
NOT_APPRAISED = frozenset({"no_scheme", "no_items", "to_divide"})


@cache
def _faults() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "appraisal_faults.toml").read_text(encoding="utf-8"))


@cache
def _anchors() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "anchors.toml").read_text(encoding="utf-8"))


def anchor(item: str, language: str) -> str:
    """Say what the marks of a rated item mean; empty for an item that is measured."""
    return _anchors().get(item, {}).get(language, "")


def worded(error: RefusedError, language: str) -> str:
    """Say why a step was refused, in `zh` or `en`."""
    return _faults()[error.code][language].format(**error.values)


def rules(records: Records) -> Rules:
    """Give the company's schemes in force and the verdicts on suspected losses."""
    stored = tuple(parse(found.name, found.document) for found in Appraisals(records).schemes())
    verdicts = tuple(
        (account, day, decision.value)
        for decision in records.decisions("churn")
        for account, _, day in [decision.subject.rpartition("|")]
    )
    return Rules(stored, verdicts, excluded(records))


def excluded(records: Records) -> tuple[tuple[str, exclusion.Exclusion], ...]:
    """Give the approved exclusions in force with their quarters, of all departments."""
    by_place: dict[tuple[str, str], list[Step]] = {}
    for dept, quarter, step in Appraisals(records).of_kinds(exclusion.KINDS):
        by_place.setdefault((dept, quarter), []).append(step)
    return tuple((place[1], each) for place, found in by_place.items() for each in exclusion.in_force(found))


def steps(records: Records, dept: str, quarter: str) -> list[Step]:
    """Give the steps of a department's quarter so far."""
    return Appraisals(records).steps(dept, quarter)


def locked_until(records: Records) -> str:
    """Name the newest quarter that some department has locked, so that no scheme starts in it; empty without one."""
    place = Appraisals(records)
    return next((quarter for dept, quarter in place.places() if standing.locked(place.steps(dept, quarter))), "")


@dataclass(frozen=True)
class Ask:
    """A step that a person asks for; `seen` is the number of the newest step about its topic that they looked at."""

    kind: str
    rep_id: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)
    seen: int | None = None


def act(records: Records, place: tuple[str, str], actor: Actor, ask: Ask, *, at: datetime | None = None) -> Step:
    """Take one step on `place` (department, quarter).

    Raises `RefusedError` where the rules do not allow it, `ChangedError` naming who did what where somebody was faster.
    """
    return batch(records, place, actor, [ask], at=at)[0]


def batch(
    records: Records, place: tuple[str, str], actor: Actor, asked: Sequence[Ask], *, at: datetime | None = None
) -> list[Step]:
    """Take several steps at once: all of them or none."""

    def decide(before: Sequence[Step]) -> list[Step]:
        so_far, made = list(before), []
        for ask in asked:
            step = appraisal.decided(so_far, actor, ask.kind, ask.rep_id, ask.value, at=at)
            _unchanged(before, step, ask.seen)
            made.append(step)
            so_far.append(Step(**{**vars(step), "seq": len(so_far) + 1}))
        return made

    return Appraisals(records).add(*place, decide)


def _unchanged(before: Sequence[Step], step: Step, seen: int | None) -> None:
    if seen is None:
        return
    last = appraisal.last_of(before, step.topic)
    if (last.seq if last else 0) != seen:
        told = f"{last.who} {last.at:%Y-%m-%d %H:%M} UTC: {last.kind} {last.value.get('score', '')}" if last else "-"
        raise ChangedError(told.strip())


def lock(
    store: Store, records: Records, place: tuple[str, str], actor: Actor, *, seen: int | None = None,
    at: datetime | None = None,
) -> Step:  # fmt: skip
    """Lock a quarter: pin the facts version in force, and write every card, file hash and parameter into the step."""
    version = store.version
    cur = store.open(Viewer("", "system"), version)
    value = inputs(cur, records, *place) | {"version": version}
    store.pin(version)
    return act(records, place, actor, Ask("lock", value=value, seen=seen), at=at)


def losses(store: Store, place: tuple[str, str], taken: Sequence[Step]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Give a department's losses as locked, else as they are now, and the causes that may leave one out."""
    lock_step = standing.locked(taken)
    cur = store.open(Viewer("", "system"), lock_step.value["version"] if lock_step else None)
    allowed = exclusion.causes(dict(cur.execute("select name, value from parameter").fetchall()))
    return exclusion.losses(cur, *place), allowed


def exclude(
    store: Store, records: Records, place: tuple[str, str], actor: Actor, said: Mapping[str, str],
    *, seen: int | None = None, at: datetime | None = None,
) -> Step:  # fmt: skip
    """Propose to leave a loss out of the scored churn: `account_id`, `day` (its last order), `cause`, `reason`.

    Checked against the facts, of the lock where there is one. Raises as `act`, for no loss or no such cause too.
    """
    rows, allowed = losses(store, place, steps(records, *place))
    loss = (said["account_id"], said["day"])
    found = next((row for row in rows if (row["account_id"], row["day"]) == loss), None)
    if found is None:
        raise RefusedError("not_a_loss", account=loss[0])
    if said["cause"] not in allowed:
        raise RefusedError("unknown_cause", cause=said["cause"], causes="、".join(allowed) or "-")
    value = {"loss": exclusion.subject(*loss), **said}
    return act(records, place, actor, Ask(exclusion.PROPOSE, found["rep_id"] or "", value, seen), at=at)


def inputs(cur: duckdb.DuckDBPyConnection, records: Records, dept: str, quarter: str) -> dict[str, Any]:
    """Gather what a lock writes down: cards by value, hashes of the files in force, parameters, data dates."""
    decided = rules(records)
    found = [card for card in scorecards(cur, quarter, rules=decided) if card.dept == dept]
    files = cur.execute(
        "select distinct f.name, f.sha256 from source_file f join source_sheet using (file_id) "
        "join source_load_sheet using (sheet_id) join source_load l using (load_id) where l.in_force order by all"
    ).fetchall()
    clock = cur.execute("select data_date from clock").fetchone()
    return {
        "cards": {card.rep_id: written(cur, card) for card in found if not NOT_APPRAISED & set(card.flags)},
        "files": [list(file) for file in files],
        "parameters": dict(cur.execute("select name, value from parameter order by name").fetchall()),
        "verdicts": [list(verdict) for verdict in decided.verdicts],
        "as_of": str(clock[0]) if clock else "",
        "behind": behind(cur, dept, quarter),
    }


def written(cur: duckdb.DuckDBPyConnection, card: Scorecard) -> dict[str, Any]:
    """Write a card down by value, with the direct superior and the ratings that came with a load."""
    return written_down(card, _imported(cur, card)) | {"manager": _manager(cur, card.rep_id, card.dept)}


MANAGER = """
select coalesce(m.rep_name, m.rep_id, r.manager_id) from rep r left join rep m on m.rep_id = r.manager_id
where r.rep_id = $rep and r.manager_id is not null
union all
select any_value(rep_name) from rep where role = '经理' and dept = $dept and rep_id <> $rep having count(*) = 1
"""


def _manager(cur: duckdb.DuckDBPyConnection, rep_id: str, dept: str) -> str:
    """Name the direct superior: as the list of people says, else the only head of the department."""
    found = cur.execute(MANAGER, {"rep": rep_id, "dept": dept}).fetchone()
    return str(found[0]) if found and found[0] else ""


def _imported(cur: duckdb.DuckDBPyConnection, card: Scorecard) -> dict[str, dict[str, Any]]:
    """Give ratings that came with a load, by item and appraiser: proposals for the appraisers, not their word."""
    found: dict[str, dict[str, Any]] = {}
    for item, role, score, reason in cur.execute(
        "select item, appraiser_role, score, reason from rating "
        "where rep_id = ? and replace(period, ' ', '') = ? and score is not null order by scored_at nulls first, _row",
        [card.rep_id, card.quarter],
    ).fetchall():
        who = {"经理": "head", "人力": "hr"}.get(str(role or "")[:2], "")
        if who:
            found.setdefault(item, {})[who] = {"score": str(score), "reason": reason or ""}
    return found


def _feeds(cur: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Name the kinds of export that scores follow under the settings in force."""
    settings = set(cur.execute("select name, value from parameter").fetchall())
    further = {entity for setting, entity in SCORED_BY.items() if setting in settings}
    return FEEDS | {name: (entities()[name].zh, entities()[name].en) for name in sorted(further)}


def behind(cur: duckdb.DuckDBPyConnection, dept: str, quarter: str) -> list[str]:
    """Name the scored kinds of export that end before the quarter does, with their last day (domain.md §8a.9)."""
    late = []
    for entity, (zh, en) in _feeds(cur).items():
        found = cur.execute(
            "select max(coalesce(l.exported_on, c.data_date)), max(q.period_end) - 1 from source_load l "
            "join source_load_sheet using (load_id) join source_sheet s using (sheet_id) cross join clock c "
            "join quarter q on q.quarter = ? where l.in_force and l.complete and s.entity = ?",
            [quarter, entity],
        ).fetchone()
        ends = found[0] if found else None
        closing = found[1] if found else None
        if ends is None or closing is None or ends < closing:
            late.append(f"{zh} {en} {ends or '-'}")
    period = cur.execute(
        "select as_of, period_end - 1 from period where quarter = ? and dept = ?", [quarter, dept]
    ).fetchone()
    if period and period[0] < period[1] and not late:
        late.append(f"{FEEDS['orders'][0]} {FEEDS['orders'][1]} {period[0]}")
    return late
