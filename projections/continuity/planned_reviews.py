"""Reviews that the letter's rhythm asks for, against those that were held.

The first is due one period (a week, a month, a quarter) after the mission starts, each next one a period after the
one before; a review that names a date for the next one sets that date instead, and the rhythm goes on from there.
A planned review is held by the first review of any kind after the one before was due or held, and until seven days
after its own date. Without one it is overdue from the day after its date, and missed once those seven days are over.
What falls into a pause is suspended, what would fall after the mission's last date is not planned at all.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from domain.mission.events import ReviewEvery
from projections.continuity.course import Course, Pause, Review

LATE = timedelta(days=7)
"""How long after its date a planned review may still be held: the network is warned from then on."""
AHEAD = timedelta(days=92)
"""How far ahead reviews are planned; the next one always is."""
MOST = 2_000
"""So many reviews of one mission are planned at most: weekly ones for 38 years."""


class ReviewStatus(StrEnum):
    """What became of a planned review."""

    HELD = "held"
    OVERDUE = "overdue"
    MISSED = "missed"
    SUSPENDED = "suspended"
    TO_COME = "to_come"


@dataclass(frozen=True, slots=True)
class PlannedReview:
    """A review that was due, or is to come."""

    due_on: date
    status: ReviewStatus
    review: Review | None = None
    """The one that held it."""
    asked_by: str | None = None
    """The review that set the date; None where the letter's rhythm did."""

    @property
    def days_late(self) -> int:
        """By how many days it was held after its date."""
        return 0 if self.review is None else max(0, (self.review.held_on - self.due_on).days)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned, in order of date, and the reviews that were held besides."""

    planned: tuple[PlannedReview, ...]
    besides: tuple[Review, ...]

    def having(self, *statuses: ReviewStatus) -> tuple[PlannedReview, ...]:
        """The planned reviews of which this became."""
        return tuple(each for each in self.planned if each.status in statuses)

    @property
    def next_due_on(self) -> date | None:
        """The date of the next review: the last one that waits, else the first that is to come."""
        waiting = self.having(ReviewStatus.OVERDUE, ReviewStatus.TO_COME)
        return waiting[0].due_on if waiting else None


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """Dates that follow each other: the one that is next, what came before it, and where they are counted from."""

    every: ReviewEvery
    anchor: date
    step: int
    opens_after: date
    asked_by: str | None = None

    @property
    def due_on(self) -> date | None:
        return period_after(self.anchor, self.every, self.step)

    def after(self, on: date) -> _Rhythm:
        """The rhythm goes on."""
        return replace(self, step=self.step + 1, opens_after=on, asked_by=None)

    def asked(self, review: Review, on: date) -> _Rhythm:
        """A review names the date of the next."""
        return _Rhythm(self.every, on, 0, review.held_on, review.review_id)


def plan_of(course: Course, on: date) -> Plan:
    """A mission's reviews, planned and held, as of a date."""
    reviews = sorted(course.reviews, key=lambda review: (review.held_on, review.position))
    besides: list[Review] = []
    planned = tuple(islice(_planned(course, on, reviews, besides), MOST))
    return Plan(planned, (*besides, *reviews))


def _planned(course: Course, on: date, reviews: list[Review], besides: list[Review]) -> Iterator[PlannedReview]:
    """Takes each review that holds a planned one, or is held besides, off the list."""
    rhythm = _Rhythm(course.review_every, course.starts_on, 1, course.starts_on)
    is_planned_ahead = False
    while (due_on := rhythm.due_on) is not None and not _is_over(course, due_on):
        if reviews and reviews[0].held_on <= rhythm.opens_after:
            besides.append(reviews.pop(0))
            asked = _asked(besides[-1])
            rhythm = rhythm if asked is None else rhythm.asked(besides[-1], asked)
        elif reviews and reviews[0].held_on - due_on <= LATE:
            review = reviews.pop(0)
            yield PlannedReview(due_on, ReviewStatus.HELD, review, rhythm.asked_by)
            asked = _asked(review)
            rhythm = rhythm.after(max(due_on, review.held_on)) if asked is None else rhythm.asked(review, asked)
        else:
            status = _status(course, due_on, on)
            if due_on - on > AHEAD and (is_planned_ahead or _rests_for_good(course, on)):
                return
            yield PlannedReview(due_on, status, asked_by=rhythm.asked_by)
            is_planned_ahead = is_planned_ahead or status is ReviewStatus.TO_COME
            rhythm = rhythm.after(due_on)


def _is_over(course: Course, due_on: date) -> bool:
    return course.last_on is not None and due_on > course.last_on


def _asked(review: Review) -> date | None:
    """The date that a review names for the next one, where that comes after it."""
    asked = review.next_review_on
    return asked if asked is not None and asked > review.held_on else None


def _status(course: Course, due_on: date, on: date) -> ReviewStatus:
    if is_paused(course.pauses, due_on, on):
        return ReviewStatus.SUSPENDED
    if due_on >= on:
        return ReviewStatus.TO_COME
    return ReviewStatus.OVERDUE if on - due_on <= LATE else ReviewStatus.MISSED


def is_paused(pauses: Sequence[Pause], date_asked: date, on: date) -> bool:
    """Whether the mission rests on a date, as far as that is known on another."""
    return any(_covers(pause.from_on, _until(pause, on), date_asked) for pause in pauses)


def _rests_for_good(course: Course, on: date) -> bool:
    return any(_until(pause, on) is None for pause in course.pauses)


def _covers(from_on: date, until: date | None, asked: date) -> bool:
    return from_on <= asked and (until is None or asked < until)


def _until(pause: Pause, on: date) -> date | None:
    """When a rest ends: as was decided, else as is expected for as long as that may come true."""
    expected = pause.expected_resume_on
    return pause.resumed_on or (expected if expected is not None and expected > on else None)


def period_after(start: date, every: ReviewEvery, times: int) -> date | None:
    """So many weeks, months or quarters later; nothing comes after the last date of the calendar."""
    if every is ReviewEvery.WEEKLY:
        return start + timedelta(weeks=times) if times <= (date.max - start).days // 7 else None
    months = start.year * 12 + start.month - 1 + times * (1 if every is ReviewEvery.MONTHLY else 3)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])) if year <= date.max.year else None
