"""Whom to call today and why: every reason from the facts, led by the most urgent, answered by the notes of the rep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from data.follow_ups import FollowUp
from kpi.cadence import due, in_touch
from kpi.funnel import dicts

FOLDER = Path(__file__).parent / "todays"
MOST_CARDS = 7
LISTS = ("planned", "complaint", "churn", "payment", "feedback", "stalled")
# The order of the cards: the first that holds leads an account.
ORDER = (
    "complaint_late", "promised", "planned", "cadence_red", "churn_near", "payment_overdue", "cadence_amber",
    "stalled_red", "feedback", "churn", "promised_old", "complaint", "stalled_amber", "payment_due",
)  # fmt: skip
NEAR_DAYS = 14
OLD_DAYS = 30
SILENT_DAYS = 14
MERGE_DAYS = 3


@dataclass(frozen=True)
class Reason:
    """One reason to call: a code of `ORDER`, the day it is about, days past it (left, for churn), words and money."""

    code: str
    day: date
    days: int
    words: str = ""
    amount: Any = None


@dataclass(frozen=True)
class Due:
    """One account of the list: what a card says, its reasons by urgency, and what was answered to them.

    `hidden` is '' or the answer that puts the card away today; `noted` the newest answer that no export holds yet.
    """

    account: Mapping[str, Any]
    reasons: tuple[Reason, ...]
    last_on: date | None
    colour: str = "green"
    next_on: date | None = None
    hidden: str = ""
    noted: FollowUp | None = field(default=None)

    @property
    def account_id(self) -> str:
        """The account's number."""
        return str(self.account["account_id"])

    @property
    def today(self) -> bool:
        """Whether the account belongs on a card: something leads it that cannot wait."""
        return bool(self.reasons) and not self.hidden


Facts = dict[str, Any]


def facts(con: duckdb.DuckDBPyConnection, rep: str | None = None, dept: str | None = None) -> Facts:
    """Gather what the list is made of on the data date: `today`, `held` accounts, `cadence`, and each of `LISTS`."""
    [(today,)] = con.execute("select data_date from clock").fetchall()
    held = dicts(con.execute(_sql("held"), {"today": today, "rep": rep, "dept": dept}))
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name in LISTS:
        rows[name] = defaultdict(list)
        for row in dicts(con.execute(_sql(name), {"today": today})):
            rows[name][row["account_id"]].append(row)
    touch = {row["account_id"]: row for row in in_touch(con, today, rep, dept)}
    contacts = dicts(con.execute(_sql("contacts"), {"since": today - timedelta(days=60), "today": today}))
    days: dict[str, list[date]] = defaultdict(list)
    for row in contacts:
        days[row["account_id"]].append(row["day"])
    lists = {name: dict(found) for name, found in rows.items()}
    return {"today": today, "held": held, "cadence": touch, "contacts": dict(days), **lists}


def listed(found: Facts, notes: Sequence[FollowUp] = ()) -> list[Due]:
    """Turn facts and notes into the list, the most urgent first; accounts without any reason are left out."""
    mine: dict[str, list[FollowUp]] = defaultdict(list)
    for note in notes:
        mine[note.account_id].append(note)
    rows = [_due(account, found, mine.get(account["account_id"], [])) for account in found["held"]]
    return sorted((row for row in rows if row.reasons or row.hidden), key=_rank)


def cards(rows: Sequence[Due]) -> list[Due]:
    """Give the cards of today: at most seven, the most urgent first."""
    return [row for row in rows if row.today][:MOST_CARDS]


def _rank(row: Due) -> tuple[int, int, int, str]:
    lead = row.reasons[0] if row.reasons else None
    tier = "ABC".find(row.account["tier"] or "C")
    if lead is None:
        return (len(ORDER), tier, 0, row.account_id)
    # A promise of yesterday still waits for its answer; one of last month no longer does.
    days = lead.days if lead.code == "promised" else -lead.days
    return (ORDER.index(lead.code), tier, days, row.account_id)


def waiting(notes: Sequence[FollowUp], contacts: Sequence[date]) -> list[FollowUp]:
    """Leave out the notes of contacts that an export holds by now: a contact on the day or within three days after."""
    return [
        note
        for note in notes
        if note.answer != "done"
        or not any(note.day <= day <= note.day + timedelta(days=MERGE_DAYS) for day in contacts)
    ]


def _due(account: dict[str, Any], found: Facts, notes: Sequence[FollowUp]) -> Due:
    today: date = found["today"]
    key = account["account_id"]
    open_notes = waiting(notes, found["contacts"].get(key, ()))
    contacts = [note.day for note in open_notes if note.answer == "done"]
    account = _noted(account, open_notes)
    last_on = max((day for day in (account["last_on"], *contacts) if day), default=None)
    touch = found["cadence"].get(key)
    kept = due(touch, today, contacts) if touch else None
    reasons = [*_promise(account, today, last_on), *_cadence(kept, today), *_lists(key, found, last_on, account)]
    ordered = tuple(sorted(reasons, key=lambda reason: (ORDER.index(reason.code), -reason.days)))
    row = Due(account, ordered, last_on, kept["colour"] if kept else "green", _next_on(account, kept, today))
    return _answered(row, notes, open_notes, today)


