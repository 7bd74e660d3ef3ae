"""When a cadre is expected at a client's: the rhythm that was agreed, laid over the working days of the mission.

Each weekday that was agreed on takes a morning, in turn, then an afternoon, until the week's half-days are placed. What
is left, and the whole week where no weekday was agreed on, is a number of half-days to place within that week: no date
is made up. Neither Sundays and public holidays, nor pauses, nor dates before the start or after the last date are
planned; a day that is lost to one of them is not moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from domain.mission.events import Half
from domain.values import Rhythm, Weekday
from projections.continuity.course import Course
from projections.continuity.planned_reviews import is_paused

IsWorked = Callable[[date], bool]
"""Whether people work on a date without being asked to make an exception."""


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A date on which the cadre is expected, and in which half of it."""

    on: date
    cadre_id: str
    halves: tuple[Half, ...]


@dataclass(frozen=True, slots=True)
class PlannedWeek:
    """Half-days that the cadre is to place within a week, between two dates."""

    week_on: date
    """The week's Monday."""
    from_on: date
    until_on: date
    cadre_id: str
    half_days: int


def planned_days(course: Course, first: date, last: date, on: date, is_worked: IsWorked) -> Iterator[PlannedDay]:
    """The days planned between two dates, as far as is known on a third."""
    for asked in _active(course, first, last, on, is_worked):
        halves = by_weekday(rhythm_on(course, asked)).get(_weekday(asked))
        if halves:
            yield PlannedDay(asked, course.holder(asked), halves)


def planned_weeks(course: Course, first: date, last: date, on: date, is_worked: IsWorked) -> Iterator[PlannedWeek]:
    """The half-days to place in the weeks between two dates; a week that changes hands is told for each cadre."""
    active = _active(course, _monday(first), _monday(last) + timedelta(days=6), on, is_worked)
    for (week_on, cadre_id), dates in groupby(active, lambda asked: (_monday(asked), course.holder(asked))):
        worked = list(dates)
        rhythm = rhythm_on(course, worked[0])
        free = 2 * len(worked) - sum(len(by_weekday(rhythm).get(_weekday(asked), ())) for asked in worked)
        half_days = min(to_place(rhythm), free)
        if half_days:
            yield PlannedWeek(week_on, worked[0], worked[-1], cadre_id, half_days)


def by_weekday(rhythm: Rhythm) -> Mapping[Weekday, tuple[Half, ...]]:
    """The halves of each weekday that was agreed on."""
    agreed = [weekday for weekday in Weekday if weekday in (rhythm.weekdays or ())]
    mornings = agreed[: rhythm.half_days_per_week]
    afternoons = agreed[: max(0, rhythm.half_days_per_week - len(agreed))]
    return {weekday: (Half.AM, Half.PM) if weekday in afternoons else (Half.AM,) for weekday in mornings}


def to_place(rhythm: Rhythm) -> int:
    """The half-days of a week for which no weekday was agreed on."""
    return rhythm.half_days_per_week - sum(map(len, by_weekday(rhythm).values()))


def rhythm_on(course: Course, on: date) -> Rhythm:
    """The rhythm in force on a date: the letter's, or that of the latest amendment that has taken effect."""
    taken = [each for each in course.rhythms if each.effective_on is None or each.effective_on <= on]
    return taken[-1].rhythm


def _active(course: Course, first: date, last: date, on: date, is_worked: IsWorked) -> Sequence[date]:
    """The working days between two dates on which the mission runs."""
    first, last = max(first, course.starts_on), min(last, course.last_on or last)
    dates = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [each for each in dates if is_worked(each) and not is_paused(course.pauses, each, on)]


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def _weekday(on: date) -> Weekday:
    return list(Weekday)[on.weekday()]
