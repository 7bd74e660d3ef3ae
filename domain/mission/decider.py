"""Every command that a mission answers, on one page."""

from __future__ import annotations

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
from domain.party.state import Cadre
from domain.rejections import Malformed, UnknownMission
from domain.streams import cadre_day_tag, cadre_stream, client_stream, day_tag, issuer_stream, mission_stream

MISSION_COMMANDS: tuple[type[Command], ...] = (
    SignMission,
    AmendMission,
    ExtendMission,
    PauseMission,
    ResumeMission,
    StopMission,
    SetObjective,
    ReviseObjective,
    CloseObjective,
    RecordMeasurement,
    DeliverDay,
    WithdrawDay,
    ApproveDays,
    DisputeDay,
    SettleDispute,
    RecordExpense,
    WithdrawExpense,
    HoldReview,
    RecordDecision,
    OpenAction,
    CloseAction,
    IdentifyRisk,
    CloseRisk,
    DocumentAccess,
    RevokeAccess,
    StartHandover,
    CompleteHandoverItem,
    HandOver,
)


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
    return [filed(mission, _decided(mission, command, facts, context))]


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


def _decided(mission: Mission, command: Command, facts: Facts, context: Context) -> MissionEvent:
    match command:
        case AmendMission():
            return amend_mission(mission, command, context)
        case ExtendMission():
            return extend_mission(mission, command, context)
        case PauseMission():
            return pause_mission(mission, command, context)
        case ResumeMission():
            return resume_mission(mission, command, context)
        case StopMission():
            return stop_mission(mission, command)
        case SetObjective():
            return set_objective(mission, command, context)
        case ReviseObjective():
            return revise_objective(mission, command, context)
        case CloseObjective():
            return close_objective(mission, command)
        case RecordMeasurement():
            return record_measurement(mission, command, context)
        case DeliverDay():
            return _delivered(mission, command, facts, context)
        case WithdrawDay():
            return withdraw_day(mission, command)
        case ApproveDays():
            return approve_days(mission, command)
        case DisputeDay():
            return dispute_day(mission, command)
        case SettleDispute():
            return settle_dispute(mission, command)
        case RecordExpense():
            return record_expense(mission, command, context)
        case WithdrawExpense():
            return withdraw_expense(mission, command)
        case HoldReview():
            return hold_review(mission, command, context)
        case RecordDecision():
            return record_decision(mission, command, context)
        case OpenAction():
            return open_action(mission, command, context)
        case CloseAction():
            return close_action(mission, command)
        case IdentifyRisk():
            return identify_risk(mission, command, context)
        case CloseRisk():
            return close_risk(mission, command)
        case DocumentAccess():
            return document_access(mission, command, context)
        case RevokeAccess():
            return revoke_access(mission, command)
        case StartHandover():
            return start_handover(mission, command, successor=_cadre(facts, command.successor_id))
        case CompleteHandoverItem():
            return complete_handover_item(mission, command)
        case HandOver():
            return hand_over(mission, command, successor=_cadre(facts, command.to_cadre_id))
        case _:
            raise TypeError(f"{command.NAME} is no command of a mission")


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


def _cadre(facts: Facts, cadre_id: str | None) -> Cadre | None:
    return None if cadre_id is None else facts.cadre(cadre_id)
