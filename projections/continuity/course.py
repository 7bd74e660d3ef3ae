"""A mission's course: who holds it and when, its rhythm, its reviews, and what its handover checklist counts.

No person's words: whether somebody answers for an action, a risk or an access is all that is kept of who does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar

from domain.event import Event, Recorded
from domain.mission.events import (
    AccessDocumented,
    AccessRevoked,
    ActionClosed,
    ActionOpened,
    HandedOver,
    HandoverItem,
    HandoverItemCompleted,
    HandoverStarted,
    IndicatorMeasured,
    MissionAmended,
    MissionExtended,
    MissionPaused,
    MissionResumed,
    MissionSigned,
    MissionStopped,
    ObjectiveClosed,
    ObjectiveSet,
    ReviewEvery,
    ReviewHeld,
    ReviewKind,
    RiskClosed,
    RiskIdentified,
)
from domain.values import Function, IsoDate, Rhythm, Value, followed_by
from projections.read_model import Fold, by_stream


class Holder(Value):
    """A cadre, and from when it holds the mission."""

    cadre_id: str
    from_on: IsoDate


class RhythmFrom(Value):
    """A rhythm that was agreed, and from when; None for the letter's, which holds from the start."""

    effective_on: IsoDate | None
    rhythm: Rhythm


class Pause(Value):
    """A rest of the mission; the date on which it resumes is active again."""

    from_on: IsoDate
    resumed_on: IsoDate | None = None
    expected_resume_on: IsoDate | None = None


class Review(Value):
    """A meeting that was held, and when it said that the next one would be."""

    review_id: str
    held_on: IsoDate
    kind: ReviewKind
    next_review_on: IsoDate | None
    position: int


class Handover(Value):
    """A handover that has begun and is not complete."""

    leaving_on: IsoDate
    successor_id: str | None = None
    completed: tuple[HandoverItem, ...] = ()


class OpenObjective(Value):
    """An objective that is not closed, and the latest date on which it was measured."""

    objective_id: str
    measured_on: IsoDate | None = None


class PointKind(StrEnum):
    """What somebody has to answer for."""

    ACTION = "action"
    RISK = "risk"
    ACCESS = "access"


class OpenPoint(Value):
    """An action, a risk or an access that is not over, and whether somebody answers for it."""

    kind: PointKind
    id: str
    answered_for: bool


class Course(NamedTuple):
    """One mission, as far as its rituals and its continuity go; what depends on a date is told by the answers."""

    mission_id: str
    client_id: str
    cadre_ids: tuple[str, ...]
    function: Function
    starts_on: date
    ends_on: date | None
    stopped_on: date | None
    review_every: ReviewEvery
    holders: tuple[Holder, ...]
    rhythms: tuple[RhythmFrom, ...]
    pauses: tuple[Pause, ...]
    reviews: tuple[Review, ...]
    handover: Handover | None
    objectives: tuple[OpenObjective, ...]
    points: tuple[OpenPoint, ...]
    revision: int
    """How often what is planned has changed since the letter."""
    changed_at: datetime
    """When it last did."""
    position: int
    """The last of the facts behind all this."""

    @property
    def last_on(self) -> date | None:
        """The mission's last date, its end or its stop; none while it is open-ended."""
        return min((on for on in (self.ends_on, self.stopped_on) if on is not None), default=None)

    def is_in_force(self, on: date) -> bool:
        """Whether the mission has started and is not over; a paused one rests, and is in force."""
        return self.starts_on <= on and (self.last_on is None or on <= self.last_on)

    def holder(self, on: date) -> str:
        """Who holds the mission on a date; before its start, who is to."""
        held = [each.cadre_id for each in self.holders if each.from_on <= on]
        return held[-1] if held else self.holders[0].cadre_id


def _seen(row: Course, recorded: Recorded[Event]) -> Course:
    return row._replace(position=recorded.position)


COURSES = Fold("courses", Course, key=("mission_id",), indexes=(("client_id", "mission_id"),), noted=_seen)


E = TypeVar("E", bound=Event)
Change = Callable[[Course, E], Course]


def _on(event_type: type[E]) -> Callable[[Change[E]], Change[E]]:
    """Declares what an event does to a mission that has been signed."""
    return COURSES.changes(event_type, by_stream)


def _replanned(event_type: type[E]) -> Callable[[Change[E]], Change[E]]:
    """The same, where what is planned changes with it."""

    def declare(change: Change[E]) -> Change[E]:
        @COURSES.on(event_type, keys=by_stream)
        def step(row: Course | None, event: E, recorded: Recorded[Event]) -> Course | None:
            return None if row is None else _replan(change(row, event), recorded)

        return change

    return declare


def _replan(row: Course, recorded: Recorded[Event]) -> Course:
    return row._replace(revision=row.revision + 1, changed_at=recorded.recorded_at)


