"""A mission's row: what its letter, amendments, pauses, handovers and reviews add up to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from domain.event import Event, Recorded
from domain.mission.events import (
    AccessDocumented,
    AccessRevoked,
    ActionClosed,
    ActionOpened,
    DayDelivered,
    DayDisputed,
    DaysApproved,
    DaysCredited,
    DaysInvoiced,
    DaysReleased,
    DayWithdrawn,
    DecisionRecorded,
    DisputeSettled,
    ExpenseRecorded,
    ExpenseWithdrawn,
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
    ObjectiveRevised,
    ObjectiveSet,
    ReviewEvery,
    ReviewHeld,
    ReviewKind,
    RiskClosed,
    RiskIdentified,
    StopDecidedBy,
)
from domain.values import Function, IsoDate, Letter, Rhythm, Scope, Terms, Value, followed_by
from projections.read_model import Fold, by_stream, words


class Agreement(Value):
    """What was agreed by the letter, or by an amendment from its date on: all of it, changed or not."""

    effective_on: IsoDate | None
    """None for the letter itself: it holds from the start."""
    letter: Letter
    terms: Terms
    rhythm: Rhythm
    scope: Scope


class Holder(Value):
    """A cadre, and from when it holds the mission."""

    cadre_id: str
    from_on: IsoDate


class Pause(Value):
    """A rest of the mission; the date on which it resumes is active again."""

    from_on: IsoDate
    resumed_on: IsoDate | None = None
    expected_resume_on: IsoDate | None = None
    reason: str | None = None


class Stop(Value):
    """The mission's last date, and who decided it."""

    on: IsoDate
    decided_by: StopDecidedBy
    reason: str | None = None


class Handover(Value):
    """A handover that has begun and is not complete."""

    leaving_on: IsoDate
    successor_id: str | None = None
    reason: str | None = None
    completed: tuple[HandoverItem, ...] = ()


class LastReview(Value):
    """The latest meeting on the mission."""

    review_id: str
    held_on: IsoDate
    kind: ReviewKind


class Satisfaction(Value):
    """The dirigeant's latest score, 1 to 5."""

    score: int
    held_on: IsoDate


class Positioning(Value):
    """The dirigeant's latest answer: does this person run the function, or advise on it?"""

    acts_as_cadre: bool
    held_on: IsoDate


class MissionRow(NamedTuple):
    """One mission, as its whole history leaves it; what depends on a date is told by the answer."""

    mission_id: str
    version: int
    position: int
    recorded_at: datetime
    client_id: str
    cadre_ids: tuple[str, ...]
    function: Function
    title: str | None
    starts_on: date
    ends_on: date | None
    stopped_on: date | None
    review_every: ReviewEvery
    holders: tuple[Holder, ...]
    agreements: tuple[Agreement, ...]
    pauses: tuple[Pause, ...]
    stop: Stop | None
    handover: Handover | None
    last_review: LastReview | None
    next_review_on: date | None
    satisfaction: Satisfaction | None
    acts_as_cadre: Positioning | None
    open_objectives: tuple[str, ...]
    open_actions: tuple[str, ...]
    open_risks: tuple[str, ...]
    accesses: tuple[str, ...]


def seen(row: MissionRow, recorded: Recorded[Event]) -> MissionRow:
    """Whatever happened, the mission is at another version."""
    return row._replace(version=recorded.version, position=recorded.position, recorded_at=recorded.recorded_at)


MISSION = Fold(
    "missions",
    MissionRow,
    key=("mission_id",),
    indexes=(("client_id",),),
    personal=frozenset({"title", "pauses", "stop", "handover"}),
    noted=seen,
)


E = TypeVar("E", bound=Event)
Change = Callable[[MissionRow, E], MissionRow]


def on(event_type: type[E]) -> Callable[[Change[E]], Change[E]]:
    """Declares what an event does to a mission that has been signed."""
    return MISSION.changes(event_type, by_stream)


@MISSION.on(MissionSigned, keys=by_stream)
def signed(_row: MissionRow | None, event: MissionSigned, recorded: Recorded[Event]) -> MissionRow:
    return MissionRow(
        mission_id=event.mission_id,
        version=recorded.version,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
        client_id=event.client_id,
        cadre_ids=(event.cadre_id,),
        function=event.function,
        title=words(event.title),
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        stopped_on=None,
        review_every=event.review_every,
        holders=(Holder(cadre_id=event.cadre_id, from_on=event.starts_on),),
        agreements=(
            Agreement(
                effective_on=None, letter=event.letter, terms=event.terms, rhythm=event.rhythm, scope=event.scope
            ),
        ),
        pauses=(),
        stop=None,
        handover=None,
        last_review=None,
        next_review_on=None,
        satisfaction=None,
        acts_as_cadre=None,
        open_objectives=(),
        open_actions=(),
        open_risks=(),
        accesses=(),
    )


@on(MissionAmended)
def amended(row: MissionRow, event: MissionAmended) -> MissionRow:
    before = row.agreements[-1]
    agreement = Agreement(
        effective_on=event.effective_on,
        letter=event.letter,
        terms=event.terms or before.terms,
        rhythm=event.rhythm or before.rhythm,
        scope=event.scope or before.scope,
    )
    return row._replace(agreements=(*row.agreements, agreement))


