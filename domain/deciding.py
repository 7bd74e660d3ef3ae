"""How a command becomes facts: what it needs to know, what it decides, and how streams fold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias, cast

from domain.billing import decider as billing_decider
from domain.billing import payments, series
from domain.event import Command, Context, Decision, Event, State
from domain.facts import Facts, Needs
from domain.mission import decider as mission_decider
from domain.mission.fold import fold
from domain.party import decider as party_decider
from domain.party.state import fold_cadre, fold_client, fold_issuer
from domain.streams import kind_of

__all__ = ["Facts", "Needs", "decide", "fold_stream", "needs"]


Fold: TypeAlias = Callable[[State | None, Iterable[Event]], State | None]


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


_FOLDS = cast(
    "dict[str, Fold]",
    {
        "mission": fold,
        "client": fold_client,
        "cadre": fold_cadre,
        "issuer": fold_issuer,
        "invoices": series.fold,
        "credit-notes": series.fold,
        "payment": payments.fold,
    },
)
"""By the kind of a stream. The closed catalogue and the decisions see to it that each holds its own events."""
