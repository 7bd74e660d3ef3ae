"""Every command that a mission answers, on one page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias, TypeVar

from domain.availability import cadre_day
from domain.event import Command, Context, Filed
from domain.facts import Facts, Needs
from domain.mission.accesses import DocumentAccess, RevokeAccess, document_access, revoke_access
from domain.mission.actions import CloseAction, OpenAction, close_action, open_action
from domain.mission.contract import (
    AmendMission,
    ExtendMission,
    SignMission,
    amend_mission,
    extend_mission,
    sign_mission,
)
from domain.mission.days import (
    ApproveDays,
    DeliverDay,
    DisputeDay,
    SettleDispute,
    WithdrawDay,
    approve_days,
    deliver_day,
    dispute_day,
    settle_dispute,
    withdraw_day,
    worked_by,
)
from domain.mission.events import MissionEvent
from domain.mission.expenses import RecordExpense, WithdrawExpense, record_expense, withdraw_expense
from domain.mission.filing import filed, filed_letter
from domain.mission.handover import (
    CompleteHandoverItem,
    HandOver,
    StartHandover,
    complete_handover_item,
    hand_over,
    start_handover,
)
from domain.mission.objectives import (
    CloseObjective,
    RecordMeasurement,
    ReviseObjective,
    SetObjective,
    close_objective,
    record_measurement,
    revise_objective,
    set_objective,
)
from domain.mission.pauses import PauseMission, ResumeMission, pause_mission, resume_mission
from domain.mission.reviews import HoldReview, RecordDecision, hold_review, record_decision
from domain.mission.risks import CloseRisk, IdentifyRisk, close_risk, identify_risk
from domain.mission.state import Mission
from domain.mission.stop import StopMission, stop_mission
from domain.rejections import Malformed, UnknownMission
from domain.streams import cadre_day_tag, cadre_stream, client_stream, day_tag, issuer_stream, mission_stream

C = TypeVar("C", bound=Command)
Rule: TypeAlias = Callable[[Mission, Command, Facts, Context], MissionEvent]
"""How a command on a mission that was signed is decided."""


def needs(command: Command, mission_id: str | None, facts: Facts) -> Needs:
    """What a mission's decision reads; more of it once the mission is known."""
    if isinstance(command, SignMission):
        return _needs_of_a_letter(command)
    if mission_id is None:
        return Needs()
    stream = mission_stream(mission_id)
    match command:
        case DeliverDay():
            return _needs_of_a_day(command, mission_id, facts)
        case StartHandover(successor_id=str(cadre_id)) | HandOver(to_cadre_id=cadre_id):
            return Needs(frozenset({stream, cadre_stream(cadre_id)}))
        case _:
            return Needs(frozenset({stream}))


def decide(command: Command, mission_id: str | None, facts: Facts, context: Context) -> list[Filed]:
    """The facts that a command makes, or the rejection that says what stands in its way."""
    if isinstance(command, SignMission):
        return [_signed(command, mission_id, facts, context)]
    if mission_id is None:
        raise Malformed(f"{command.NAME} is about one mission: name it")
    mission = facts.mission(mission_id)
    if mission is None:
        raise UnknownMission(f"{mission_id} is no mission: sign its letter first")
    return [filed(mission, _RULES[type(command)](mission, command, facts, context))]


def _needs_of_a_letter(command: SignMission) -> Needs:
    return Needs(
        frozenset(
            {
                mission_stream(command.mission_id),
                client_stream(command.client_id),
                cadre_stream(command.cadre_id),
                issuer_stream(command.terms.issuer_id),
            }
        )
    )


def _needs_of_a_day(command: DeliverDay, mission_id: str, facts: Facts) -> Needs:
    stream = mission_stream(mission_id)
    mission = facts.mission(mission_id)
    if mission is None:
        return Needs(frozenset({stream}))
    cadre_id = worked_by(mission, command)
    return Needs(
        frozenset({stream, cadre_stream(cadre_id)}),
        frozenset({day_tag(command.day_id), cadre_day_tag(cadre_id, command.date)}),
    )