@COURSES.on(MissionSigned, keys=by_stream)
def signed(_row: Course | None, event: MissionSigned, recorded: Recorded[Event]) -> Course:
    return Course(
        mission_id=event.mission_id,
        client_id=event.client_id,
        cadre_ids=(event.cadre_id,),
        function=event.function,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        stopped_on=None,
        review_every=event.review_every,
        holders=(Holder(cadre_id=event.cadre_id, from_on=event.starts_on),),
        rhythms=(RhythmFrom(effective_on=None, rhythm=event.rhythm),),
        pauses=(),
        reviews=(),
        handover=None,
        objectives=(),
        points=(),
        revision=0,
        changed_at=recorded.recorded_at,
        position=recorded.position,
    )


@_replanned(MissionAmended)
def amended(row: Course, event: MissionAmended) -> Course:
    if event.rhythm is None:
        return row
    return row._replace(rhythms=(*row.rhythms, RhythmFrom(effective_on=event.effective_on, rhythm=event.rhythm)))


@_replanned(MissionExtended)
def extended(row: Course, event: MissionExtended) -> Course:
    return row._replace(ends_on=event.ends_on)


@_replanned(MissionPaused)
def paused(row: Course, event: MissionPaused) -> Course:
    return row._replace(pauses=(*row.pauses, Pause(from_on=event.from_on, expected_resume_on=event.expected_resume_on)))


@_replanned(MissionResumed)
def resumed(row: Course, event: MissionResumed) -> Course:
    if not row.pauses:
        return row
    *before, last = row.pauses
    return row._replace(pauses=(*before, last.model_copy(update={"resumed_on": event.on})))


@_replanned(MissionStopped)
def stopped(row: Course, event: MissionStopped) -> Course:
    return row._replace(stopped_on=event.on)


@COURSES.on(ReviewHeld, keys=by_stream)
def reviewed(row: Course | None, event: ReviewHeld, recorded: Recorded[Event]) -> Course | None:
    if row is None:
        return None
    review = Review(
        review_id=event.review_id,
        held_on=event.held_on,
        kind=event.kind,
        next_review_on=event.next_review_on,
        position=recorded.position,
    )
    return _replan(row._replace(reviews=(*row.reviews, review)), recorded)


@_on(HandoverStarted)
def handover_started(row: Course, event: HandoverStarted) -> Course:
    return row._replace(handover=Handover(leaving_on=event.leaving_on, successor_id=event.successor_id))


@_on(HandoverItemCompleted)
def handover_item_completed(row: Course, event: HandoverItemCompleted) -> Course:
    if row.handover is None:
        return row
    completed = (*row.handover.completed, event.item_id)
    return row._replace(handover=row.handover.model_copy(update={"completed": completed}))


@_replanned(HandedOver)
def handed_over(row: Course, event: HandedOver) -> Course:
    known = row.cadre_ids if event.to_cadre_id in row.cadre_ids else (*row.cadre_ids, event.to_cadre_id)
    return row._replace(
        holders=followed_by(row.holders, Holder(cadre_id=event.to_cadre_id, from_on=event.effective_on)),
        cadre_ids=known,
        handover=None,
    )


@_on(ObjectiveSet)
def objective_set(row: Course, event: ObjectiveSet) -> Course:
    return row._replace(objectives=(*row.objectives, OpenObjective(objective_id=event.objective_id)))


@_on(IndicatorMeasured)
def indicator_measured(row: Course, event: IndicatorMeasured) -> Course:
    return row._replace(objectives=tuple(_measured(each, event) for each in row.objectives))


def _measured(objective: OpenObjective, event: IndicatorMeasured) -> OpenObjective:
    earlier = objective.measured_on is not None and objective.measured_on >= event.measured_on
    if objective.objective_id != event.objective_id or earlier:
        return objective
    return objective.model_copy(update={"measured_on": event.measured_on})


@_on(ObjectiveClosed)
def objective_closed(row: Course, event: ObjectiveClosed) -> Course:
    return row._replace(objectives=tuple(each for each in row.objectives if each.objective_id != event.objective_id))


@_on(ActionOpened)
def action_opened(row: Course, event: ActionOpened) -> Course:
    return _opened(row, PointKind.ACTION, event.action_id, event.owner)


@_on(ActionClosed)
def action_closed(row: Course, event: ActionClosed) -> Course:
    return _closed(row, PointKind.ACTION, event.action_id)


@_on(RiskIdentified)
def risk_identified(row: Course, event: RiskIdentified) -> Course:
    return _opened(row, PointKind.RISK, event.risk_id, event.backup)


@_on(RiskClosed)
def risk_closed(row: Course, event: RiskClosed) -> Course:
    return _closed(row, PointKind.RISK, event.risk_id)


@_on(AccessDocumented)
def access_documented(row: Course, event: AccessDocumented) -> Course:
    return _opened(row, PointKind.ACCESS, event.access_id, event.custodian)


@_on(AccessRevoked)
def access_revoked(row: Course, event: AccessRevoked) -> Course:
    return _closed(row, PointKind.ACCESS, event.access_id)


def _opened(row: Course, kind: PointKind, point_id: str, who: object) -> Course:
    return row._replace(points=(*row.points, OpenPoint(kind=kind, id=point_id, answered_for=who is not None)))


def _closed(row: Course, kind: PointKind, point_id: str) -> Course:
    return row._replace(points=tuple(each for each in row.points if (each.kind, each.id) != (kind, point_id)))
