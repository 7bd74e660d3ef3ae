"""Every decision that can be asked of the service, by the name that HTTP and journals use."""

from __future__ import annotations

from collections.abc import Mapping

from domain.event import Command
from domain.mission.accesses import DocumentAccess, RevokeAccess
from domain.mission.actions import CloseAction, OpenAction
from domain.mission.contract import AmendMission, ExtendMission, SignMission
from domain.mission.days import ApproveDays, DeliverDay, DisputeDay, SettleDispute, WithdrawDay
from domain.mission.expenses import RecordExpense, WithdrawExpense
from domain.mission.handover import CompleteHandoverItem, HandOver, StartHandover
from domain.mission.objectives import CloseObjective, RecordMeasurement, ReviseObjective, SetObjective
from domain.mission.pauses import PauseMission, ResumeMission
from domain.mission.reviews import HoldReview, RecordDecision
from domain.mission.risks import CloseRisk, IdentifyRisk
from domain.mission.stop import StopMission
from domain.party.cadres import CorrectCadre, RegisterCadre
from domain.party.clients import CorrectClient, RegisterClient
from domain.party.forgetting import ForgetPerson
from domain.party.issuers import CorrectIssuer, RegisterIssuer

PARTY_COMMANDS: tuple[type[Command], ...] = (
    RegisterClient,
    CorrectClient,
    RegisterCadre,
    CorrectCadre,
    RegisterIssuer,
    CorrectIssuer,
    ForgetPerson,
)

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

COMMANDS: Mapping[str, type[Command]] = {
    command_type.NAME: command_type for command_type in (*PARTY_COMMANDS, *MISSION_COMMANDS)
}
