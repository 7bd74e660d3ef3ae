"""What is carried from review to review: actions, decisions and disputes, each with its age.

An action is open until it is closed, a dispute until it is settled or its day withdrawn, a decision until the first
review after it was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.event import Event, PersonalText, Recorded
from domain.mission.events import (
    ActionClosed,
    ActionOpened,
    DayDisputed,
    DayWithdrawn,
    DecisionRecorded,
    DisputeSettled,
    ReviewHeld,
)
from domain.values import IsoDate
from projections.continuity.course import Review
from projections.read_model import words


class CarriedKind(StrEnum):
    """What is carried on."""

    ACTION = "action"
    DECISION = "decision"
    DISPUTE = "dispute"


class PointRef(BaseModel):
    """A point by its kind and id; a dispute by the id of its day."""

    model_config = ConfigDict(frozen=True)
    kind: CarriedKind
    id: str


class CarriedPoint(PointRef):
    """An open point, or one that was: since when, until when, and through how many reviews it went."""

    text: str | None
    owner: str | None
    """Who is to act, or who decided; null where nobody was named, or the words were erased."""
    opened_on: IsoDate
    due_on: IsoDate | None
    closed_on: IsoDate | None
    age_days: int
    is_overdue: bool
    reviews_since: int
    """Reviews held after it was opened, up to its end."""
    opened_in: str | None
    """The review that took the decision."""
    facts: tuple[int, ...]


class CarriedOver(BaseModel):
    """What a review found and left: points opened and closed since the one before, and those that stay open."""

    model_config = ConfigDict(frozen=True)
    opened: tuple[PointRef, ...]
    closed: tuple[PointRef, ...]
    open: tuple[PointRef, ...]


def carried_points(history: Iterable[Recorded[Event]], reviews: Sequence[Review], on: date) -> tuple[CarriedPoint, ...]:
    """A mission's points as of a date, in the order in which they came up; its reviews in order of date."""
    points: dict[tuple[CarriedKind, str], CarriedPoint] = {}
    for recorded in history:
        for point in _opened(recorded):
            points[point.kind, point.id] = point
        ended = _ended(recorded.event)
        if ended in points and points[ended].closed_on is None:
            point = points[ended]
            facts = (*point.facts, recorded.position)
            points[ended] = point.model_copy(update={"closed_on": recorded.occurred_on, "facts": facts})
    return tuple(_told(point, reviews, on) for point in points.values())


def carried_over(points: Sequence[CarriedPoint], before: date | None, held_on: date) -> CarriedOver:
    """What stood between a review and the one before it."""

    def refs(found: Iterable[CarriedPoint]) -> tuple[PointRef, ...]:
        return tuple(PointRef(kind=each.kind, id=each.id) for each in found)

    def is_since(on: date | None) -> bool:
        return on is not None and on <= held_on and (before is None or on > before)

    return CarriedOver(
        opened=refs(each for each in points if is_since(each.opened_on)),
        closed=refs(each for each in points if is_since(each.closed_on)),
        open=refs(
            each
            for each in points
            if each.opened_on <= held_on and (each.closed_on is None or each.closed_on > held_on)
        ),
    )


def _opened(recorded: Recorded[Event]) -> Iterable[CarriedPoint]:
    event = recorded.event
    match event:
        case ActionOpened():
            yield _point(CarriedKind.ACTION, event.action_id, event.text, event.owner, recorded, due_on=event.due_on)
        case DayDisputed():
            yield _point(CarriedKind.DISPUTE, event.day_id, event.reason, None, recorded)
        case DecisionRecorded():
            yield _point(CarriedKind.DECISION, event.decision_id, event.text, event.decided_by, recorded)
        case ReviewHeld():
            for each in event.decisions:
                yield _point(
                    CarriedKind.DECISION, each.decision_id, each.text, None, recorded, opened_in=event.review_id
                )
        case _:
            pass


def _ended(event: Event) -> tuple[CarriedKind, str] | None:
    match event:
        case ActionClosed():
            return CarriedKind.ACTION, event.action_id
        case DisputeSettled() | DayWithdrawn():
            return CarriedKind.DISPUTE, event.day_id
        case _:
            return None


def _point(
    kind: CarriedKind,
    point_id: str,
    text: PersonalText,
    owner: PersonalText | None,
    recorded: Recorded[Event],
    *,
    due_on: date | None = None,
    opened_in: str | None = None,
) -> CarriedPoint:
    return CarriedPoint(
        kind=kind,
        id=point_id,
        text=words(text),
        owner=words(owner),
        opened_on=recorded.occurred_on,
        due_on=due_on,
        closed_on=None,
        age_days=0,
        is_overdue=False,
        reviews_since=0,
        opened_in=opened_in,
        facts=(recorded.position,),
    )


def _told(point: CarriedPoint, reviews: Sequence[Review], on: date) -> CarriedPoint:
    """A point with its age; a decision ends with the first review after it."""
    after = [review.held_on for review in reviews if review.held_on > point.opened_on]
    closed_on = after[0] if point.kind is CarriedKind.DECISION and after else point.closed_on
    until = on if closed_on is None else closed_on
    return point.model_copy(
        update={
            "closed_on": closed_on,
            "age_days": (until - point.opened_on).days,
            "is_overdue": closed_on is None and point.due_on is not None and point.due_on < on,
            "reviews_since": sum(held_on <= until for held_on in after),
        }
    )
