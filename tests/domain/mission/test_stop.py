"""The stop and what comes after it: rules 9 and 10."""

from __future__ import annotations

import pytest

from domain.event import Command
from domain.mission.events import MissionStopped, StopDecidedBy
from domain.mission.rejections import AfterEnd, BeforeStart, DaysDeliveredAfter, MissionIsStopped
from tests.bodies import asked, on, running, signed
from tests.scenario import Scenario


def stopped() -> Scenario:
    """Everything is open on the mission, which stopped on 20 March; today is the 31st."""
    return running().given(
        asked("deliver_day"),
        asked("deliver_day", day_id="D-2", date="2026-03-11"),
        asked("record_expense"),
        asked("open_action"),
        asked("identify_risk"),
        asked("document_access"),
        asked("start_handover"),
        asked("stop_mission"),
    )


def test_a_mission_stops_within_its_period() -> None:
    reason = "Poste internalisé"
    event = MissionStopped(on=on("2026-03-20"), decided_by=StopDecidedBy.CLIENT, reason=reason)
    signed().when(asked("stop_mission")).then(event)
    signed().when(asked("stop_mission", on="2026-03-01")).then_rejected(BeforeStart)
    signed().when(asked("stop_mission", on="2026-07-01")).then_rejected(AfterEnd)
    signed().when(asked("stop_mission", on="2026-03-02")).then_done()
    signed().when(asked("stop_mission", on="2026-06-30")).then_done()


def test_a_mission_stops_once() -> None:
    for first in ("2026-03-20", "2026-04-15"):
        stopping = signed().given(asked("stop_mission", on=first))
        stopping.when(asked("stop_mission", on="2026-03-25")).then_rejected(MissionIsStopped)


def test_a_stop_precedes_no_delivered_day() -> None:
    worked = running().given(asked("deliver_day"))
    worked.when(asked("stop_mission", on="2026-03-09")).then_rejected(DaysDeliveredAfter)
    worked.when(asked("stop_mission", on="2026-03-10")).then_done()


def test_a_paused_mission_may_be_stopped() -> None:
    signed().given(asked("pause_mission")).when(asked("stop_mission")).then_done()


REFUSED_AFTER = [
    asked("amend_mission", effective_on="2026-03-31", letter={"signed_on": "2026-03-31"}),
    asked("amend_mission", effective_on="2026-03-20", letter={"signed_on": "2026-03-19"}),
    asked("extend_mission"),
    asked("pause_mission", from_on="2026-03-18"),
    asked("resume_mission"),
    asked("stop_mission"),
    asked("set_objective", objective_id="O-2"),
    asked("revise_objective"),
    asked("record_measurement", measured_on="2026-03-21"),
    asked("deliver_day", day_id="D-9", date="2026-03-21"),
    asked("record_expense", expense_id="X-9", date="2026-03-21"),
    asked("hold_review", held_on="2026-03-21"),
    asked("record_decision"),
    asked("open_action", action_id="T-9"),
    asked("identify_risk", risk_id="Q-9"),
    asked("document_access", access_id="A-9"),
]

TAKEN_AFTER = [
    asked("deliver_day", day_id="D-9", date="2026-03-20"),
    asked("record_expense", expense_id="X-9", date="2026-03-20"),
    asked("withdraw_day"),
    asked("withdraw_expense"),
    asked("approve_days"),
    asked("dispute_day"),
    asked("record_measurement", measured_on="2026-03-20"),
    asked("hold_review", held_on="2026-03-20"),
    asked("hold_review", held_on="2026-03-31", kind="final"),
    asked("close_objective"),
    asked("close_action"),
    asked("close_risk"),
    asked("revoke_access"),
    asked("complete_handover_item"),
    asked("hand_over", override_reason="Parti sans prévenir"),
]


@pytest.mark.parametrize("command", REFUSED_AFTER, ids=lambda command: command.NAME)
def test_a_stopped_mission_takes_nothing_new(command: Command) -> None:
    stopped().when(command).then_rejected(MissionIsStopped)


@pytest.mark.parametrize("command", TAKEN_AFTER, ids=lambda command: command.NAME)
def test_a_stopped_mission_is_still_wound_up(command: Command) -> None:
    stopped().when(command).then_done()


def test_a_dispute_is_settled_after_the_stop() -> None:
    stopped().given(asked("dispute_day")).when(asked("settle_dispute")).then_done()


def test_a_handover_starts_after_the_stop() -> None:
    signed().given(asked("stop_mission")).when(asked("start_handover")).then_done()


ON_THE_DAY = [
    asked("pause_mission", from_on="2026-03-20"),
    asked("set_objective", objective_id="O-2"),
    asked("revise_objective"),
    asked("record_decision"),
    asked("open_action", action_id="T-9"),
    asked("identify_risk", risk_id="Q-9"),
    asked("document_access", access_id="A-9"),
    asked("deliver_day", day_id="D-9", date="2026-03-20"),
]


@pytest.mark.parametrize("command", ON_THE_DAY, ids=lambda command: command.NAME)
def test_until_the_date_of_its_stop_the_mission_goes_on(command: Command) -> None:
    stopped().on(on("2026-03-20")).when(command).then_done()
    if command.NAME != "deliver_day":
        stopped().on(on("2026-03-21")).when(command).then_rejected(MissionIsStopped)
