"""A cadre's time on one date, over all missions: each half once, one whole day at most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.event import Event
from domain.mission.events import (
    DayDelivered,
    DaysCredited,
    DayWithdrawn,
    DisputeSettled,
    Half,
    SettlementOutcome,
    Unit,
)

HOURS_IN_A_DAY = 8
WHOLE_DAY = Decimal(1)


@dataclass(frozen=True, slots=True)
class CadreDay:
    """What is taken of a cadre's date: a share of the day, and which of its halves."""

    share: Decimal = Decimal(0)
    halves: frozenset[Half] = frozenset()

    @property
    def free(self) -> Decimal:
        """The share of the day that is left."""
        return WHOLE_DAY - self.share

    @property
    def first_free_half(self) -> Half:
        """The morning if it is free, else the afternoon."""
        return Half.PM if Half.AM in self.halves else Half.AM

    def has_room_for(self, share: Decimal) -> bool:
        """Whether a share of the day is left."""
        return share <= self.free

    def are_free(self, halves: Iterable[Half]) -> bool:
        """Whether nobody took one of the halves."""
        return self.halves.isdisjoint(halves)


def cadre_day(cadre_id: str, on: date, events: Iterable[Event]) -> CadreDay:
    """The fold of all that took or freed the cadre's time on the date, in the order of history."""
    taken: dict[str, DayDelivered] = {}
    for event in events:
        match event:
            case DayDelivered() if event.cadre_id == cadre_id and event.date == on:
                taken[event.day_id] = event
            case DayWithdrawn(day_id=day_id) | DisputeSettled(day_id=day_id, outcome=SettlementOutcome.WITHDRAWN):
                taken.pop(day_id, None)
            case DaysCredited(day_ids=day_ids):
                for day_id in day_ids:
                    taken.pop(day_id, None)
            case _:
                pass
    return CadreDay(
        share=sum((_share(day) for day in taken.values()), Decimal(0)),
        halves=frozenset(half for day in taken.values() for half in _halves(day)),
    )


def _share(day: DayDelivered) -> Decimal:
    return day.quantity / HOURS_IN_A_DAY if day.unit is Unit.HOUR else day.quantity


def _halves(day: DayDelivered) -> tuple[Half, ...]:
    if day.unit is Unit.HOUR:
        return ()
    return tuple(Half) if day.half is None else (day.half,)
