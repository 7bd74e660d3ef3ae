"""A cadre leaves and a successor takes the mission over (passation), once the checklist holds."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from domain.event import Command
from domain.mission.events import HandoverItem
from domain.values import Id, IsoDate, Text


class StartHandover(Command):
    """Announce that the cadre leaves; opens the four items."""

    NAME: ClassVar[str] = "start_handover"
    reason: Text
    leaving_on: IsoDate
    successor_id: Id | None = None


class CompleteHandoverItem(Command):
    """Tick off an item of the handover."""

    NAME: ClassVar[str] = "complete_handover_item"
    item_id: Id
    note: Text | None = None


class HandOver(Command):
    """Give the mission to its successor; a network admin's reason lets an incomplete checklist pass."""

    NAME: ClassVar[str] = "hand_over"
    to_cadre_id: Id
    effective_on: IsoDate
    accepted_by: Text
    override_reason: Text | None = None

    def business_date(self) -> date:
        return self.effective_on
