"""How a command becomes facts: what it needs to know, what it decides, and how streams fold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from domain.billing import decider as billing_decider
from domain.billing import payments, series
from domain.billing.events import CreditNoteIssued, InvoiceIssued
from domain.billing.payments import Payment, PaymentEvent
from domain.billing.series import Series
from domain.event import Command, Context, Decision, Event, State
from domain.facts import Facts, Needs
from domain.mission import decider as mission_decider
from domain.mission.events import MissionEvent
from domain.mission.fold import fold
from domain.mission.state import Mission
from domain.party import decider as party_decider
from domain.party.events import CadreEvent, ClientEvent, IssuerEvent
from domain.party.state import Cadre, Client, Issuer, fold_cadre, fold_client, fold_issuer
from domain.streams import kind_of

__all__ = ["Facts", "Needs", "decide", "fold_stream", "needs"]


def needs(command: Command, mission_id: str | None, facts: Facts, _context: Context) -> Needs:
    """The streams and tags that the decision reads; ask again with them until nothing new is named."""
    if isinstance(command, party_decider.PARTY_COMMANDS):
        return party_decider.needs(command, facts)
    if isinstance(command, billing_decider.BILLING_COMMANDS):
        return billing_decider.needs(command, facts)
    return mission_decider.needs(command, mission_id, facts)


def decide(command: Command, mission_id: str | None, facts: Facts, context: Context) -> Decision:
    """The facts that the command makes, or a CommandRejected."""
    if isinstance(command, party_decider.PARTY_COMMANDS):
        return party_decider.decide(command, facts)
    if isinstance(command, billing_decider.BILLING_COMMANDS):
        return billing_decider.decide(command, facts, context)
    return mission_decider.decide(command, mission_id, facts, context)


def fold_stream(stream: str, state: State | None, events: Iterable[Event]) -> State | None:
    """What a stream adds up to after more events; folds never refuse."""
    return _FOLDS[kind_of(stream)](state, events)


def _fold_mission(state: State | None, events: Iterable[Event]) -> State | None:
    return fold(cast("Mission | None", state), cast("Iterable[MissionEvent]", events))


def _fold_client(state: State | None, events: Iterable[Event]) -> State | None:
    return fold_client(cast("Client | None", state), cast("Iterable[ClientEvent]", events))


def _fold_cadre(state: State | None, events: Iterable[Event]) -> State | None:
    return fold_cadre(cast("Cadre | None", state), cast("Iterable[CadreEvent]", events))


def _fold_issuer(state: State | None, events: Iterable[Event]) -> State | None:
    return fold_issuer(cast("Issuer | None", state), cast("Iterable[IssuerEvent]", events))


def _fold_series(state: State | None, events: Iterable[Event]) -> State | None:
    return series.fold(cast("Series | None", state), cast("Iterable[InvoiceIssued | CreditNoteIssued]", events))


def _fold_payment(state: State | None, events: Iterable[Event]) -> State | None:
    return payments.fold(cast("Payment | None", state), cast("Iterable[PaymentEvent]", events))


_FOLDS: dict[str, Callable[[State | None, Iterable[Event]], State | None]] = {
    "mission": _fold_mission,
    "client": _fold_client,
    "cadre": _fold_cadre,
    "issuer": _fold_issuer,
    "invoices": _fold_series,
    "credit-notes": _fold_series,
    "payment": _fold_payment,
}
"""By the kind of a stream. The closed catalogue and the decisions see to it that each holds its own events."""
