"""What the cadre answers for, and how far it has come: each objective with its series of measurements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict

from domain.event import Event, Recorded
from domain.mission.events import (
    Indicator,
    IndicatorMeasured,
    ObjectiveClosed,
    ObjectiveOutcome,
    ObjectiveRevised,
    ObjectiveSet,
)
from domain.values import IsoDate, Money, Number
from projections.kpi.figures import improvement_of, progress_of, value_of
from projections.read_model import Fold, Key, as_known, stream_id, words

TOLERANCE = 10
"""An objective is on track while it lags its calendar by no more than so many points of progress."""


class Status(StrEnum):
    """Where an objective stands on a date: the first of these that holds."""

    ACHIEVED = "achieved"
    OVERDUE = "overdue"
    UNMEASURED = "unmeasured"
    ON_TRACK = "on_track"
    BEHIND = "behind"


class Measurement(BaseModel):
    """One reading of an indicator, and the position of the fact behind it."""

    model_config = ConfigDict(frozen=True)
    measured_on: IsoDate
    value: Number
    note: str | None
    position: int


class ObjectiveAnswer(BaseModel):
    """An objective as of a date. `progress` is in percent, one decimal, half up, and not clamped."""

    model_config = ConfigDict(frozen=True)
    objective_id: str
    statement: str | None
    indicator: Indicator
    baseline: Number
    target: Number
    set_on: IsoDate
    due_on: IsoDate
    value_per_unit: Money | None
    current: Number | None
    progress: str | None
    improvement: Number | None
    """How far the indicator has moved towards the target, in its unit."""
    value: str | None
    """What the improvement is worth to the client, in the currency of `value_per_unit`."""
    status: Status
    outcome: ObjectiveOutcome | None
    closed_on: IsoDate | None
    measurements: Sequence[Measurement]
    facts: Sequence[int]
    """The positions of all that was said of it."""


class ObjectiveRow(NamedTuple):
    """What the events of one objective add up to; what depends on a date is told by the answer."""

    mission_id: str
    objective_id: str
    statement: str | None
    indicator: Indicator
    baseline: Decimal
    target: Decimal
    set_on: date
    due_on: date
    value_per_unit: Money | None
    outcome: ObjectiveOutcome | None
    closed_on: date | None
    measurements: tuple[Measurement, ...]
    facts: tuple[int, ...]
    position: int
    """Where it was set."""


OBJECTIVES = Fold(
    "kpi_objectives",
    ObjectiveRow,
    key=("mission_id", "objective_id"),
    personal=frozenset({"statement", "measurements"}),
)

Said: TypeAlias = ObjectiveSet | ObjectiveRevised | ObjectiveClosed | IndicatorMeasured


def _objective(event: Said, recorded: Recorded[Event]) -> Iterable[Key]:
    return ((stream_id(recorded), event.objective_id),)


@OBJECTIVES.on(ObjectiveSet, keys=_objective)
def was_set(_row: ObjectiveRow | None, event: ObjectiveSet, recorded: Recorded[Event]) -> ObjectiveRow:
    return ObjectiveRow(
        mission_id=stream_id(recorded),
        objective_id=event.objective_id,
        statement=words(event.statement),
        indicator=event.indicator,
        baseline=event.baseline,
        target=event.target,
        set_on=event.set_on,
        due_on=event.due_on,
        value_per_unit=event.value_per_unit,
        outcome=None,
        closed_on=None,
        measurements=(),
        facts=(recorded.position,),
        position=recorded.position,
    )


@OBJECTIVES.on(ObjectiveRevised, keys=_objective)
def revised(row: ObjectiveRow | None, event: ObjectiveRevised, recorded: Recorded[Event]) -> ObjectiveRow | None:
    if row is None:  # it was set after the date that is asked for
        return None
    target = row.target if event.target is None else event.target
    return _said(row, recorded)._replace(target=target, due_on=event.due_on or row.due_on)


@OBJECTIVES.on(ObjectiveClosed, keys=_objective)
def closed(row: ObjectiveRow | None, event: ObjectiveClosed, recorded: Recorded[Event]) -> ObjectiveRow | None:
    return None if row is None else _said(row, recorded)._replace(outcome=event.outcome, closed_on=event.on)


@OBJECTIVES.on(IndicatorMeasured, keys=_objective)
def measured(row: ObjectiveRow | None, event: IndicatorMeasured, recorded: Recorded[Event]) -> ObjectiveRow | None:
    if row is None:
        return None
    reading = Measurement(
        measured_on=event.measured_on, value=event.value, note=words(event.note), position=recorded.position
    )
    return _said(row, recorded)._replace(measurements=(*row.measurements, reading))


def _said(row: ObjectiveRow, recorded: Recorded[Event]) -> ObjectiveRow:
    return row._replace(facts=(*row.facts, recorded.position))


def objectives_view(
    history: Iterable[Recorded[Event]], on: date, *, known_at: datetime | None = None
) -> list[ObjectiveAnswer]:
    """A mission's objectives as of a date, in the order in which they were set."""
    rows = OBJECTIVES.rows(as_known(history, as_of=on, known_at=known_at)).values()
    return [objective_answer(row, on) for row in sorted(rows, key=lambda row: row.position)]


def objective_answer(row: ObjectiveRow, on: date) -> ObjectiveAnswer:
    """An objective's row, told as of a date."""
    # Of two readings of one date the later recorded counts: sorting keeps the order of equals.
    series = sorted(row.measurements, key=lambda each: each.measured_on)
    current = series[-1].value if series else None
    progress = None if current is None else progress_of(row.baseline, row.target, current)
    improvement = None if current is None else improvement_of(row.baseline, row.target, current)
    return ObjectiveAnswer(
        objective_id=row.objective_id,
        statement=row.statement,
        indicator=row.indicator,
        baseline=row.baseline,
        target=row.target,
        set_on=row.set_on,
        due_on=row.due_on,
        value_per_unit=row.value_per_unit,
        current=current,
        progress=None if progress is None else format(progress, "f"),
        improvement=improvement,
        value=_worth(improvement, row.value_per_unit),
        status=status_of(progress, row.set_on, row.due_on, on),
        outcome=row.outcome,
        closed_on=row.closed_on,
        measurements=series,
        facts=row.facts,
    )


def _worth(improvement: Decimal | None, per_unit: Money | None) -> str | None:
    if improvement is None or per_unit is None:
        return None
    return format(value_of(improvement, per_unit.amount, per_unit.currency), "f")


def status_of(progress: Decimal | None, set_on: date, due_on: date, on: date) -> Status:
    """Where an objective stands on a date."""
    if progress is not None and progress >= 100:
        return Status.ACHIEVED
    if on > due_on:
        return Status.OVERDUE
    if progress is None:
        return Status.UNMEASURED
    elapsed, planned = (on - set_on).days, (due_on - set_on).days
    on_track = progress * planned >= 100 * elapsed - TOLERANCE * planned
    return Status.ON_TRACK if on_track else Status.BEHIND
