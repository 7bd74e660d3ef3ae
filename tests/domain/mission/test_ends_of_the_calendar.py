"""The first date that can be written is a date like others."""

from __future__ import annotations

from domain.event import Actor, Role
from domain.mission.rejections import DaysDeliveredAfter, HandoverIncomplete
from domain.visibility import sees_until
from tests.bodies import asked, on, running, signed
from tests.scenario import Scenario

FIRST = "0001-01-01"


def begun() -> Scenario:
    """A mission of the first date."""
    agreed = signed(letter={"signed_on": FIRST}, starts_on=FIRST, ends_on="2026-06-30")
    return agreed.given(asked("set_objective", set_on=FIRST))


def test_a_mission_is_paused_on_its_first_date() -> None:
    begun().when(asked("pause_mission", from_on=FIRST)).then_done()


def test_a_pause_covers_no_day_delivered_on_its_first_date() -> None:
    worked = begun().given(asked("deliver_day", date=FIRST, exceptional=True))
    worked.when(asked("pause_mission", from_on=FIRST)).then_rejected(DaysDeliveredAfter)


def test_a_handover_takes_effect_on_it() -> None:
    leaving = begun().given(
        asked("record_measurement", measured_on=FIRST), asked("hold_review"), asked("start_handover")
    )
    leaving.when(asked("hand_over", effective_on=FIRST)).then_rejected(HandoverIncomplete)


def test_who_left_on_it_sees_nothing_after_it() -> None:
    left = running().given(asked("start_handover"))
    left.given(asked("hand_over", effective_on=FIRST, override_reason="Parti sans préavis"))
    assert sees_until(Actor(Role.CADRE, "C-1"), left.network.mission("M-1")) == on(FIRST)
