"""Who may ask for what (contract, section 4)."""

from __future__ import annotations

from collections.abc import Mapping

from domain.event import Actor, Command, Context, Role
from domain.facts import Facts
from domain.mission.days import DeliverDay
from domain.mission.decider import MISSION_COMMANDS
from domain.mission.expenses import RecordExpense
from domain.mission.handover import HandOver
from domain.mission.reviews import HoldReview
from domain.mission.state import Mission
from domain.rejections import NotAllowed
from domain.visibility import sees_mission

BILLING = frozenset(
    {
        "issue_invoices",
        "issue_credit_note",
        "record_payment",
        "allocate_payment",
        "deallocate_payment",
        "withdraw_payment",
        "record_refund",
    }
)

OF_THE_LETTER = frozenset({"sign_mission", "amend_mission", "extend_mission"})

OF_THE_CLIENT = frozenset(
    {"approve_days", "dispute_day", "settle_dispute", "pause_mission", "resume_mission", "stop_mission"}
)

OF_BOTH = frozenset({"hold_review", "hand_over"})
"""A client states satisfaction in a review and accepts a handover; a cadre reports and hands over."""

MAY: Mapping[Role, frozenset[str]] = {
    Role.CLIENT: OF_THE_CLIENT | OF_BOTH,
    Role.CADRE: frozenset(command.NAME for command in MISSION_COMMANDS) - OF_THE_LETTER - OF_THE_CLIENT,
    Role.ACCOUNTANT: BILLING,
    Role.AUDITOR: frozenset(),
}


def may(command_name: str, role: Role) -> bool:
    """Whether the role may ask for such a command at all; a network admin may do all."""
    return role is Role.NETWORK_ADMIN or command_name in MAY[role]


def refuse_if_not_allowed(command: Command, facts: Facts, context: Context, mission_id: str | None = None) -> None:
    """Raises NotAllowed where the role, or this very actor, may not ask for this very command."""
    actor = context.actor
    if not may(command.NAME, actor.role):
        raise NotAllowed(f"a token of role {actor.role} may not ask for {command.NAME}: ask somebody who may")
    if actor.role is Role.NETWORK_ADMIN:
        return
    if isinstance(command, HandOver) and command.override_reason is not None:
        raise NotAllowed("only a network admin overrides the checklist: leave override_reason out")
    if isinstance(command, HoldReview) and actor.role is Role.CADRE and _speaks_for_the_dirigeant(command):
        raise NotAllowed("satisfaction and acts_as_cadre are the dirigeant's to state: leave them out")
    mission = None if mission_id is None else facts.mission(mission_id)
    if mission is not None and not _is_its_own(actor, mission, command, context):
        raise NotAllowed(f"{mission_id} is not {actor.id}'s mission: ask its cadre or its client")


def _speaks_for_the_dirigeant(review: HoldReview) -> bool:
    return review.satisfaction is not None or review.acts_as_cadre is not None


def _is_its_own(actor: Actor, mission: Mission, command: Command, context: Context) -> bool:
    if actor.role is not Role.CADRE:
        return sees_mission(actor, mission)
    if mission.holder_on(context.today) == actor.id:
        return True
    late_entry = isinstance(command, (DeliverDay, RecordExpense))
    return late_entry and mission.holder_on(context.occurred_on(command)) == actor.id
