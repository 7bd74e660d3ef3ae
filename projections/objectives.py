"""What the cadre answers for, and how far it has come: each objective with its series of measurements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

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
from projections.read_model import as_known, words

TENTH = Decimal("0.1")
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
    status: Status
    outcome: ObjectiveOutcome | None
    closed_on: IsoDate | None
    measurements: Sequence[Measurement]
    facts: Sequence[int]
    """The positions of all that was said of it."""


class Objective(NamedTuple):
    """What the events of one objective add up to."""

    was_set: ObjectiveSet
    target: Decimal
    due_on: date
    facts: tuple[int, ...]
    measurements: tuple[Measurement, ...] = ()
    closed: ObjectiveClosed | None = None


def objectives_view(
    history: Iterable[Recorded[Event]], on: date, *, known_at: datetime | None = None
) -> list[ObjectiveAnswer]:
    """A mission's objectives as of a date, in the order in which they were set."""
    objectives: dict[str, Objective] = {}
    for recorded in as_known(history, as_of=on, known_at=known_at):
        _evolve(objectives, recorded)
    return [_answer(objective, on) for objective in objectives.values()]


def _evolve(objectives: dict[str, Objective], recorded: Recorded[Event]) -> None:
    event, position = recorded.event, recorded.position
    if isinstance(event, ObjectiveSet):
        objectives[event.objective_id] = Objective(event, event.target, event.due_on, (position,))
        return
    if not isinstance(event, ObjectiveRevised | ObjectiveClosed | IndicatorMeasured):
        return
    known = objectives.get(event.objective_id)
    if known is None:  # it was set after the date that is asked for
        return
    objective = known._replace(facts=(*known.facts, position))
    match event:
        case ObjectiveRevised(target=target, due_on=due_on):
            objective = objective._replace(
                target=objective.target if target is None else target, due_on=due_on or objective.due_on
            )
        case ObjectiveClosed():
            objective = objective._replace(closed=event)
        case _:
            objective = objective._replace(measurements=(*objective.measurements, _measurement(event, position)))
    objectives[event.objective_id] = objective


def _measurement(event: IndicatorMeasured, position: int) -> Measurement:
    note = None if event.note is None else words(event.note)
    return Measurement(measured_on=event.measured_on, value=event.value, note=note, position=position)


def _answer(objective: Objective, on: date) -> ObjectiveAnswer:
    was_set, closed = objective.was_set, objective.closed
    # Of two readings of one date the later recorded counts: sorting keeps the order of equals.
    series = sorted(objective.measurements, key=lambda each: each.measured_on)
    current = series[-1].value if series else None
    progress = None if current is None else progress_of(was_set.baseline, objective.target, current)
    return ObjectiveAnswer(
        objective_id=was_set.objective_id,
        statement=words(was_set.statement),
        indicator=was_set.indicator,
        baseline=was_set.baseline,
        target=objective.target,
        set_on=was_set.set_on,
        due_on=objective.due_on,
        value_per_unit=was_set.value_per_unit,
        current=current,
        progress=None if progress is None else format(progress, "f"),
        status=status_of(progress, was_set.set_on, objective.due_on, on),
        outcome=None if closed is None else closed.outcome,
        closed_on=None if closed is None else closed.on,
        measurements=series,
        facts=objective.facts,
    )


def progress_of(baseline: Decimal, target: Decimal, current: Decimal) -> Decimal:
    """How much of the way from baseline to target is done, in percent. No objective is set or revised without a way."""
    return (100 * (current - baseline) / (target - baseline)).quantize(TENTH, rounding=ROUND_HALF_UP)


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
