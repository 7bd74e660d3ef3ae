"""A mission's rituals: the reviews that were planned against those that were held, who came, what is carried on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from domain.event import Event, Recorded
from domain.mission.events import ReviewEvery, ReviewHeld, ReviewKind
from domain.values import IsoDate
from projections.continuity.attendance import Attendee, People, RoleAttendance, attendance_of, people_of
from projections.continuity.course import COURSES, Course, Review
from projections.continuity.open_points import CarriedOver, CarriedPoint, carried_over, carried_points
from projections.continuity.planned_reviews import Plan, PlannedReview, ReviewStatus, plan_of
from projections.continuity.readiness import share
from projections.read_model import as_known


class PlannedReviewAnswer(BaseModel):
    """A planned review, and the one that held it."""

    model_config = ConfigDict(frozen=True)
    due_on: IsoDate
    status: ReviewStatus
    asked_by: str | None
    """The review that set the date; null where the letter's rhythm did."""
    review_id: str | None
    held_on: IsoDate | None
    kind: ReviewKind | None
    days_late: int


class Counts(BaseModel):
    """Planned against held: `planned` = held + overdue + missed; `rate` = 100 × held / planned, one decimal."""

    model_config = ConfigDict(frozen=True)
    planned: int
    held: int
    overdue: int
    missed: int
    suspended: int
    besides: int
    """Reviews held that no plan asked for."""
    rate: str | None
    next_due_on: IsoDate | None
    """The next date: one that is overdue, or to come; null once the mission is over, or rests without an end."""


class Meeting(BaseModel):
    """A review that was held, who came in which role, and what it carried over."""

    model_config = ConfigDict(frozen=True)
    review_id: str
    held_on: IsoDate
    kind: ReviewKind
    was_planned: bool
    attendance: dict[Attendee, int]
    points: CarriedOver
    position: int


class RitualsAnswer(BaseModel):
    """A mission's rituals as of a date."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    as_of: IsoDate
    review_every: ReviewEvery
    counts: Counts
    planned: tuple[PlannedReviewAnswer, ...]
    meetings: tuple[Meeting, ...]
    attendance: tuple[RoleAttendance, ...]
    points: tuple[CarriedPoint, ...]
    """Open points first, the oldest first."""


class MissionRituals(BaseModel):
    """A mission in a client's or the network's answer."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    client_id: str
    cadre_id: str
    review_every: ReviewEvery
    counts: Counts


class RitualsSummary(BaseModel):
    """The rituals of the missions in force as of a date, those with the most missed first."""

    model_config = ConfigDict(frozen=True)
    as_of: IsoDate
    planned: int
    held: int
    overdue: int
    missed: int
    rate: str | None
    missions: tuple[MissionRituals, ...]


def rituals_view(
    history: Iterable[Recorded[Event]],
    parties: Iterable[Recorded[Event]],
    on: date,
    *,
    known_at: datetime | None = None,
) -> RitualsAnswer | None:
    """A mission's rituals from its stream and those of its parties; None before it was signed."""
    known = as_known(history, as_of=on, known_at=known_at)
    rows = list(COURSES.rows(known).values())
    return _answer(rows[0], known, people_of(parties), on) if rows else None


def summary_view(
    history: Iterable[Recorded[Event]], on: date, *, client_id: str | None = None, known_at: datetime | None = None
) -> RitualsSummary:
    """The rituals of a client's missions, or all, from history."""
    told = (each for each in history if type(each.event) in COURSES.handles)
    courses = COURSES.rows(as_known(told, as_of=on, known_at=known_at)).values()
    return summary([each for each in courses if client_id in (None, each.client_id)], on)


def summary(courses: Iterable[Course], on: date) -> RitualsSummary:
    """The rituals of missions, told from their rows."""
    missions = [_mission(course, on) for course in courses if course.is_in_force(on)]
    missions.sort(key=lambda each: (-each.counts.missed, -each.counts.overdue, each.mission_id))
    planned, held = sum(each.counts.planned for each in missions), sum(each.counts.held for each in missions)
    return RitualsSummary(
        as_of=on,
        planned=planned,
        held=held,
        overdue=sum(each.counts.overdue for each in missions),
        missed=sum(each.counts.missed for each in missions),
        rate=share(held, planned) if planned else None,
        missions=tuple(missions),
    )


def _mission(course: Course, on: date) -> MissionRituals:
    return MissionRituals(
        mission_id=course.mission_id,
        client_id=course.client_id,
        cadre_id=course.holder(on),
        review_every=course.review_every,
        counts=_counts(plan_of(course, on)),
    )


def _answer(course: Course, history: Sequence[Recorded[Event]], people: People, on: date) -> RitualsAnswer:
    plan = plan_of(course, on)
    reviews = sorted(course.reviews, key=lambda review: (review.held_on, review.position))
    points = carried_points(history, reviews, on)
    came = _came(course, history, people)
    return RitualsAnswer(
        mission_id=course.mission_id,
        as_of=on,
        review_every=course.review_every,
        counts=_counts(plan),
        planned=tuple(map(_planned, plan.planned)),
        meetings=_meetings(reviews, plan, came, points),
        attendance=attendance_of([came[review.review_id] for review in reviews]),
        points=tuple(sorted(points, key=lambda point: (point.closed_on is not None, point.opened_on))),
    )


def _counts(plan: Plan) -> Counts:
    held, overdue, missed, suspended = (
        len(plan.having(status))
        for status in (ReviewStatus.HELD, ReviewStatus.OVERDUE, ReviewStatus.MISSED, ReviewStatus.SUSPENDED)
    )
    planned = held + overdue + missed
    return Counts(
        planned=planned,
        held=held,
        overdue=overdue,
        missed=missed,
        suspended=suspended,
        besides=len(plan.besides),
        rate=share(held, planned) if planned else None,
        next_due_on=plan.next_due_on,
    )


def _planned(planned: PlannedReview) -> PlannedReviewAnswer:
    review = planned.review
    return PlannedReviewAnswer(
        due_on=planned.due_on,
        status=planned.status,
        asked_by=planned.asked_by,
        review_id=None if review is None else review.review_id,
        held_on=None if review is None else review.held_on,
        kind=None if review is None else review.kind,
        days_late=planned.days_late,
    )


def _came(course: Course, history: Iterable[Recorded[Event]], people: People) -> Mapping[str, dict[Attendee, int]]:
    """By review, how many came in each role."""
    came: dict[str, dict[Attendee, int]] = {}
    for recorded in history:
        if isinstance(event := recorded.event, ReviewHeld):
            cadre_id = course.holder(event.held_on)
            roles = (people.role_of(each, course.client_id, cadre_id) for each in event.attendees)
            came[event.review_id] = dict(Counter(roles))
    return came


def _meetings(
    reviews: Sequence[Review], plan: Plan, came: Mapping[str, dict[Attendee, int]], points: Sequence[CarriedPoint]
) -> tuple[Meeting, ...]:
    besides = {review.review_id for review in plan.besides}
    before = [None, *(review.held_on for review in reviews)]
    return tuple(
        Meeting(
            review_id=review.review_id,
            held_on=review.held_on,
            kind=review.kind,
            was_planned=review.review_id not in besides,
            attendance=came[review.review_id],
            points=carried_over(points, last, review.held_on),
            position=review.position,
        )
        for review, last in zip(reviews, before, strict=False)
    )