@on(MissionExtended)
def extended(row: MissionRow, event: MissionExtended) -> MissionRow:
    return row._replace(ends_on=event.ends_on)


@on(MissionPaused)
def paused(row: MissionRow, event: MissionPaused) -> MissionRow:
    pause = Pause(from_on=event.from_on, expected_resume_on=event.expected_resume_on, reason=words(event.reason))
    return row._replace(pauses=(*row.pauses, pause))


@on(MissionResumed)
def resumed(row: MissionRow, event: MissionResumed) -> MissionRow:
    if not row.pauses:
        return row
    *before, last = row.pauses
    return row._replace(pauses=(*before, last.model_copy(update={"resumed_on": event.on})))


@on(MissionStopped)
def stopped(row: MissionRow, event: MissionStopped) -> MissionRow:
    stop = Stop(on=event.on, decided_by=event.decided_by, reason=words(event.reason))
    return row._replace(stop=stop, stopped_on=event.on)


@on(ReviewHeld)
def reviewed(row: MissionRow, event: ReviewHeld) -> MissionRow:
    held_on = event.held_on
    if event.satisfaction is not None and (row.satisfaction is None or row.satisfaction.held_on <= held_on):
        row = row._replace(satisfaction=Satisfaction(score=event.satisfaction, held_on=held_on))
    if event.acts_as_cadre is not None and (row.acts_as_cadre is None or row.acts_as_cadre.held_on <= held_on):
        row = row._replace(acts_as_cadre=Positioning(acts_as_cadre=event.acts_as_cadre, held_on=held_on))
    if row.last_review is not None and row.last_review.held_on > held_on:
        return row
    review = LastReview(review_id=event.review_id, held_on=held_on, kind=event.kind)
    return row._replace(last_review=review, next_review_on=event.next_review_on)


@on(HandoverStarted)
def handover_started(row: MissionRow, event: HandoverStarted) -> MissionRow:
    handover = Handover(leaving_on=event.leaving_on, successor_id=event.successor_id, reason=words(event.reason))
    return row._replace(handover=handover)


@on(HandoverItemCompleted)
def handover_item_completed(row: MissionRow, event: HandoverItemCompleted) -> MissionRow:
    if row.handover is None:
        return row
    completed = (*row.handover.completed, event.item_id)
    return row._replace(handover=row.handover.model_copy(update={"completed": completed}))


@on(HandedOver)
def handed_over(row: MissionRow, event: HandedOver) -> MissionRow:
    return row._replace(
        holders=followed_by(row.holders, Holder(cadre_id=event.to_cadre_id, from_on=event.effective_on)),
        cadre_ids=with_(row.cadre_ids, event.to_cadre_id),
        handover=None,
    )


@on(ObjectiveSet)
def objective_set(row: MissionRow, event: ObjectiveSet) -> MissionRow:
    return row._replace(open_objectives=with_(row.open_objectives, event.objective_id))


@on(ObjectiveClosed)
def objective_closed(row: MissionRow, event: ObjectiveClosed) -> MissionRow:
    return row._replace(open_objectives=without(row.open_objectives, event.objective_id))


@on(ActionOpened)
def action_opened(row: MissionRow, event: ActionOpened) -> MissionRow:
    return row._replace(open_actions=with_(row.open_actions, event.action_id))


@on(ActionClosed)
def action_closed(row: MissionRow, event: ActionClosed) -> MissionRow:
    return row._replace(open_actions=without(row.open_actions, event.action_id))


@on(RiskIdentified)
def risk_identified(row: MissionRow, event: RiskIdentified) -> MissionRow:
    return row._replace(open_risks=with_(row.open_risks, event.risk_id))


@on(RiskClosed)
def risk_closed(row: MissionRow, event: RiskClosed) -> MissionRow:
    return row._replace(open_risks=without(row.open_risks, event.risk_id))


@on(AccessDocumented)
def access_documented(row: MissionRow, event: AccessDocumented) -> MissionRow:
    return row._replace(accesses=with_(row.accesses, event.access_id))


@on(AccessRevoked)
def access_revoked(row: MissionRow, event: AccessRevoked) -> MissionRow:
    return row._replace(accesses=without(row.accesses, event.access_id))


def only_seen(row: MissionRow, _event: Event) -> MissionRow:
    return row


for _event_type in (
    ObjectiveRevised,
    IndicatorMeasured,
    DayDelivered,
    DayWithdrawn,
    DaysApproved,
    DayDisputed,
    DisputeSettled,
    ExpenseRecorded,
    ExpenseWithdrawn,
    DecisionRecorded,
    DaysInvoiced,
    DaysCredited,
    DaysReleased,
):
    on(_event_type)(only_seen)


def with_(ids: tuple[str, ...], added: str) -> tuple[str, ...]:
    return ids if added in ids else (*ids, added)


def without(ids: tuple[str, ...], removed: str) -> tuple[str, ...]:
    return tuple(each for each in ids if each != removed)
