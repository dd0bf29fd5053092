"""What reps answered to the day's list: notes of a contact, a new date, or not today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from data.connect import reading
from data.records import Records
from data.tables import FOLLOW_UP

ANSWERS = ("done", "postponed", "skipped")


class FollowUpError(ValueError):
    """An answer that says too little: its code is `answer`, `next_date` or `result`."""


@dataclass(frozen=True)
class FollowUp:
    """One answer: `day` is the data date of the list it answers, `reason` the code that led the card."""

    id: int
    account_id: str
    day: date
    answer: str
    reason: str
    result: str
    next_date: date | None
    who: str
    at: datetime


class FollowUps:
    """The follow-ups among the records; each answer is also a line of the audit log."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.engine = records.engine

    def answer(
        self,
        account_id: str,
        day: date,
        answer: str,
        *,
        who: str,
        reason: str = "",
        result: str = "",
        next_date: date | None = None,
    ) -> FollowUp:
        """Keep one answer; raise `FollowUpError` where a postponement has no later day, or a contact no result."""
        if answer not in ANSWERS:
            raise FollowUpError("answer")
        if answer == "postponed" and next_date is None:
            raise FollowUpError("next_date")
        if next_date is not None and next_date <= day:
            raise FollowUpError("next_date")
        if answer == "done" and not result.strip():
            raise FollowUpError("result")
        row = {
            "account_id": account_id, "day": day, "answer": answer, "reason": reason, "result": result.strip(),
            "next_date": next_date, "who": who, "at": datetime.now(UTC),
        }  # fmt: skip
        with self.engine.begin() as connection:
            [number] = connection.execute(insert(FOLLOW_UP).values(row)).inserted_primary_key or (0,)
        self.records.log(who, f"follow up {answer}", account_id, {"day": day, "next_date": next_date})
        return _read({"id": number, **row})

    def withdraw(self, number: int, *, who: str) -> None:
        """Take back an answer of one's own; it stays in the table and counts no more."""
        mine = (FOLLOW_UP.c.id == number) & (FOLLOW_UP.c.who == who) & FOLLOW_UP.c.withdrawn_at.is_(None)
        with self.engine.begin() as connection:
            done = connection.execute(update(FOLLOW_UP).where(mine).values(withdrawn_at=datetime.now(UTC)))
        if done.rowcount:
            self.records.log(who, "follow up withdrawn", str(number))

    def since(self, day: date) -> list[FollowUp]:
        """Give the answers to lists from `day` on that still count, the oldest first."""
        counts = (FOLLOW_UP.c.day >= day) & FOLLOW_UP.c.withdrawn_at.is_(None)
        with reading(self.engine) as connection:
            found = connection.execute(select(FOLLOW_UP).where(counts).order_by(FOLLOW_UP.c.id))
            return [_read(row) for row in found.mappings()]


def _read(row: Any) -> FollowUp:  # noqa: ANN401 - a row of the table or what was just written
    return FollowUp(**{name: row[name] for name in FollowUp.__dataclass_fields__})
