"""Handover: rule 13."""

from __future__ import annotations

import pytest

from domain.event import Actor, Role
from domain.mission.events import Gap, HandedOver, HandoverItem, HandoverItemCompleted, Missing
from domain.mission.rejections import (
    AlreadyCompleted,
    DaysDeliveredAfter,
    FunctionNotPractised,
    HandoverAlreadyStarted,
    HandoverIncomplete,
    HandoverNotStarted,
    SameCadre,
    UnknownItem,
)
from domain.rejections import NotAllowed, UnknownCadre
from tests.bodies import asked, on, running, signed
from tests.domain.mission.test_days import delivered
from tests.scenario import Scenario

ITEMS = [asked("complete_handover_item", item_id=item) for item in HandoverItem]
ALL_ITEMS = tuple(Missing(gap=Gap.ITEM_NOT_COMPLETED, id=item) for item in HandoverItem)


def ready(*, measured_on: str = "2026-03-10", held_on: str = "2026-03-10") -> Scenario:
    """A handover is under way and its checklist holds."""
    return running().given(
        asked("record_measurement", measured_on=measured_on),
        asked("hold_review", held_on=held_on),
        asked("open_action"),
        asked("identify_risk"),
        asked("document_access"),
        asked("start_handover"),
        *ITEMS,
    )


def missing(scenario: Scenario) -> tuple[Missing, ...]:
    assert isinstance(scenario.rejection, HandoverIncomplete)
    return scenario.rejection.missing


def test_a_mission_changes_hands_once_its_checklist_holds() -> None:
    scenario = ready().when(asked("hand_over"))
    scenario.then(HandedOver(to_cadre_id="C-2", effective_on=on("2026-03-31"), accepted_by="Marie"))
    mission = scenario.network.mission("M-1")
    assert (mission.holder_on(on("2026-03-30")), mission.holder_on(on("2026-03-31"))) == ("C-1", "C-2")


def test_from_its_date_days_are_the_successor_s_unless_they_say_otherwise() -> None:
    scenario = ready().given(asked("hand_over"))
    assert delivered(scenario.when(asked("deliver_day", date="2026-03-30")).events).cadre_id == "C-1"
    assert delivered(scenario.when(asked("deliver_day", day_id="D-2", date="2026-03-31")).events).cadre_id == "C-2"
    by_name = asked("deliver_day", day_id="D-3", date="2026-03-31", cadre_id="C-1")
    assert delivered(scenario.when(by_name).events).cadre_id == "C-1"


def test_one_handover_at_a_time() -> None:
    under_way = signed().given(asked("start_handover"))
    under_way.when(asked("start_handover")).then_rejected(HandoverAlreadyStarted)
    ready().given(asked("hand_over")).when(asked("start_handover")).then_done()


def test_a_named_successor_is_registered() -> None:
    signed().when(asked("start_handover", successor_id="C-9")).then_rejected(UnknownCadre)
    signed().when(asked("start_handover", successor_id=None)).then_done()


def test_nothing_is_completed_before_a_handover_starts() -> None:
    signed().when(asked("complete_handover_item")).then_rejected(HandoverNotStarted)
    running().when(asked("hand_over")).then_rejected(HandoverNotStarted)
    ready().given(asked("hand_over")).when(asked("complete_handover_item")).then_rejected(HandoverNotStarted)


def test_each_item_is_completed_once() -> None:
    under_way = signed().given(asked("start_handover"))
    done = HandoverItemCompleted(item_id=HandoverItem.DOCUMENTS_TRANSFERRED)
    under_way.when(asked("complete_handover_item")).then(done)
    under_way.when(asked("complete_handover_item")).then_rejected(AlreadyCompleted)
    under_way.when(asked("complete_handover_item", item_id="coffee")).then_rejected(UnknownItem)


def test_the_successor_is_another_registered_cadre_who_practises_the_function() -> None:
    ready().when(asked("hand_over", to_cadre_id="C-9")).then_rejected(UnknownCadre)
    ready().when(asked("hand_over", to_cadre_id="C-1")).then_rejected(SameCadre)
    ready().when(asked("hand_over", to_cadre_id="C-3")).then_rejected(FunctionNotPractised)


def test_a_handover_precedes_no_delivered_day() -> None:
    worked = ready().given(asked("deliver_day", date="2026-03-30"))
    worked.when(asked("hand_over", effective_on="2026-03-29")).then_rejected(DaysDeliveredAfter)
    worked.when(asked("hand_over", effective_on="2026-03-30")).then_done()


def test_what_is_missing_is_listed_one_by_one() -> None:
    bare = running().given(
        asked("open_action", owner=""),
        asked("identify_risk", backup=""),
        asked("document_access", custodian=""),
        asked("start_handover"),
    )
    assert missing(bare.when(asked("hand_over"))) == (
        Missing(gap=Gap.OBJECTIVE_NOT_MEASURED, id="O-1"),
        Missing(gap=Gap.ACTION_WITHOUT_OWNER, id="T-1"),
        Missing(gap=Gap.RISK_WITHOUT_BACKUP, id="Q-1"),
        Missing(gap=Gap.ACCESS_WITHOUT_CUSTODIAN, id="A-1"),
        Missing(gap=Gap.NO_RECENT_REVIEW),
        *ALL_ITEMS,
    )
    assert bare.rejection is not None
    assert "risk_without_backup Q-1, access_without_custodian A-1, no_recent_review" in bare.rejection.detail


def test_what_is_over_is_not_missing() -> None:
    closed = running().given(
        asked("open_action", owner=""),
        asked("identify_risk", backup=""),
        asked("document_access", custodian=""),
        asked("close_action"),
        asked("close_risk"),
        asked("revoke_access"),
        asked("close_objective"),
        asked("hold_review"),
        asked("start_handover"),
    )
    assert missing(closed.when(asked("hand_over"))) == ALL_ITEMS


@pytest.mark.parametrize("effective_on", ["2026-03-10", "2026-04-24"])
def test_measurements_and_reviews_count_for_45_days(effective_on: str) -> None:
    ready().when(asked("hand_over", effective_on=effective_on)).then_done()


@pytest.mark.parametrize("effective_on", ["2026-03-09", "2026-04-25"])
def test_measurements_and_reviews_count_no_longer_and_no_sooner(effective_on: str) -> None:
    assert missing(ready().when(asked("hand_over", effective_on=effective_on))) == (
        Missing(gap=Gap.OBJECTIVE_NOT_MEASURED, id="O-1"),
        Missing(gap=Gap.NO_RECENT_REVIEW),
    )


def test_a_network_admin_lets_an_incomplete_checklist_pass_and_it_is_recorded() -> None:
    bare = running().given(asked("start_handover"), asked("hold_review"), asked("record_measurement"))
    overridden = bare.when(asked("hand_over", override_reason="Parti sans prévenir")).then_done()
    (event,) = overridden.events
    assert isinstance(event, HandedOver)
    assert event.missing == ALL_ITEMS


@pytest.mark.parametrize("actor", [Actor(Role.CADRE, "C-1"), Actor(Role.CLIENT, "E-1")])
def test_nobody_else_overrides_the_checklist(actor: Actor) -> None:
    bare = running().given(asked("start_handover")).by(actor)
    bare.when(asked("hand_over", override_reason="Parti sans prévenir")).then_rejected(NotAllowed)
    bare.when(asked("hand_over")).then_rejected(HandoverIncomplete)
