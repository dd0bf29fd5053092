"""What people decided: settings, decisions, remembered mappings, users, and the log of who did what."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.connect import claim, open_engine, reading
from data.tables import APP_USER, AUDIT, DECISION, MAPPING, OPEN, SETTING

Row = TypeVar("Row", bound="Setting | Decision | Remembered | User | Event")


class ChangedError(RuntimeError):
    """Somebody else changed this meanwhile; the message names who, when and what. Look again, then decide."""


class UnknownDecisionError(LookupError):
    """No decision of this number is in force."""


class ReasonError(ValueError):
    """A change that moves numbers needs a reason."""


@dataclass(frozen=True)
class Setting:
    """One version of a setting; `value` None means back to the default."""

    name: str
    version: int
    value: str | None
    who: str
    at: datetime
    why: str


@dataclass(frozen=True)
class Decision:
    """One decision in force: of a kind (`churn`, `identity` …) about a subject, with its value and reason."""

    id: int
    kind: str
    subject: str
    value: str
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Remembered:
    """The mapping last chosen for files with one set of headers; `mapping` is what `loaders` stored, unchanged."""

    fingerprint: str
    entity: str
    mapping: dict[str, Any]
    who: str
    at: datetime


@dataclass(frozen=True)
class User:
    """A person who may sign in, and as what: `role` is one of head, rep, clerk, hr."""

    person: str
    role: str
    rep_id: str = ""
    dept: str = ""


@dataclass(frozen=True)
class Event:
    """One line of the audit log; `detail` is a JSON object."""

    id: int
    at: datetime
    who: str
    what: str
    subject: str
    detail: dict[str, Any]


class Records:
    """The records at a database URL or an SQLite path; safe to open in many processes and threads at once."""

    def __init__(self, place: str | Path) -> None:
        self.engine = open_engine(place)

    def parameters(self, defaults: Mapping[str, str] | None = None) -> dict[str, str]:
        """Give the parameters in force, name to value: what was set, over the defaults."""
        return {**(defaults or {}), **self._in_force("parameter")}

    def set_parameter(self, name: str, value: str | None, *, who: str, why: str, seen: int | None = None) -> Setting:
        """Store a new version of a parameter; `value` None goes back to the default.

        `seen` is the version the person looked at (0: none yet). Raises `ChangedError` where another is in
        force by now, `ReasonError` without a reason.
        """
        return self._set("parameter", name, value, who=who, why=why, seen=seen)

    def targets(self) -> dict[str, Decimal]:
        """Give the target in force of each metric, in the metric's own unit (a rate as a fraction)."""
        return {name: Decimal(value) for name, value in self._in_force("target").items()}

    def set_target(self, metric: str, value: Decimal | None, *, who: str, why: str, seen: int | None = None) -> Setting:
        """Store a new version of a metric's target; None removes it. Raises as `set_parameter`."""
        return self._set("target", metric, None if value is None else str(value), who=who, why=why, seen=seen)

    def history(self, name: str, kind: str = "parameter") -> list[Setting]:
        """Give every version of a parameter (or, by kind, `target`), newest first."""
        wanted = select(SETTING).where(SETTING.c.kind == kind, SETTING.c.name == name)
        return self._all(Setting, wanted.order_by(SETTING.c.version.desc()))

    def decisions(self, kind: str | None = None) -> list[Decision]:
        """Give the decisions in force, of one kind or all, oldest first."""
        wanted = select(DECISION).where(OPEN).order_by(DECISION.c.id)
        return self._all(Decision, wanted if kind is None else wanted.where(DECISION.c.kind == kind))

    def decide(
        self, kind: str, subject: str, value: str, *, who: str, reason: str, seen: int | None = None
    ) -> Decision:
        """Store a decision; it replaces the one in force about the same subject.

        `seen` is the number of the decision the person looked at (0: none). Raises `ChangedError` where another
        is in force by now, `ReasonError` without a reason.
        """
        _require(reason)
        row = {"kind": kind, "subject": subject, "value": value, "reason": reason, "decided_by": who}
        with self._writing("decision", kind, subject) as connection:
            wanted = select(DECISION).where(OPEN, DECISION.c.kind == kind, DECISION.c.subject == subject)
            before = connection.execute(wanted).mappings().one_or_none()
            if seen is not None and seen != (before["id"] if before else 0):
                raise ChangedError(_told(before, "decided_by", "decided_at"))
            if before:
                _end(connection, before["id"], who, reason)
            stored = connection.execute(insert(DECISION).values(decided_at=_now(), **row).returning(*DECISION.c))
            decision = _as(Decision, stored.mappings().one())
            _log(connection, who, "decide", f"{kind}:{subject}", {"value": value, "reason": reason})
        return decision

    def revoke(self, number: int, *, who: str, reason: str) -> None:
        """End a decision, so that none about its subject is in force.

        Raises `UnknownDecisionError` where it is not in force (any more), `ReasonError` without a reason.
        """
        _require(reason)
        with self._writing() as connection:
            wanted = select(DECISION).where(OPEN, DECISION.c.id == number)
            before = connection.execute(wanted.with_for_update()).mappings().one_or_none()
            if before is None:
                raise UnknownDecisionError(str(number))
            _end(connection, number, who, reason)
            _log(connection, who, "revoke", f"{before['kind']}:{before['subject']}", {"reason": reason})

    def remembered(self, fingerprint: str) -> Remembered | None:
        """Give the mapping last chosen for files of this shape, or None."""
        wanted = select(MAPPING).where(MAPPING.c.fingerprint == fingerprint).order_by(MAPPING.c.id.desc()).limit(1)
        return next(iter(self._all(Remembered, wanted)), None)

    def remember(self, fingerprint: str, entity: str, mapping: Mapping[str, Any], *, who: str) -> None:
        """Remember a mapping (anything JSON can hold) for files of this shape; the newest counts."""
        row = {"fingerprint": fingerprint, "entity": entity, "mapping": _json(mapping), "who": who, "at": _now()}
        with self._writing() as connection:
            connection.execute(insert(MAPPING).values(row))
            _log(connection, who, "remember", fingerprint, {"entity": entity})

    def users(self) -> list[User]:
        """Give everyone who may sign in, by name."""
        return self._all(User, select(APP_USER).order_by(APP_USER.c.person))

    def set_users(self, users: Iterable[User], *, who: str) -> None:
        """Replace the list of everyone who may sign in."""
        rows = [{item.name: getattr(user, item.name) for item in fields(User)} for user in users]
        with self._writing("users") as connection:
            connection.execute(APP_USER.delete())
            if rows:
                connection.execute(insert(APP_USER), rows)
            _log(connection, who, "users", "", {"users": rows})

    def log(self, who: str, what: str, subject: str = "", detail: Mapping[str, Any] | None = None) -> None:
        """Write one line of the audit log; settings and decisions write theirs themselves."""
        with self._writing() as connection:
            _log(connection, who, what, subject, detail or {})

    def audit(self, subject: str | None = None, limit: int = 200) -> list[Event]:
        """Give lines of the audit log, newest first, about one subject or all."""
        wanted = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
        return self._all(Event, wanted if subject is None else wanted.where(AUDIT.c.subject == subject))

    def _in_force(self, kind: str) -> dict[str, str]:
        newest = select(SETTING.c.name, func.max(SETTING.c.version).label("version"))
        last = newest.where(SETTING.c.kind == kind).group_by(SETTING.c.name).subquery()
        joined = SETTING.join(last, (SETTING.c.name == last.c.name) & (SETTING.c.version == last.c.version))
        wanted = select(SETTING.c.name, SETTING.c.value).select_from(joined).where(SETTING.c.kind == kind)
        with reading(self.engine) as connection:
            return {name: value for name, value in connection.execute(wanted) if value is not None}

    def _set(self, kind: str, name: str, value: str | None, *, who: str, why: str, seen: int | None) -> Setting:
        _require(why)
        with self._writing("setting", kind, name) as connection:
            wanted = select(SETTING).where(SETTING.c.kind == kind, SETTING.c.name == name)
            newest = wanted.order_by(SETTING.c.version.desc()).limit(1)
            before = connection.execute(newest).mappings().one_or_none()
            version = before["version"] if before else 0
            if seen is not None and seen != version:
                raise ChangedError(_told(before, "who", "at"))
            setting = Setting(name, version + 1, value, who, _now(), why)
            connection.execute(insert(SETTING).values(kind=kind, **vars(setting)))
            detail = {"from": before["value"] if before else None, "to": value, "why": why}
            _log(connection, who, f"set {kind}", name, detail)
        return setting

    @contextmanager
    def _writing(self, *claimed: str) -> Iterator[Connection]:
        """Open a transaction in which nobody else writes about what is claimed."""
        try:
            with self.engine.begin() as connection:
                if claimed:
                    claim(connection, *claimed)
                yield connection
        except IntegrityError as error:
            raise ChangedError(str(error.orig)) from error

    def _all(self, kind: type[Row], wanted: Select[Any]) -> list[Row]:
        with reading(self.engine) as connection:
            return [_as(kind, row) for row in connection.execute(wanted).mappings()]


def _now() -> datetime:
    return datetime.now(UTC)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _require(reason: str) -> None:
    if not reason.strip():
        raise ReasonError("a reason is needed")


def _told(row: RowMapping | None, who: str, at: str) -> str:
    return f"{row[who]} {row[at]:%Y-%m-%d %H:%M} UTC: {row['value']}" if row else "removed"


def _as(kind: type[Row], row: RowMapping) -> Row:
    texts = {"mapping", "detail"}
    names = [item.name for item in fields(kind)]
    return kind(**{name: json.loads(row[name]) if name in texts else row[name] for name in names})


def _end(connection: Connection, number: int, who: str, why: str) -> None:
    ended = {"ended_by": who, "ended_at": _now(), "ended_why": why}
    connection.execute(update(DECISION).where(DECISION.c.id == number).values(ended))


def _log(connection: Connection, who: str, what: str, subject: str, detail: Mapping[str, Any]) -> None:
    row = {"at": _now(), "who": who, "what": what, "subject": subject, "detail": _json(detail)}
    connection.execute(insert(AUDIT).values(row))
