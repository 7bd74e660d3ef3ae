"""A mission's turns: what its letter, amendments, pauses, stop and handovers said, and when each came to be known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar

from domain.event import Event, Recorded
from domain.mission.events import (
    HandedOver,
    HandoverStarted,
    MissionAmended,
    MissionExtended,
    MissionPaused,
    MissionResumed,
    MissionSigned,
    MissionStopped,
    ReviewEvery,
)
from domain.values import Function, IsoDate, Rhythm, Value
from projections.read_model import Fold, by_stream

FROM_THE_START = date.min
"""The letter's terms and rhythm hold until an amendment's, however early the date."""


class TurnKind(StrEnum):
    """What a turn changed."""

    ENDS = "ends"
    AGREED = "agreed"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    LEAVING = "leaving"
    HANDED_OVER = "handed_over"


class Turn(Value):
    """One change, the business date on which it occurred, and the instant from which it was known."""

    kind: TurnKind
    occurred_on: IsoDate
    recorded_at: datetime
    on: IsoDate | None = None
    """The date that it names: of the end (None: open), of effect, of the pause, of the stop, of leaving."""
    visits: int | None = None
    """How often a week the cadre comes, where a rhythm was agreed."""
    approval_required: bool | None = None
    cadre_id: str | None = None
    """Who takes over, or is to."""


class MissionRow(NamedTuple):
    """One mission as it was signed, and every turn since, in recorded order."""

    mission_id: str
    client_id: str
    cadre_id: str
    function: Function
    signed_on: date
    starts_on: date
    review_every: ReviewEvery
    turns: tuple[Turn, ...]
    occurred_on: date
    recorded_at: datetime


MISSIONS = Fold("network_missions", MissionRow, key=("mission_id",), indexes=(("client_id",),))


def _visits(rhythm: Rhythm) -> int:
    """On each weekday that was agreed once; else every half-day is a visit."""
    return len(set(rhythm.weekdays)) if rhythm.weekdays else rhythm.half_days_per_week


@MISSIONS.on(MissionSigned, keys=by_stream)
def signed(_row: MissionRow | None, event: MissionSigned, recorded: Recorded[Event]) -> MissionRow:
    on, at = recorded.occurred_on, recorded.recorded_at
    return MissionRow(
        mission_id=event.mission_id,
        client_id=event.client_id,
        cadre_id=event.cadre_id,
        function=event.function,
        signed_on=event.letter.signed_on,
        starts_on=event.starts_on,
        review_every=event.review_every,
        turns=(
            Turn(kind=TurnKind.ENDS, occurred_on=on, recorded_at=at, on=event.ends_on),
            Turn(
                kind=TurnKind.AGREED,
                occurred_on=on,
                recorded_at=at,
                on=FROM_THE_START,
                visits=_visits(event.rhythm),
                approval_required=event.terms.approval_required,
            ),
        ),
        occurred_on=on,
        recorded_at=at,
    )


E = TypeVar("E", bound=Event)
Make = Callable[[E, date, datetime], Turn]


def turned(event_type: type[E], make: Make[E]) -> None:
    """Declares the turn that an event is."""

    @MISSIONS.on(event_type, keys=by_stream)
    def step(row: MissionRow | None, event: E, recorded: Recorded[Event]) -> MissionRow | None:
        turn = make(event, recorded.occurred_on, recorded.recorded_at)
        return None if row is None else row._replace(turns=(*row.turns, turn))


turned(
    MissionAmended,
    lambda event, on, at: Turn(
        kind=TurnKind.AGREED,
        occurred_on=on,
        recorded_at=at,
        on=event.effective_on,
        visits=None if event.rhythm is None else _visits(event.rhythm),
        approval_required=None if event.terms is None else event.terms.approval_required,
    ),
)
turned(
    MissionExtended, lambda event, on, at: Turn(kind=TurnKind.ENDS, occurred_on=on, recorded_at=at, on=event.ends_on)
)
turned(
    MissionPaused, lambda event, on, at: Turn(kind=TurnKind.PAUSED, occurred_on=on, recorded_at=at, on=event.from_on)
)
turned(MissionResumed, lambda event, on, at: Turn(kind=TurnKind.RESUMED, occurred_on=on, recorded_at=at, on=event.on))
turned(MissionStopped, lambda event, on, at: Turn(kind=TurnKind.STOPPED, occurred_on=on, recorded_at=at, on=event.on))
turned(
    HandoverStarted,
    lambda event, on, at: Turn(
        kind=TurnKind.LEAVING, occurred_on=on, recorded_at=at, on=event.leaving_on, cadre_id=event.successor_id
    ),
)
turned(
    HandedOver,
    lambda event, on, at: Turn(
        kind=TurnKind.HANDED_OVER, occurred_on=on, recorded_at=at, on=event.effective_on, cadre_id=event.to_cadre_id
    ),
)