def _signed(command: SignMission, mission_id: str | None, facts: Facts, context: Context) -> Filed:
    if mission_id not in (None, command.mission_id):
        raise Malformed(f"the letter is for {command.mission_id}, not for {mission_id}: name one mission")
    event = sign_mission(
        facts.mission(command.mission_id),
        command,
        context,
        client=facts.client(command.client_id),
        cadre=facts.cadre(command.cadre_id),
        issuer=facts.issuer(command.terms.issuer_id),
    )
    return filed_letter(event)


def _delivered(mission: Mission, command: DeliverDay, facts: Facts, context: Context) -> MissionEvent:
    cadre_id = worked_by(mission, command)
    taken = facts.tagged(cadre_day_tag(cadre_id, command.date))
    return deliver_day(
        mission,
        command,
        context,
        used=bool(facts.tagged(day_tag(command.day_id))),
        cadre=facts.cadre(cadre_id),
        taken=cadre_day(cadre_id, command.date, (recorded.event for recorded in taken)),
    )


def _handover_started(mission: Mission, command: StartHandover, facts: Facts, _context: Context) -> MissionEvent:
    successor = None if command.successor_id is None else facts.cadre(command.successor_id)
    return start_handover(mission, command, successor=successor)


def _handed_over(mission: Mission, command: HandOver, facts: Facts, _context: Context) -> MissionEvent:
    return hand_over(mission, command, successor=facts.cadre(command.to_cadre_id))


def _at_any_time(
    decision: Callable[[Mission, C], MissionEvent], mission: Mission, command: C, _facts: Facts, _context: Context
) -> MissionEvent:
    """A decision that asks the mission alone."""
    return decision(mission, command)


def _as_of_today(
    decision: Callable[[Mission, C, Context], MissionEvent], mission: Mission, command: C, _: Facts, context: Context
) -> MissionEvent:
    """A decision that asks which date it is."""
    return decision(mission, command, context)


# A rule is asked with its own command alone: `partial` lets each name the one that it answers.
_RULES: dict[type[Command], Rule] = {
    AmendMission: partial(_as_of_today, amend_mission),
    ExtendMission: partial(_as_of_today, extend_mission),
    PauseMission: partial(_as_of_today, pause_mission),
    ResumeMission: partial(_as_of_today, resume_mission),
    StopMission: partial(_at_any_time, stop_mission),
    SetObjective: partial(_as_of_today, set_objective),
    ReviseObjective: partial(_as_of_today, revise_objective),
    CloseObjective: partial(_at_any_time, close_objective),
    RecordMeasurement: partial(_as_of_today, record_measurement),
    DeliverDay: partial(_delivered),
    WithdrawDay: partial(_at_any_time, withdraw_day),
    ApproveDays: partial(_at_any_time, approve_days),
    DisputeDay: partial(_at_any_time, dispute_day),
    SettleDispute: partial(_at_any_time, settle_dispute),
    RecordExpense: partial(_as_of_today, record_expense),
    WithdrawExpense: partial(_at_any_time, withdraw_expense),
    HoldReview: partial(_as_of_today, hold_review),
    RecordDecision: partial(_as_of_today, record_decision),
    OpenAction: partial(_as_of_today, open_action),
    CloseAction: partial(_at_any_time, close_action),
    IdentifyRisk: partial(_as_of_today, identify_risk),
    CloseRisk: partial(_at_any_time, close_risk),
    DocumentAccess: partial(_as_of_today, document_access),
    RevokeAccess: partial(_at_any_time, revoke_access),
    StartHandover: partial(_handover_started),
    CompleteHandoverItem: partial(_at_any_time, complete_handover_item),
    HandOver: partial(_handed_over),
}

MISSION_COMMANDS: tuple[type[Command], ...] = (SignMission, *_RULES)
