"""A cadre's day over all missions: rule 8."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.availability import CadreDay, cadre_day
from domain.mission.events import Half
from domain.mission.rejections import CadreOverbooked
from tests.bodies import HOURLY, asked, on, running, terms
from tests.domain.mission.test_days import CREDITED, INVOICED, RELEASED, delivered, with_billing
from tests.scenario import Scenario


def two_missions() -> Scenario:
    """M-1 by the day, M-2 by the hour, both held by C-1."""
    by_the_hour = asked("sign_mission", mission_id="M-2", terms=terms(billing=HOURLY))
    return running().given(by_the_hour, asked("set_objective"), mission="M-2")


@pytest.mark.parametrize("quantity", ["1", "0.5"])
def test_a_whole_day_takes_both_halves(quantity: str) -> None:
    full = running().given(asked("deliver_day"))
    full.when(asked("deliver_day", day_id="D-2", quantity=quantity)).then_rejected(CadreOverbooked)
    full.when(asked("deliver_day", day_id="D-2", date="2026-03-11")).then_done()
    full.when(asked("deliver_day", day_id="D-3", cadre_id="C-2")).then_done()


@pytest.mark.parametrize("taken", list(Half))
def test_each_half_is_taken_once(taken: Half) -> None:
    scenario = running().given(asked("deliver_day", quantity="0.5", half=taken))
    scenario.when(asked("deliver_day", day_id="D-2", quantity="0.5", half=taken)).then_rejected(CadreOverbooked)
    scenario.when(asked("deliver_day", day_id="D-2")).then_rejected(CadreOverbooked)
    free = scenario.when(asked("deliver_day", day_id="D-2", quantity="0.5")).then_done()
    assert delivered(free.events).half is (Half.PM if taken is Half.AM else Half.AM)
    scenario.when(asked("deliver_day", day_id="D-3", quantity="0.5")).then_rejected(CadreOverbooked)


def test_eight_hours_are_a_day_over_all_missions() -> None:
    scenario = two_missions().given(asked("deliver_day", quantity="0.5"))
    scenario.when(asked("deliver_day", day_id="H-1", quantity="4.25"), mission="M-2").then_rejected(CadreOverbooked)
    scenario.when(asked("deliver_day", day_id="H-1", quantity="4"), mission="M-2").then_done()
    scenario.when(asked("deliver_day", day_id="H-2", quantity="0.25"), mission="M-2").then_rejected(CadreOverbooked)
    scenario.when(asked("deliver_day", day_id="D-2", quantity="0.5")).then_rejected(CadreOverbooked)


def test_hours_take_no_half_but_leave_no_room_for_a_whole_day() -> None:
    scenario = two_missions().given(asked("deliver_day", day_id="H-1", quantity="0.25"), mission="M-2")
    scenario.when(asked("deliver_day")).then_rejected(CadreOverbooked)
    first = scenario.when(asked("deliver_day", quantity="0.5")).then_done()
    assert delivered(first.events).half is Half.AM
    scenario.when(asked("deliver_day", day_id="D-2", quantity="0.5")).then_rejected(CadreOverbooked)


def test_withdrawn_days_free_their_halves() -> None:
    scenario = running().given(asked("deliver_day"), asked("withdraw_day"))
    scenario.when(asked("deliver_day", day_id="D-2")).then_done()


def test_days_settled_as_withdrawn_free_their_halves() -> None:
    scenario = running().given(asked("deliver_day"), asked("dispute_day"))
    scenario.when(asked("deliver_day", day_id="D-2")).then_rejected(CadreOverbooked)
    scenario.given(asked("settle_dispute", outcome="withdrawn"))
    scenario.when(asked("deliver_day", day_id="D-2")).then_done()


def test_credited_days_free_their_halves_and_released_ones_do_not() -> None:
    released = with_billing(running().given(asked("deliver_day")), INVOICED, RELEASED)
    released.when(asked("deliver_day", day_id="D-2")).then_rejected(CadreOverbooked)
    credited = with_billing(running().given(asked("deliver_day")), INVOICED, CREDITED)
    credited.when(asked("deliver_day", day_id="D-2")).then_done()


def test_nothing_taken_leaves_the_whole_day() -> None:
    free = cadre_day("C-1", on("2026-03-10"), [])
    assert free == CadreDay()
    assert (free.free, free.first_free_half) == (Decimal(1), Half.AM)


def test_only_the_cadre_s_own_date_counts() -> None:
    network = running().given(asked("deliver_day")).network
    events = [recorded.event for recorded in network.recorded]
    assert cadre_day("C-1", on("2026-03-10"), events).share == 1
    assert cadre_day("C-2", on("2026-03-10"), events) == CadreDay()
    assert cadre_day("C-1", on("2026-03-11"), events) == CadreDay()
