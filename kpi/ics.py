"""Appointments as an iCalendar file (RFC 5545): all-day events, every text escaped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LINE_BYTES = 75
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Event:
    """One day's appointment: `key` tells it from others, so that a second import replaces it."""

    day: date
    title: str
    key: str
    details: str = ""
    place: str = ""


def escaped(text: str) -> str:
    """Escape a text value: backslash, semicolon, comma and line breaks; control characters are left out."""
    plain = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """Fold a content line at 75 bytes, never inside a character."""
    parts, size = [""], 0
    for sign in line:
        width = len(sign.encode())
        if size + width > LINE_BYTES:
            parts.append(" ")
            size = 1
        parts[-1] += sign
        size += width
    return "\r\n".join(parts)


def calendar(events: Iterable[Event], name: str, at: datetime | None = None) -> bytes:
    """Return the events as a file; `at` is when it was made."""
    stamp = f"{(at or datetime.now(UTC)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//key-account-cockpit//follow-up//ZH", "METHOD:PUBLISH"]
    lines = [*head, f"X-WR-CALNAME:{escaped(name)}"]
    for event in events:
        lines += _event(event, stamp)
    return ("\r\n".join(folded(line) for line in [*lines, "END:VCALENDAR"]) + "\r\n").encode()


def _event(event: Event, stamp: str) -> list[str]:
    number = hashlib.sha256(f"{event.key}|{event.day}".encode()).hexdigest()[:32]
    lines = [
        "BEGIN:VEVENT",
        f"UID:{number}@key-account-cockpit",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(event.title)}",
        "TRANSP:TRANSPARENT",
    ]
    lines += [f"DESCRIPTION:{escaped(event.details)}"] if event.details else []
    lines += [f"LOCATION:{escaped(event.place)}"] if event.place else []
    return [*lines, "END:VEVENT"]
