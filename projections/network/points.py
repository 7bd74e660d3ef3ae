"""What stays open in a mission: objectives, risks that nobody would take over, accesses that nobody keeps."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, cast

from domain.event import Event, Recorded
from domain.mission.events import (
    AccessDocumented,
    AccessRevoked,
    IndicatorMeasured,
    ObjectiveClosed,
    ObjectiveSet,
    ReviewHeld,
    RiskClosed,
    RiskIdentified,
)
from projections.read_model import Fold, Ledger, stream_id


class PointKind(StrEnum):
    """What is open."""

    OBJECTIVE = "objective"
    RISK = "risk"
    ACCESS = "access"


class PointRow(NamedTuple):
    """An open point: since when, and when it was closed."""

    mission_id: str
    kind: PointKind
    point_id: str
    since_on: date
    occurred_on: date
    recorded_at: datetime
    closed_on: date | None
    closed_at: datetime | None


class MeasurementRow(NamedTuple):
    """That an objective's indicator was read."""

    position: int
    mission_id: str
    objective_id: str
    measured_on: date
    occurred_on: date
    recorded_at: datetime


class ReviewRow(NamedTuple):
    """That a review was held: what comes next, and the dirigeant's answers."""

    position: int
    mission_id: str
    held_on: date
    next_review_on: date | None
    satisfaction: int | None
    acts_as_cadre: bool | None
    occurred_on: date
    recorded_at: datetime


POINTS = Fold("network_points", PointRow, key=("mission_id", "kind", "point_id"))


def _opened(kind: PointKind, point_id: str, since_on: date, recorded: Recorded[Event]) -> PointRow:
    mission_id, on, at = stream_id(recorded), recorded.occurred_on, recorded.recorded_at
    return PointRow(mission_id, kind, point_id, since_on, on, at, None, None)


@POINTS.on(ObjectiveSet, keys=lambda event, recorded: [(stream_id(recorded), "objective", event.objective_id)])
def objective_set(_row: PointRow | None, event: ObjectiveSet, recorded: Recorded[Event]) -> PointRow:
    return _opened(PointKind.OBJECTIVE, event.objective_id, event.set_on, recorded)


@POINTS.on(
    RiskIdentified,
    keys=lambda event, recorded: [(stream_id(recorded), "risk", event.risk_id)] if event.backup is None else [],
)
def risk_identified(_row: PointRow | None, event: RiskIdentified, recorded: Recorded[Event]) -> PointRow:
    return _opened(PointKind.RISK, event.risk_id, recorded.occurred_on, recorded)


@POINTS.on(
    AccessDocumented,
    keys=lambda event, recorded: [(stream_id(recorded), "access", event.access_id)] if event.custodian is None else [],
)
def access_documented(_row: PointRow | None, event: AccessDocumented, recorded: Recorded[Event]) -> PointRow:
    return _opened(PointKind.ACCESS, event.access_id, recorded.occurred_on, recorded)


def closed(row: PointRow | None, _event: Event, recorded: Recorded[Event]) -> PointRow | None:
    return None if row is None else row._replace(closed_on=recorded.occurred_on, closed_at=recorded.recorded_at)


POINTS.on(ObjectiveClosed, keys=lambda event, recorded: [(stream_id(recorded), "objective", event.objective_id)])(
    closed
)
POINTS.on(RiskClosed, keys=lambda event, recorded: [(stream_id(recorded), "risk", event.risk_id)])(closed)
POINTS.on(AccessRevoked, keys=lambda event, recorded: [(stream_id(recorded), "access", event.access_id)])(closed)


def _measured(recorded: Recorded[Event]) -> list[MeasurementRow]:
    event = cast(IndicatorMeasured, recorded.event)
    on, at = recorded.occurred_on, recorded.recorded_at
    return [MeasurementRow(recorded.position, stream_id(recorded), event.objective_id, event.measured_on, on, at)]


MEASUREMENTS = Ledger(
    "network_measurements",
    MeasurementRow,
    handles=[IndicatorMeasured],
    write=_measured,
    indexes=(("mission_id", "objective_id", "measured_on"),),
)


def _reviewed(recorded: Recorded[Event]) -> list[ReviewRow]:
    event = cast(ReviewHeld, recorded.event)
    return [
        ReviewRow(
            position=recorded.position,
            mission_id=stream_id(recorded),
            held_on=event.held_on,
            next_review_on=event.next_review_on,
            satisfaction=event.satisfaction,
            acts_as_cadre=event.acts_as_cadre,
            occurred_on=recorded.occurred_on,
            recorded_at=recorded.recorded_at,
        )
    ]


REVIEWS = Ledger(
    "network_reviews", ReviewRow, handles=[ReviewHeld], write=_reviewed, indexes=(("mission_id", "held_on"),)
)
