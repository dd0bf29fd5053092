"""The calendar file: what is written can be read back, and no text breaks out of its line."""

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.ics import CONTROL, Event, calendar, escaped, folded

MADE = datetime(2026, 9, 25, 8, 0, tzinfo=UTC)


def unfolded(content: bytes) -> list[str]:
    """Read the content lines as RFC 5545 says: a line that begins with a space goes on the one before."""
    return content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def unescaped(text: str) -> str:
    """Read a text value back."""
    out, at = "", 0
    while at < len(text):
        pair = text[at : at + 2]
        known = {"\\\\": "\\", "\\;": ";", "\\,": ",", "\\n": "\n"}.get(pair)
        out, at = (out + known, at + 2) if known else (out + text[at], at + 1)
    return out


def test_a_day_of_its_own_with_title_and_place() -> None:
    lines = unfolded(calendar([Event(date(2026, 9, 30), "华晟 · 回复报价", "A1", place="长江路1号")], "今日跟进", MADE))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    assert {"DTSTART;VALUE=DATE:20260930", "DTEND;VALUE=DATE:20261001", "SUMMARY:华晟 · 回复报价", "LOCATION:长江路1号",
            "DTSTAMP:20260925T080000Z", "X-WR-CALNAME:今日跟进"} <= set(lines)  # fmt: skip


def test_the_same_appointment_keeps_its_number() -> None:
    first, second = (
        [line for line in unfolded(calendar([Event(date(2026, 9, 30), title, "A1")], "x", MADE)) if "UID" in line]
        for title in ("甲", "乙")
    )
    assert first == second


def test_what_a_customer_wrote_cannot_add_a_line() -> None:
    lines = unfolded(calendar([Event(date(2026, 9, 30), "x\r\nATTENDEE:mailto:a@b.c;,\\", "A1")], "x", MADE))
    assert not any(line.startswith("ATTENDEE") for line in lines)
    assert "SUMMARY:x\\nATTENDEE:mailto:a@b.c\\;\\,\\\\" in lines


@settings(max_examples=60)
@given(st.text())
def test_every_text_reads_back_in_lines_of_75_bytes(text: str) -> None:
    plain = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    assert unescaped(escaped(text)) == plain
    parts = folded(f"SUMMARY:{escaped(text)}").split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == f"SUMMARY:{escaped(text)}"
