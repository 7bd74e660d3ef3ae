"""How far an objective has come on a date: its progress, its status, its series."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from domain.event import Event, Recorded, Sealed
from domain.mission.events import (
    Indicator,
    IndicatorMeasured,
    ObjectiveClosed,
    ObjectiveOutcome,
    ObjectiveRevised,
    ObjectiveSet,
)
from projections.kpi.objectives import ObjectiveAnswer, Status, objectives_view
from tests.journal_world import World, expected, journal
from tests.projections.histories import of_mission, recorded, signed

SET_ON, DUE_ON = date(2026, 3, 1), date(2026, 6, 9)
"""A hundred days to go."""


def agreed(baseline: str = "12", target: str = "20") -> ObjectiveSet:
    return ObjectiveSet(
        objective_id="O-1",
        statement="Signer davantage de devis",
        indicator=Indicator(name="Devis signés", unit="devis", source="CRM"),
        baseline=Decimal(baseline),
        target=Decimal(target),
        due_on=DUE_ON,
        set_on=SET_ON,
    )


def measured(value: str, on: date) -> IndicatorMeasured:
    return IndicatorMeasured(objective_id="O-1", value=Decimal(value), measured_on=on)


def objective_after(*events: Event, on: date) -> ObjectiveAnswer:
    """The one objective of a mission, as of a date."""
    dated = {IndicatorMeasured: "measured_on", ObjectiveSet: "set_on"}
    said = [of_mission(event, getattr(event, dated.get(type(event), "on"))) for event in events]
    [answer] = objectives_view(recorded([signed(), *said]), on)
    return answer


def test_progress_is_the_share_of_the_way_that_is_done_to_one_decimal() -> None:
    answer = objective_after(agreed(), measured("13.12", date(2026, 3, 20)), on=date(2026, 3, 20))
    assert (answer.current, answer.progress) == (Decimal("13.12"), "14.0")


def test_progress_is_rounded_half_up_and_not_clamped() -> None:
    below = objective_after(agreed("0", "800"), measured("-0.4", date(2026, 3, 2)), on=SET_ON.replace(day=3))
    above = objective_after(agreed("0", "800"), measured("1000.4", date(2026, 3, 2)), on=SET_ON.replace(day=3))
    assert (below.progress, above.progress) == ("-0.1", "125.1")


def test_an_indicator_may_have_to_fall() -> None:
    answer = objective_after(agreed("8", "0"), measured("2", date(2026, 3, 20)), on=date(2026, 3, 20))
    assert answer.progress == "75.0"


@pytest.mark.parametrize(
    ("value", "on", "status"),
    [
        (None, date(2026, 3, 2), Status.UNMEASURED),
        (None, DUE_ON, Status.UNMEASURED),
        (None, date(2026, 6, 10), Status.OVERDUE),
        ("15.2", date(2026, 4, 20), Status.ON_TRACK),  # 40 % after 50 of 100 days
        ("15.19", date(2026, 4, 20), Status.BEHIND),  # 39.9 %
        ("20", date(2026, 6, 10), Status.ACHIEVED),
        ("19.9", date(2026, 6, 10), Status.OVERDUE),
    ],
)
def test_the_status_is_the_first_that_holds(value: str | None, on: date, status: Status) -> None:
    said = [] if value is None else [measured(value, date(2026, 3, 2))]
    assert objective_after(agreed(), *said, on=on).status is status


def test_the_current_value_is_of_the_latest_date_and_of_two_readings_that_day_the_later_recorded() -> None:
    answer = objective_after(
        agreed(),
        measured("14", date(2026, 3, 20)),
        measured("15", date(2026, 3, 20)),
        measured("13", date(2026, 3, 10)),
        on=date(2026, 3, 31),
    )
    assert answer.current == 15
    assert [each.value for each in answer.measurements] == [13, 14, 15]


def test_a_target_may_be_revised_to_nothing_at_all() -> None:
    revised = ObjectiveRevised(objective_id="O-1", target=Decimal(0), reason="Zéro erreur", on=date(2026, 4, 1))
    later = ObjectiveRevised(objective_id="O-1", due_on=date(2026, 7, 1), reason="Plus tard", on=date(2026, 4, 2))
    answer = objective_after(agreed(), revised, later, on=date(2026, 4, 2))
    assert (answer.target, answer.due_on) == (Decimal(0), date(2026, 7, 1))


def test_as_of_a_date_nothing_is_known_that_happened_later() -> None:
    closed = ObjectiveClosed(objective_id="O-1", outcome=ObjectiveOutcome.ACHIEVED, on=date(2026, 5, 1))
    said = (agreed(), measured("16", date(2026, 3, 20)), measured("20", date(2026, 4, 20)), closed)
    before, after = objective_after(*said, on=date(2026, 4, 1)), objective_after(*said, on=date(2026, 5, 1))
    assert (before.progress, before.outcome) == ("50.0", None)
    assert (after.progress, after.outcome, after.closed_on) == ("100.0", "achieved", date(2026, 5, 1))
    assert (before.facts, after.facts) == ((2, 3), (2, 3, 4, 5))


def test_what_is_said_of_an_objective_that_was_not_yet_set_waits_for_it() -> None:
    revised = ObjectiveRevised(objective_id="O-1", target=Decimal(30), reason="Mieux", on=SET_ON)
    closed = ObjectiveClosed(objective_id="O-1", outcome=ObjectiveOutcome.MISSED, on=SET_ON)
    early = [of_mission(each, SET_ON) for each in (measured("13", SET_ON), revised, closed)]
    history = recorded([signed(), of_mission(agreed(), date(2026, 3, 5)), *early])
    assert objectives_view(history, SET_ON) == []


def test_erased_words_are_shown_as_none() -> None:
    sealed = Sealed.model_validate({"$c": "0" * 64})
    answer = objective_after(agreed().model_copy(update={"statement": sealed}), on=SET_ON)
    assert answer.statement is None


@pytest.mark.parametrize("name", ["first-year", "careless"])
def test_the_sample_years_come_out_as_expected(name: str) -> None:
    figures = expected(name)
    kpi, today = figures["kpi"], figures["today"]
    assert isinstance(kpi, dict)
    assert isinstance(today, str)
    streams: defaultdict[str, list[Recorded[Event]]] = defaultdict(list)
    for fact in World().run(journal(name)).network.recorded:
        streams[fact.stream].append(fact)
    found = {
        f"{stream.removeprefix('mission:')} {each.objective_id}": {
            "progress": each.progress,
            "status": each.status,
            "outcome": each.outcome,
            "measurements": len(each.measurements),
        }
        for stream, facts in streams.items()
        for each in objectives_view(facts, date.fromisoformat(today))
    }
    assert found == kpi
