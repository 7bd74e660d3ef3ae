"""A calendar as RFC 5545 spells it, so that every calendar program reads it, and reads it alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event, vDuration, vText

from service.calendars.entries import Entry

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
REFRESH: Final = timedelta(hours=6)
"""How often a calendar program is asked to look again."""
DOMAIN: Final = "relais"
"""What makes an entry's name one in all calendars of a person."""


def written(found: Iterable[Entry], *, title: str, language: str) -> bytes:
    """A calendar with its entries; the same entries are always the same bytes."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Relais//Relais//FR")
    calendar.add("calscale", "GREGORIAN")
    # Said to be a text, or the library escapes none of its signs.
    calendar.add("name", vText(title), parameters={"LANGUAGE": language})
    calendar.add("x-wr-calname", vText(title))
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    timed: list[date] = []
    for entry in found:
        calendar.add_component(_event(entry))
        if isinstance(entry.starts, datetime):
            timed.append(entry.starts.date())
    if timed:
        calendar.add_missing_timezones(
            first_date=date(min(timed).year, 1, 1), last_date=date(max(timed).year + 1, 1, 1)
        )
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.name}@{DOMAIN}")
    event.add("dtstamp", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("status", "TENTATIVE" if entry.is_tentative else "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.is_busy else "TRANSPARENT")
    return event
