"""What stands in a calendar: planned days, half-days to place, reviews, and the territory's public holidays.

A calendar is copied to machines that nobody can reach afterwards, so it holds ids and functions, and no person's words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.calendar import WorkingCalendar
from domain.mission.events import Half
from domain.party.events import Language
from projections.continuity.course import Course
from projections.continuity.planned_days import PlannedDay, PlannedWeek, planned_days, planned_weeks
from projections.continuity.planned_reviews import PlannedReview, ReviewStatus, plan_of
from service.documents.words import WORDS

BEHIND: Final = timedelta(days=35)
AHEAD: Final = timedelta(days=183)
"""A calendar goes from five weeks ago to half a year ahead."""
HOURS: Final = {Half.AM: (time(8), time(12)), Half.PM: (time(13), time(17))}
"""Letters agree on halves of a day and on no hours: a calendar has to show some."""
ONE: Final = timedelta(days=1)

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.FRENCH: {
        "day": "Journée",
        "am": "Matinée",
        "pm": "Après-midi",
        "one": "{} demi-journée à placer",
        "many": "{} demi-journées à placer",
        "to_come": "Revue {}",
        "overdue": "Revue {} en retard",
        "missed": "Revue {} non tenue",
        "held": "Revue {} tenue",
        "holiday": "Férié",
        "agreed": "Prévu par la lettre de mission.",
        "hours": "Prévu par la lettre de mission, qui ne fixe pas d'heures : celles-ci sont indicatives.",
        "place": "La lettre de mission fixe un nombre de demi-journées par semaine, sans en fixer les jours.",
        "rhythm": "Selon le rythme des revues convenu dans la lettre de mission.",
        "asked": "Date fixée lors de la revue précédente.",
        "closed": "Jour non travaillé, sauf exception convenue.",
    },
    Language.ENGLISH: {
        "day": "Day",
        "am": "Morning",
        "pm": "Afternoon",
        "one": "{} half-day to place",
        "many": "{} half-days to place",
        "to_come": "Review ({})",
        "overdue": "Review ({}), overdue",
        "missed": "Review ({}), not held",
        "held": "Review ({}), held",
        "holiday": "Public holiday",
        "agreed": "As agreed in the letter of engagement.",
        "hours": "As agreed in the letter of engagement, which fixes no hours: these are only an indication.",
        "place": "The letter of engagement fixes a number of half-days a week, and no weekdays for them.",
        "rhythm": "By the rhythm of reviews agreed in the letter of engagement.",
        "asked": "The date was set in the review before.",
        "closed": "Not worked, unless an exception is agreed.",
    },
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a calendar: an instant of its own where it has hours, else whole dates, the last one excluded."""

    name: str
    """What it is known by, whatever else changes."""
    starts: date | datetime
    ends: date | datetime
    summary: str
    description: str
    changed_at: datetime
    sequence: int
    is_busy: bool = False
    is_tentative: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a calendar is written: one cadre, whose own dates it shows, or a client with all its missions."""

    language: Language
    zone: ZoneInfo
    holidays: WorkingCalendar
    cadre_id: str | None = None

    def about(self, course: Course, cadre_id: str) -> str:
        """What a mission is called: its function, the other party, its id."""
        function = self.calls("function", course.function.value)
        return f"{function}, {cadre_id if self.cadre_id is None else course.client_id} ({course.mission_id})"

    def calls(self, kind: str, term: str) -> str:
        """A term of the field, as documents print it; the English terms are their own words."""
        return WORDS[self.language].get(f"{kind}.{term}", term.replace("_", " "))

    def shows(self, cadre_id: str) -> bool:
        """Whether what a cadre is to do stands in this calendar."""
        return self.cadre_id in (None, cadre_id)

    def says(self, word: str, *parts: object) -> str:
        """A word of the calendar's own."""
        return _WORDS[self.language][word].format(*parts)


