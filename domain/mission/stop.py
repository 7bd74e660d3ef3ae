"""A mission ends for good."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from domain.event import Command
from domain.mission.events import StopDecidedBy
from domain.values import IsoDate, Text


class StopMission(Command):
    """End the mission for good; the date is its last one."""

    NAME: ClassVar[str] = "stop_mission"
    on: IsoDate
    decided_by: StopDecidedBy
    reason: Text

    def business_date(self) -> date:
        return self.on
