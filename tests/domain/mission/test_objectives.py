"""Objectives and measurements: rules 4 and 5."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from domain.event import CommandRejected
from domain.mission.events import IndicatorMeasured, ObjectiveClosed, ObjectiveOutcome, ObjectiveRevised, ObjectiveSet
from domain.mission.rejections import (
    CurrencyDiffers,
    DueBeforeSet,
    MeasuredBeforeSet,
    ObjectiveIsClosed,
    TargetEqualsBaseline,
    TooManyObjectives,
    UnknownObjective,
)
from domain.rejections import AlreadyExists, InTheFuture
from tests.bodies import asked, on, running, signed

FRANCS = {"amount": "15000", "currency": "XPF"}


def test_a_result_is_agreed_with_what_it_is_worth() -> None:
    scenario = signed().when(asked("set_objective", value_per_unit=FRANCS)).then_done()
    (event,) = scenario.events
    assert isinstance(event, ObjectiveSet)
    assert event.model_dump(mode="json")["value_per_unit"] == FRANCS


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"target": "62.0"}, TargetEqualsBaseline),
        ({"due_on": "2026-03-02"}, DueBeforeSet),
        ({"set_on": "2026-04-01"}, InTheFuture),
        ({"value_per_unit": {"amount": "10.50", "currency": "EUR"}}, CurrencyDiffers),
    ],
)
def test_an_objective_that_breaks_a_rule_is_refused(changes: dict[str, object], why: type[CommandRejected]) -> None:
    signed().when(asked("set_objective", **changes)).then_rejected(why)


@pytest.mark.parametrize("changes", [{"target": "62.1"}, {"due_on": "2026-03-03"}, {"set_on": "2026-03-31"}])
def test_an_objective_on_the_edge_of_a_rule_is_taken(changes: dict[str, object]) -> None:
    signed().when(asked("set_objective", **changes)).then_done()


def test_an_objective_s_id_is_used_once() -> None:
    running().given(asked("close_objective")).when(asked("set_objective")).then_rejected(AlreadyExists)


def test_five_objectives_are_open_at_most() -> None:
    five = signed().given(*(asked("set_objective", objective_id=f"O-{number}") for number in range(1, 6)))
    five.when(asked("set_objective", objective_id="O-6")).then_rejected(TooManyObjectives)
    five.given(asked("close_objective")).when(asked("set_objective", objective_id="O-6")).then_done()


def test_an_objective_is_revised_for_a_reason() -> None:
    revised = ObjectiveRevised(objective_id="O-1", target=Decimal(45), reason="Client perdu", on=on("2026-03-20"))
    scenario = running().when(asked("revise_objective")).then(revised)
    assert scenario.network.mission("M-1").objectives["O-1"].target == 45
    later = scenario.when(asked("revise_objective", target=..., due_on="2026-09-30")).then_done()
    objective = later.network.mission("M-1").objectives["O-1"]
    assert (objective.target, objective.due_on) == (Decimal(45), on("2026-09-30"))


def test_a_revision_keeps_the_rules_of_the_first_target() -> None:
    running().when(asked("revise_objective", target="62")).then_rejected(TargetEqualsBaseline)
    running().when(asked("revise_objective", due_on="2026-03-02")).then_rejected(DueBeforeSet)
    running().when(asked("revise_objective", due_on="2026-03-03")).then_done()
    with pytest.raises(ValidationError, match="name what the revision changes"):
        asked("revise_objective", target=...)


@pytest.mark.parametrize("name", ["revise_objective", "close_objective", "record_measurement"])
def test_only_an_open_objective_changes(name: str) -> None:
    signed().when(asked(name)).then_rejected(UnknownObjective)
    running().given(asked("close_objective")).when(asked(name)).then_rejected(ObjectiveIsClosed)


def test_an_objective_ends_with_an_outcome() -> None:
    closed = ObjectiveClosed(objective_id="O-1", outcome=ObjectiveOutcome.ACHIEVED, on=on("2026-03-20"))
    running().when(asked("close_objective")).then(closed)


def test_an_indicator_is_read() -> None:
    read = IndicatorMeasured(objective_id="O-1", value=Decimal("55.5"), measured_on=on("2026-03-10"))
    running().when(asked("record_measurement")).then(read)


def test_a_measurement_lies_between_the_setting_and_today() -> None:
    running().when(asked("record_measurement", measured_on="2026-03-01")).then_rejected(MeasuredBeforeSet)
    running().when(asked("record_measurement", measured_on="2026-03-02")).then_done()
    running().when(asked("record_measurement", measured_on="2026-03-31")).then_done()
    running().when(asked("record_measurement", measured_on="2026-04-01")).then_rejected(InTheFuture)
