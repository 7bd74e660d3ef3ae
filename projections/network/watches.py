"""What is watched in a mission: from which date each signal would stand if nothing more happened, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from projections.delivered_days import Standing
from projections.network.courses import Course
from projections.network.dates import earlier, later
from projections.network.days import last_word
from projections.network.engagements import Engagement
from projections.network.points import PointKind
from projections.network.signals import Code


class WatchRow(NamedTuple):
    """One signal that stands, or would: so many days after `base_on`, from `from_on` on, before `until_on`.

    How many days is the network's setting, so no date depends on it here.
    """

    mission_id: str
    code: str
    subject_id: str
    from_on: date
    base_on: date
    until_on: date | None
    visits: int | None
    client_id: str
    subjects: tuple[str, ...]
    """What the signal is about, each with its date before it: `2026-03-03 D-17`."""
    holders: tuple[str, ...]
    """Who holds the mission from which date on: `2026-03-02 C-001`."""


def watches_of(course: Course) -> Iterator[WatchRow]:
    """Everything to be watched in a mission."""
    yield from _no_day(course)
    yield from _reviews(course)
    yield from _points(course)
    yield from _days(course)
    yield from _course(course)


def _no_day(course: Course) -> Iterator[WatchRow]:
    """Counted from the last day, the start or the resumption: a rest is not a lack of days."""
    engagement, last = course.engagement, course.last_day_on
    rhythms = list(_following(engagement.visits))
    for begins, ends in engagement.at_work():
        base = begins if last is None else max(begins, last)
        for from_on, until, visits in rhythms:
            starts, stops = max(base, from_on), earlier(ends, until)
            if stops is None or starts < stops:
                yield _watch(engagement, Code.NO_DAY, base, starts, stops, visits=visits)


def _following(agreed: Sequence[tuple[date, int]]) -> Iterator[tuple[date, date | None, int]]:
    ends = [from_on for from_on, _ in agreed[1:]]
    for (from_on, visits), until in zip(agreed, [*ends, None], strict=True):
        yield from_on, until, visits


def _reviews(course: Course) -> Iterator[WatchRow]:
    """Due when the last review said, else by the letter's rhythm; what falls due in a rest is due when it is over."""
    engagement, reviews = course.engagement, course.reviews
    met_on = max(reviews.last_on or engagement.starts_on, engagement.starts_on)
    asked_for = reviews.next_on or later(met_on, engagement.review_every)
    if asked_for is not None:
        for begins, ends in engagement.at_work():
            due = max(asked_for, begins)
            if ends is None or due < ends:
                yield _watch(engagement, Code.REVIEW_OVERDUE, due, due, ends)


def _points(course: Course) -> Iterator[WatchRow]:
    engagement = course.engagement
    for point in course.points:
        if point.kind is PointKind.OBJECTIVE:
            read = max(point.since_on, course.measured.get(point.point_id, point.since_on))
            for begins, ends in engagement.at_work():
                base = max(read, begins)
                if ends is None or base < ends:
                    yield _watch(engagement, Code.UNMEASURED, base, base, ends, subject_id=point.point_id)
        else:
            code = Code.RISK_WITHOUT_BACKUP if point.kind is PointKind.RISK else Code.ACCESS_WITHOUT_CUSTODIAN
            for begins, ends in engagement.in_force((point.since_on, None)):
                yield _watch(engagement, code, begins, begins, ends, subject_id=point.point_id)


def _days(course: Course) -> Iterator[WatchRow]:
    """Days that wait for the client, together, and each that is disputed: whatever became of the mission."""
    engagement, waiting = course.engagement, []
    for day in sorted(course.open_days, key=lambda day: (day.date, day.day_id)):
        said = last_word(day, course.as_of, course.known_at)
        if said is None and engagement.needs_approval(day.date):
            waiting.append(day)
        elif said is not None and said.standing is Standing.DISPUTED:
            yield _watch(engagement, Code.DISPUTE_OPEN, said.occurred_on, said.occurred_on, None, subject_id=day.day_id)
    if waiting:
        first, subjects = waiting[0].date, tuple(f"{day.date} {day.day_id}" for day in waiting)
        yield _watch(engagement, Code.AWAITING_APPROVAL, first, first, None, subjects=subjects)


def _course(course: Course) -> Iterator[WatchRow]:
    """The cadre who leaves, and the letter that ends, while the mission is in force."""
    engagement = course.engagement
    if engagement.leaving is not None:
        leaving_on, said_on = engagement.leaving
        for begins, ends in engagement.in_force((said_on, None)):
            yield _watch(engagement, Code.CADRE_LEAVING, leaving_on, begins, ends)
    if engagement.ends_on is not None and engagement.stopped_on is None:
        for begins, ends in engagement.in_force((engagement.starts_on, None)):
            yield _watch(engagement, Code.LETTER_ENDING, engagement.ends_on, begins, ends)


def _watch(
    engagement: Engagement,
    code: Code,
    base: date,
    begins: date,
    ends: date | None,
    *,
    subject_id: str = "",
    visits: int | None = None,
    subjects: tuple[str, ...] = (),
) -> WatchRow:
    return WatchRow(
        mission_id=engagement.mission_id,
        code=code.value,
        subject_id=subject_id,
        from_on=begins,
        base_on=base,
        until_on=ends,
        visits=visits,
        client_id=engagement.client_id,
        subjects=subjects,
        holders=tuple(f"{from_on} {cadre_id}" for from_on, cadre_id in engagement.holders),
    )