def _noted(account: dict[str, Any], notes: Sequence[FollowUp]) -> dict[str, Any]:
    """Let the newest note speak where it is newer than the exports: its result, and the date it promises."""
    last, told = account["last_on"] or date.min, account["promised_at"] or date.min
    said = [note for note in notes if note.answer == "done" and note.day >= last]
    dated = [note for note in notes if note.next_date and note.day >= told]
    changed = dict(account)
    if said:
        changed |= {"last_on": said[-1].day, "last_kind": "noted", "last_words": said[-1].result}
    if dated:
        changed |= {"promised_at": dated[-1].day, "promised_on": dated[-1].next_date, "promised_step": dated[-1].result}
        changed["next_contact_on"] = None
    return changed


def _promise(account: Mapping[str, Any], today: date, last_on: date | None) -> list[Reason]:
    promised = [day for day in (account["promised_on"], account["next_contact_on"]) if day]
    kept = [day for day in promised if last_on is None or day > last_on]
    if account["ended"] or not kept or min(kept) > today:
        return []
    day = min(kept)
    words = account["promised_step"] if day == account["promised_on"] else ""
    late = (today - day).days
    return [Reason("promised_old" if late > OLD_DAYS else "promised", day, late, words or "")]


def _cadence(kept: Mapping[str, Any] | None, today: date) -> list[Reason]:
    if kept is None or kept["promised"] or kept["due_on"] > today:
        return []
    code = "cadence_red" if kept["colour"] == "red" else "cadence_amber"
    return [Reason(code, kept["due_on"], kept["gap"], str(kept["allowed"]))]


def _lists(key: str, found: Facts, last_on: date | None, account: Mapping[str, Any]) -> list[Reason]:
    def rows(name: str) -> list[dict[str, Any]]:
        mine: list[dict[str, Any]] = found[name].get(key, [])
        return mine

    def worded(code: str, row: Mapping[str, Any]) -> Reason:
        return Reason(code, row["day"], row["days"], row["words"] or "", row["amount"])

    reasons = [worded("planned", {**row, "days": -row["days"]}) for row in rows("planned") if row["days"] <= 0]
    reasons += [worded("complaint_late" if row["late"] else "complaint", row) for row in rows("complaint")]
    reasons += [worded("churn_near" if row["days"] <= NEAR_DAYS else "churn", row) for row in rows("churn")]
    reasons += [worded("payment_overdue" if row["days"] > 0 else "payment_due", row) for row in rows("payment")]
    reasons += [worded("feedback", row) for row in rows("feedback")[:1]]
    return reasons + [reason for row in rows("stalled") for reason in _stalled(row, found["today"], last_on, account)]


def _stalled(row: Mapping[str, Any], today: date, last_on: date | None, account: Mapping[str, Any]) -> list[Reason]:
    """Judge a development: red after 14 silent days or beyond four of five stays, amber without a next date (§5.6)."""
    silent = (today - last_on).days if last_on else None
    slow = row["p80_days"] is not None and row["days"] > row["p80_days"]
    if slow or silent is None or silent >= SILENT_DAYS:
        return [Reason("stalled_red", row["day"], row["days"], "slow" if slow else "silent", silent)]
    if account["promised_on"] is None or account["promised_on"] < today:
        return [Reason("stalled_amber", row["day"], row["days"], "no_next", silent)]
    return []


def _next_on(account: Mapping[str, Any], kept: Mapping[str, Any] | None, today: date) -> date | None:
    """Give the next day the account comes up: a promise to come, else the day its cadence is due."""
    promised = account["promised_on"]
    return promised if promised and promised > today else kept["due_on"] if kept else None


def _answered(row: Due, notes: Sequence[FollowUp], open_notes: Sequence[FollowUp], today: date) -> Due:
    newest = notes[-1] if notes else None
    away = newest is not None and (newest.day == today or _put_off(newest, today))
    return replace(row, hidden=newest.answer if newest and away else "", noted=open_notes[-1] if open_notes else None)


def _put_off(note: FollowUp, today: date) -> bool:
    return note.answer == "postponed" and note.next_date is not None and note.next_date > today


def planned(found: Facts, rows: Sequence[Due]) -> list[tuple[date, str, str, str]]:
    """List what has a date, for a calendar: (day, code, account_id, words); what is overdue stands on today."""
    today: date = found["today"]
    days: list[tuple[date, str, str, str]] = []
    for row in rows:
        days += [(max(reason.day, today), reason.code, row.account_id, reason.words) for reason in row.reasons]
    for account in found["held"]:
        key = account["account_id"]
        days += [
            (visit["day"], "planned", key, visit["words"] or "")
            for visit in found["planned"].get(key, [])
            if visit["days"] > 0
        ]
        if account["promised_on"] and account["promised_on"] > today:
            days.append((account["promised_on"], "promised", key, account["promised_step"] or ""))
    return sorted(set(days))


@cache
def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
