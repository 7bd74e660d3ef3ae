"""The results that the cadre answers for: set them, measure them, revise them, close them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import model_validator

from domain.event import NAMELESS, Command, Context
from domain.mission.currency import reject_other_currency
from domain.mission.events import (
    Indicator,
    IndicatorMeasured,
    ObjectiveClosed,
    ObjectiveOutcome,
    ObjectiveRevised,
    ObjectiveSet,
)
from domain.mission.period import reject_after_stop
from domain.mission.rejections import (
    DueBeforeSet,
    MeasuredBeforeSet,
    MissionIsStopped,
    ObjectiveIsClosed,
    TargetEqualsBaseline,
    TooManyObjectives,
    UnknownObjective,
)
from domain.mission.state import Mission, Objective
from domain.rejections import AlreadyExists, InTheFuture
from domain.values import Id, IsoDate, Number, PositiveMoney, Text, Value


class StatedIndicator(Value):
    """The one figure that shows an objective's progress, its unit and where it is read, as stated."""

    name: Text
    unit: Text
    source: Text


class SetObjective(Command):
    """Agree on a result, with its indicator, baseline, target and due date."""

    NAME: ClassVar[str] = "set_objective"
    NAMES: ClassVar[str | None] = "objective_id"
    DATED: ClassVar[str | None] = "set_on"
    objective_id: Id = NAMELESS
    statement: Text
    indicator: StatedIndicator
    baseline: Number
    target: Number
    due_on: IsoDate
    set_on: IsoDate
    value_per_unit: PositiveMoney | None = None


class ReviseObjective(Command):
    """Give an objective another target or due date, and say why."""

    NAME: ClassVar[str] = "revise_objective"
    DATED: ClassVar[str | None] = "on"
    objective_id: Id
    target: Number | None = None
    due_on: IsoDate | None = None
    reason: Text
    on: IsoDate

    @model_validator(mode="after")
    def _changes_something(self) -> ReviseObjective:
        if self.target is None and self.due_on is None:
            raise ValueError("name what the revision changes: target or due_on")
        return self


class CloseObjective(Command):
    """End an objective: achieved, missed or abandoned."""

    NAME: ClassVar[str] = "close_objective"
    DATED: ClassVar[str | None] = "on"
    objective_id: Id
    outcome: ObjectiveOutcome
    on: IsoDate
    note: Text | None = None


class RecordMeasurement(Command):
    """Read an objective's indicator."""

    NAME: ClassVar[str] = "record_measurement"
    DATED: ClassVar[str | None] = "measured_on"
    objective_id: Id
    value: Number
    measured_on: IsoDate
    note: Text | None = None


OPEN_AT_MOST = 5


def set_objective(mission: Mission, command: SetObjective, context: Context) -> ObjectiveSet:
    """An objective moves its indicator by a date to come; few are open at once."""
    reject_after_stop(mission, context.today)
    if command.objective_id in mission.objectives:
        raise AlreadyExists(f"{command.objective_id} is an objective of the mission already: choose another id")
    if command.set_on > context.today:
        raise InTheFuture(f"the objective is set on {command.set_on}: enter it once it is agreed")
    _reject_pointless(command.baseline, command.target, command.set_on, command.due_on)
    if sum(not objective.closed for objective in mission.objectives.values()) >= OPEN_AT_MOST:
        raise TooManyObjectives(f"{OPEN_AT_MOST} objectives are open: close one before setting another")
    if command.value_per_unit is not None:
        reject_other_currency(mission, command.value_per_unit)
    indicator = Indicator.model_validate(dict(command.indicator))
    return ObjectiveSet.model_validate(dict(command) | {"indicator": indicator})


def revise_objective(mission: Mission, command: ReviseObjective, context: Context) -> ObjectiveRevised:
    """An open objective may get another target or due date, under the same rules as the first."""
    reject_after_stop(mission, context.today)
    objective = _open_objective(mission, command.objective_id)
    target = objective.target if command.target is None else command.target
    _reject_pointless(objective.baseline, target, objective.set_on, command.due_on or objective.due_on)
    return ObjectiveRevised.model_validate(dict(command))


def close_objective(mission: Mission, command: CloseObjective) -> ObjectiveClosed:
    """An open objective ends once."""
    _open_objective(mission, command.objective_id)
    return ObjectiveClosed.model_validate(dict(command))


def record_measurement(mission: Mission, command: RecordMeasurement, context: Context) -> IndicatorMeasured:
    """An open objective is measured from the date that it was set on, up to today and to the stop."""
    objective = _open_objective(mission, command.objective_id)
    if command.measured_on < objective.set_on:
        raise MeasuredBeforeSet(f"the objective was set on {objective.set_on}: measure it then, or later")
    if command.measured_on > context.today:
        raise InTheFuture(f"the measurement is dated {command.measured_on}: enter it once it is read")
    if mission.is_over_on(command.measured_on):
        raise MissionIsStopped(f"the mission stopped on {mission.stopped_on}: enter measurements up to that date")
    return IndicatorMeasured.model_validate(dict(command))


def _open_objective(mission: Mission, objective_id: str) -> Objective:
    objective = mission.objectives.get(objective_id)
    if objective is None:
        raise UnknownObjective(f"the mission has no objective {objective_id}: name one that was set")
    if objective.closed:
        raise ObjectiveIsClosed(f"the objective {objective_id} is closed: set a new one to go on")
    return objective


def _reject_pointless(baseline: Decimal, target: Decimal, set_on: date, due_on: date) -> None:
    if target == baseline:
        raise TargetEqualsBaseline("the target is the baseline: name the figure to be reached")
    if due_on <= set_on:
        raise DueBeforeSet(f"the objective is set on {set_on}: let it be due on a later date")
