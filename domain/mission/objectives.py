"""The results that the cadre answers for: set them, measure them, revise them, close them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import model_validator

from domain.event import NAMELESS, Command
from domain.mission.events import ObjectiveOutcome
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
    objective_id: Id = NAMELESS
    statement: Text
    indicator: StatedIndicator
    baseline: Number
    target: Number
    due_on: IsoDate
    set_on: IsoDate
    value_per_unit: PositiveMoney | None = None

    def business_date(self) -> date:
        return self.set_on


class ReviseObjective(Command):
    """Give an objective another target or due date, and say why."""

    NAME: ClassVar[str] = "revise_objective"
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

    def business_date(self) -> date:
        return self.on


class CloseObjective(Command):
    """End an objective: achieved, missed or abandoned."""

    NAME: ClassVar[str] = "close_objective"
    objective_id: Id
    outcome: ObjectiveOutcome
    on: IsoDate
    note: Text | None = None

    def business_date(self) -> date:
        return self.on


class RecordMeasurement(Command):
    """Read an objective's indicator."""

    NAME: ClassVar[str] = "record_measurement"
    objective_id: Id
    value: Number
    measured_on: IsoDate
    note: Text | None = None

    def business_date(self) -> date:
        return self.measured_on
