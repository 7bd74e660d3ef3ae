"""Time delivered: a cadre delivers and withdraws days, the client approves or disputes them."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from domain.event import NAMELESS, Command
from domain.mission.events import Half, Place, SettlementOutcome
from domain.values import Id, Ids, IsoDate, Month, PositiveNumber, Text


class DeliverDay(Command):
    """Enter time worked on one date: a day or half of one, or hours on an hourly mission."""

    NAME: ClassVar[str] = "deliver_day"
    NAMES: ClassVar[str | None] = "day_id"
    day_id: Id = NAMELESS
    date: IsoDate
    quantity: PositiveNumber
    half: Half | None = None
    place: Place | None = None
    summary: Text
    objective_ids: Ids | None = None
    cadre_id: Id | None = None
    """Who worked; left out, the cadre who holds the mission on that date."""
    exceptional: Annotated[bool, Field(strict=True)] = False

    def business_date(self) -> Date:
        return self.date


class WithdrawDay(Command):
    """Take a delivered day back."""

    NAME: ClassVar[str] = "withdraw_day"
    day_id: Id
    reason: Text


class ApproveDays(Command):
    """Approve delivered days, named one by one or all that wait in a month."""

    NAME: ClassVar[str] = "approve_days"
    day_ids: Annotated[Ids, Field(min_length=1)] | None = None
    month: Month | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ApproveDays:
        if (self.day_ids is None) == (self.month is None):
            raise ValueError("name either day_ids or a month")
        return self


class DisputeDay(Command):
    """Dispute a delivered day, and say why."""

    NAME: ClassVar[str] = "dispute_day"
    day_id: Id
    reason: Text


class SettleDispute(Command):
    """Settle a disputed day: it is approved, or withdrawn."""

    NAME: ClassVar[str] = "settle_dispute"
    day_id: Id
    outcome: SettlementOutcome
    note: Text
