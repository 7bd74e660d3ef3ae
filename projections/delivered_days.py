"""Where a delivered day stands between the cadre's word and the client's money, for all that counts days."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeAlias

from domain.event import Event, Recorded
from domain.mission.events import (
    DayDisputed,
    DaysApproved,
    DaysCredited,
    DaysInvoiced,
    DaysReleased,
    DayWithdrawn,
    DisputeSettled,
    SettlementOutcome,
)
from projections.read_model import Key, stream_id


class Standing(StrEnum):
    """The last thing that was said of a delivered day."""

    DELIVERED = "delivered"
    APPROVED = "approved"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"
    INVOICED = "invoiced"
    CREDITED = "credited"
    RELEASED = "released"
    """Given back by a credit note, to be billed again: ready, whatever the terms say of approval."""


class Bucket(StrEnum):
    """Where a delivered day is counted; each stands in exactly one (contract, section 8)."""

    WITHDRAWN = "withdrawn"
    AWAITING_APPROVAL = "awaiting_approval"
    DISPUTED = "disputed"
    READY = "ready"
    INVOICED = "invoiced"
    CREDITED = "credited"


_BUCKETS = {
    Standing.APPROVED: Bucket.READY,
    Standing.DISPUTED: Bucket.DISPUTED,
    Standing.WITHDRAWN: Bucket.WITHDRAWN,
    Standing.INVOICED: Bucket.INVOICED,
    Standing.CREDITED: Bucket.CREDITED,
    Standing.RELEASED: Bucket.READY,
}


def bucket(standing: Standing, approval_required: bool) -> Bucket:
    """Where a day is counted, given whether the terms in force on its date ask for the client's approval."""
    if standing is Standing.DELIVERED:
        return Bucket.AWAITING_APPROVAL if approval_required else Bucket.READY
    return _BUCKETS[standing]


DayEvent: TypeAlias = (
    DayWithdrawn | DaysApproved | DayDisputed | DisputeSettled | DaysInvoiced | DaysCredited | DaysReleased
)

DAY_EVENTS: tuple[type[DayEvent], ...] = (
    DayWithdrawn,
    DaysApproved,
    DayDisputed,
    DisputeSettled,
    DaysInvoiced,
    DaysCredited,
    DaysReleased,
)
"""What moves a delivered day from one standing to another."""


def moves(event: DayEvent) -> Standing:
    """The standing that the event gives to its days."""
    if isinstance(event, DisputeSettled):
        return Standing.APPROVED if event.outcome is SettlementOutcome.APPROVED else Standing.WITHDRAWN
    return _MOVES[type(event)]


_MOVES: dict[type[Event], Standing] = {
    DayWithdrawn: Standing.WITHDRAWN,
    DaysApproved: Standing.APPROVED,
    DayDisputed: Standing.DISPUTED,
    DaysInvoiced: Standing.INVOICED,
    DaysCredited: Standing.CREDITED,
    DaysReleased: Standing.RELEASED,
}


def day_keys(event: DayEvent, recorded: Recorded[Event]) -> Iterable[Key]:
    """The days that an event moves, by mission and id."""
    mission_id = stream_id(recorded)
    if isinstance(event, DayWithdrawn | DayDisputed | DisputeSettled):
        return ((mission_id, event.day_id),)
    return [(mission_id, day_id) for day_id in event.day_ids]
