"""Who may ask for what, and who sees what (contract, sections 3 and 4)."""

from __future__ import annotations

from typing import cast

import pytest

from domain.commands import COMMANDS
from domain.event import Actor, Context, Role
from domain.facts import Facts
from domain.permissions import BILLING, may, refuse_if_not_allowed
from domain.rejections import NotAllowed
from domain.visibility import sees_mission, sees_until
from tests.bodies import asked, known_parties, on, running, signed
from tests.domain.mission.test_handover import ready
from tests.scenario import ADMIN, CALENDAR

HOLDER = Actor(Role.CADRE, "C-1")
SUCCESSOR = Actor(Role.CADRE, "C-2")
STRANGER = Actor(Role.CADRE, "C-3")
CLIENT = Actor(Role.CLIENT, "E-1")
OTHER_CLIENT = Actor(Role.CLIENT, "E-2")
ACCOUNTANT = Actor(Role.ACCOUNTANT, "compta")
AUDITOR = Actor(Role.AUDITOR, "expert")

CLIENT_MAY = {
    "approve_days",
    "dispute_day",
    "settle_dispute",
    "pause_mission",
    "resume_mission",
    "stop_mission",
    "hold_review",
    "hand_over",
}
CADRE_MAY = {
    "set_objective",
    "revise_objective",
    "close_objective",
    "record_measurement",
    "deliver_day",
    "withdraw_day",
    "record_expense",
    "withdraw_expense",
    "hold_review",
    "record_decision",
    "open_action",
    "close_action",
    "identify_risk",
    "close_risk",
    "document_access",
    "revoke_access",
    "start_handover",
    "complete_handover_item",
    "hand_over",
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_role_may_do_what_the_contract_gives_it(name: str) -> None:
    assert may(name, Role.NETWORK_ADMIN)
    assert not may(name, Role.AUDITOR)
    assert may(name, Role.CLIENT) == (name in CLIENT_MAY)
    assert may(name, Role.CADRE) == (name in CADRE_MAY)
    assert may(name, Role.ACCOUNTANT) == (name in BILLING)


def test_billing_is_named_as_it_is_asked_for() -> None:
    assert set(COMMANDS) >= BILLING


def test_a_role_that_may_not_is_refused() -> None:
    for actor in (HOLDER, CLIENT, ACCOUNTANT, AUDITOR):
        known_parties().by(actor).when(asked("sign_mission")).then_rejected(NotAllowed)


def test_a_cadre_never_approves_its_own_days() -> None:
    worked = running().given(asked("deliver_day"))
    worked.by(HOLDER).when(asked("approve_days")).then_rejected(NotAllowed)
    worked.by(CLIENT).when(asked("approve_days")).then_done()


def test_satisfaction_is_the_dirigeant_s_to_state() -> None:
    by_cadre = signed().by(HOLDER)
    by_cadre.when(asked("hold_review", satisfaction=5)).then_rejected(NotAllowed)
    by_cadre.when(asked("hold_review", acts_as_cadre=True)).then_rejected(NotAllowed)
    by_cadre.when(asked("hold_review")).then_done()
    signed().by(CLIENT).when(asked("hold_review", satisfaction=5, acts_as_cadre=False)).then_done()


def test_nobody_works_on_another_s_mission() -> None:
    signed().by(STRANGER).when(asked("open_action")).then_rejected(NotAllowed)
    signed().by(OTHER_CLIENT).when(asked("pause_mission")).then_rejected(NotAllowed)
    signed().by(HOLDER).when(asked("open_action")).then_done()
    signed().by(CLIENT).when(asked("pause_mission")).then_done()


def test_who_handed_a_mission_over_enters_what_it_worked_before_and_nothing_else() -> None:
    handed_over = ready().given(asked("hand_over")).by(HOLDER)
    handed_over.when(asked("deliver_day", date="2026-03-30")).then_done()
    handed_over.when(asked("record_expense", date="2026-03-30")).then_done()
    handed_over.when(asked("deliver_day", day_id="D-2", date="2026-03-31")).then_rejected(NotAllowed)
    handed_over.when(asked("open_action", action_id="T-2")).then_rejected(NotAllowed)
    handed_over.when(asked("hold_review", review_id="R-2")).then_rejected(NotAllowed)
    handed_over.by(SUCCESSOR).when(asked("open_action", action_id="T-2")).then_done()


def test_a_mission_that_is_not_there_belongs_to_nobody() -> None:
    context = Context(on("2026-03-31"), HOLDER, CALENDAR)
    refuse_if_not_allowed(asked("open_action"), Facts(), context, "M-9")
    refuse_if_not_allowed(asked("open_action"), Facts(), context)


def test_each_role_sees_its_own_missions() -> None:
    mission = signed().network.mission("M-1")
    seen = [sees_mission(actor, mission) for actor in (ADMIN, HOLDER, CLIENT)]
    unseen = [sees_mission(actor, mission) for actor in (STRANGER, OTHER_CLIENT, ACCOUNTANT, AUDITOR)]
    assert seen == [True] * 3
    assert unseen == [False] * 4
    assert sees_mission(AUDITOR, mission, {"M-1"})
    assert not sees_mission(AUDITOR, mission, {"M-2"})


def test_a_cadre_sees_a_mission_up_to_its_handover_and_the_successor_all_of_it() -> None:
    mission = ready().given(asked("hand_over")).network.mission("M-1")
    assert sees_mission(HOLDER, mission)
    assert sees_until(HOLDER, mission) == on("2026-03-30")
    assert sees_mission(SUCCESSOR, mission)
    assert sees_until(SUCCESSOR, mission) is None
    assert sees_until(CLIENT, mission) is None
    assert sees_until(Actor(Role.NETWORK_ADMIN, "C-1"), mission) is None


def test_a_role_that_nobody_knows_is_a_mistake_of_ours() -> None:
    dreamer = Actor(cast(Role, "dreamer"))
    with pytest.raises(AssertionError, match="dreamer"):
        sees_mission(dreamer, signed().network.mission("M-1"))


def test_who_never_held_a_mission_sees_none_of_it_until_any_date() -> None:
    assert sees_until(STRANGER, signed().network.mission("M-1")) is None