def entries(courses: Iterable[Course], reader: Reader, today: date) -> list[Entry]:
    """All that stands in a calendar today, in order of date."""
    first, last = today - BEHIND, today + AHEAD
    found = [*_holidays(reader, first, last)]
    for course in courses:
        found += _of_mission(course, reader, first, last, today)
    return _each_named_once(sorted(found, key=lambda entry: (_date(entry.starts), entry.name)))


def _of_mission(course: Course, reader: Reader, first: date, last: date, today: date) -> Iterator[Entry]:
    is_worked = reader.holidays.is_working_day
    for day in planned_days(course, first, last, today, is_worked):
        if reader.shows(day.cadre_id):
            yield _day(course, day, reader)
    for week in planned_weeks(course, first, last, today, is_worked):
        if reader.shows(week.cadre_id):
            yield _week(course, week, reader)
    yield from _reviews(course, reader, first, last, today)


def _holidays(reader: Reader, first: date, last: date) -> Iterator[Entry]:
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        name = reader.holidays.holiday(on, reader.language.value)
        if name is not None:
            yield Entry(
                name=f"holiday-{on}",
                starts=on,
                ends=on + ONE,
                summary=f"{reader.says('holiday')} · {name}",
                description=reader.says("closed"),
                changed_at=datetime(on.year, 1, 1, tzinfo=UTC),
                sequence=0,
            )


def _day(course: Course, day: PlannedDay, reader: Reader) -> Entry:
    if len(day.halves) == 2:
        word, at = "day", _whole(day.on, day.on)
    else:
        (half,) = day.halves
        starts, ends = HOURS[half]
        word = half.value
        at = datetime.combine(day.on, starts, reader.zone), datetime.combine(day.on, ends, reader.zone)
    return _entry(
        course,
        f"day-{course.mission_id}-{day.on}",
        at,
        f"{reader.says(word)} · {reader.about(course, day.cadre_id)}",
        reader.says("agreed" if word == "day" else "hours"),
        is_busy=True,
    )


def _week(course: Course, week: PlannedWeek, reader: Reader) -> Entry:
    said = reader.says("one" if week.half_days == 1 else "many", week.half_days)
    return _entry(
        course,
        f"week-{course.mission_id}-{week.from_on}",
        _whole(week.from_on, week.until_on),
        f"{said} · {reader.about(course, week.cadre_id)}",
        reader.says("place"),
        is_tentative=True,
    )


def _reviews(course: Course, reader: Reader, first: date, last: date, today: date) -> Iterator[Entry]:
    every = reader.calls("every", course.review_every.value)
    for planned in plan_of(course, today).planned:
        on = planned.due_on if planned.review is None else planned.review.held_on
        cadre_id = course.holder(on)
        if first <= on <= last and planned.status is not ReviewStatus.SUSPENDED and reader.shows(cadre_id):
            yield _entry(
                course,
                _name_of(course, planned),
                _whole(on, on),
                f"{reader.says(planned.status.value, every)} · {reader.about(course, cadre_id)}",
                reader.says("rhythm" if planned.asked_by is None else "asked"),
            )


def _name_of(course: Course, planned: PlannedReview) -> str:
    asked_by = "" if planned.asked_by is None else f"-{planned.asked_by}"
    return f"review-{course.mission_id}-{planned.due_on}{asked_by}"


def _entry(
    course: Course,
    name: str,
    at: tuple[date | datetime, date | datetime],
    summary: str,
    description: str,
    *,
    is_busy: bool = False,
    is_tentative: bool = False,
) -> Entry:
    changed_at, sequence = course.changed_at, course.revision
    return Entry(name, *at, summary, description, changed_at, sequence, is_busy, is_tentative)


def _whole(first: date, last: date) -> tuple[date | datetime, date | datetime]:
    """Whole dates, as calendars count them: to the one after the last."""
    return first, last + ONE


def _each_named_once(found: Iterable[Entry]) -> list[Entry]:
    """A calendar program takes two of one name for one: a second one is numbered."""
    named: Counter[str] = Counter()
    told = []
    for entry in found:
        named[entry.name] += 1
        number = named[entry.name]
        told.append(entry if number == 1 else replace(entry, name=f"{entry.name}-{number}"))
    return told


def _date(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at
