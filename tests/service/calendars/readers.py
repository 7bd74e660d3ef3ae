"""A calendar read by programs that share no code with the one that wrote it, and by RFC 5545's own rules for lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import vobject
from ical.calendar_stream import IcsCalendarStream

CONTENT_LINE = re.compile(
    rb"(?P<name>[A-Z0-9-]+)"
    rb"(?P<parameters>(;[A-Z0-9-]+=(\"[^\x00-\x08\x0a-\x1f\"\x7f]*\"|[^\x00-\x08\x0a-\x1f\";:,\x7f]*))*)"
    rb":(?P<value>[^\x00-\x08\x0a-\x1f\x7f]*)"
)
"""A content line as section 3.1 spells it."""
ESCAPED = re.compile(r"([^\\;,]|\\[\\;,nN])*")
"""A text as section 3.3.11 spells it."""
ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "DESCRIPTION", "STATUS", "TRANSP", "LAST-MODIFIED"}


@dataclass(frozen=True, slots=True)
class Read:
    """An entry as a program understood it."""

    uid: str
    summary: str
    starts: date | datetime
    ends: date | datetime


def by_ical(calendar: bytes) -> list[Read]:
    """As the `ical` package reads it."""
    found = IcsCalendarStream.calendar_from_ics(calendar.decode())
    return [_read(event.uid, event.summary, event.dtstart, event.dtend) for event in found.events]


def by_vobject(calendar: bytes) -> list[Read]:
    """As the `vobject` package reads it, which also says whether anything is missing."""
    (found,) = vobject.readComponents(calendar.decode())
    found.validate(raiseException=True)
    return [
        _read(event.uid.value, event.summary.value, event.dtstart.value, event.dtend.value)
        for event in found.contents.get("vevent", [])
    ]


def _read(uid: object, summary: object, starts: object, ends: object) -> Read:
    assert isinstance(uid, str)
    assert isinstance(summary, str)
    assert isinstance(starts, date)
    assert isinstance(ends, date)
    return Read(uid, summary, starts, ends)


def faults(calendar: bytes) -> Sequence[str]:
    """What RFC 5545 and 7986 would not allow, line by line and component by component."""
    found = []
    physical = calendar.split(b"\r\n")
    if physical[-1] or b"\n" in calendar.replace(b"\r\n", b"") or b"\r" in calendar.replace(b"\r\n", b""):
        found.append("lines end in CRLF, the last one too")
    found += [f"more than 75 octets: {line!r}" for line in physical if len(line) > 75]
    logical = calendar.replace(b"\r\n ", b"").split(b"\r\n")[:-1]
    found += [f"no content line: {line!r}" for line in logical if not CONTENT_LINE.fullmatch(line)]
    parts = [_parts(line) for line in logical if CONTENT_LINE.fullmatch(line)]
    return found + (_faults_of_components(parts) if parts else ["no line at all"])


def _parts(line: bytes) -> tuple[str, str, str]:
    matched = CONTENT_LINE.fullmatch(line)
    assert matched is not None
    return matched["name"].decode(), matched["parameters"].decode(), matched["value"].decode()


def _faults_of_components(lines: Sequence[tuple[str, str, str]]) -> list[str]:
    found: list[str] = []
    open_components: list[str] = []
    properties: Counter[str] = Counter()
    if [lines[0], lines[-1]] != [("BEGIN", "", "VCALENDAR"), ("END", "", "VCALENDAR")]:
        found.append("one VCALENDAR around all")
    for name, parameters, value in lines:
        if name == "BEGIN":
            open_components.append(value)
            properties.clear()
        elif name == "END":
            found += [] if open_components and open_components.pop() == value else [f"END:{value} closes nothing"]
            if value == "VEVENT":
                found += [f"VEVENT has {properties[each]} {each}" for each in sorted(ONCE) if properties[each] != 1]
        else:
            properties[name] += 1
            found += _faults_of_property(name, parameters, value, in_event=open_components[-1] == "VEVENT")
    return found + _faults_of_names(lines)


def _faults_of_property(name: str, parameters: str, value: str, *, in_event: bool) -> list[str]:
    found = []
    if name in ("SUMMARY", "DESCRIPTION", "NAME", "X-WR-CALNAME") and not ESCAPED.fullmatch(value):
        found.append(f"{name} is not escaped: {value}")
    if name in ("DTSTAMP", "LAST-MODIFIED") and not re.fullmatch(r"\d{8}T\d{6}Z", value):
        found.append(f"{name} is not in UTC: {value}")
    if name in ("DTSTART", "DTEND") and in_event:
        whole = re.fullmatch(r"\d{8}", value) is not None
        if whole != (";VALUE=DATE" in parameters):
            found.append(f"{name}{parameters}:{value} is of another type than it says")
    if name == "REFRESH-INTERVAL" and parameters != ";VALUE=DURATION":
        found.append("REFRESH-INTERVAL has no type of its own")
    return found


def _faults_of_names(lines: Sequence[tuple[str, str, str]]) -> list[str]:
    uids = Counter(value for name, _, value in lines if name == "UID")
    zones = {value for name, _, value in lines if name == "TZID"}
    used = {zone for _, parameters, _ in lines for zone in re.findall(r";TZID=([^;:]+)", parameters)}
    named_twice = [f"{uid} names {times} entries" for uid, times in uids.items() if times > 1]
    return named_twice + [f"{zone} is used and not described" for zone in used - zones]
